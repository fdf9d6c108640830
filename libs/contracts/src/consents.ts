import { z } from 'zod';
import { cloud, domain, entraConnection } from './customers.js';
import { id, instantOut, oneById, text } from './fields.js';
import { route } from './route.js';

const consent = z
  .strictObject({
    customerId: id,
    cloud,
    clientId: id,
    expectedTenantId: id
      .nullable()
      .meta({ description: 'The only tenant that counts; null: none was named, so an admin confirms one.' }),
    domain: text(255).nullable(),
    state: z.enum(['open', 'expired', 'waiting', 'to_confirm', 'connected', 'failed', 'withdrawn']).meta({
      description:
        'open: nobody has come back by the link; expired: and nobody can any more; waiting: Entra is asked until it knows of the ' +
        'consent; to_confirm: compare the tenant with the customer, then confirm it; failed: `problem` says why.',
    }),
    madeAt: instantOut,
    expiresAt: instantOut,
    answeredAt: instantOut.nullable(),
    claimedTenantId: id
      .nullable()
      .meta({ description: 'What the redirect said. Anybody can say so: it is no proof.' }),
    tenant: z
      .strictObject({
        tenantId: id,
        displayName: text(1_000),
        domains: z.array(text(255)).max(50).meta({ description: 'On which accounts can be made.' }),
      })
      .nullable()
      .meta({
        description: 'What the app itself has read there, with a token that Entra gave for that tenant.',
      }),
    problem: z
      .strictObject({
        code: text(100),
        says: text(1_000),
        mend: text(1_000),
        entraCode: text(40).nullable(),
        missingPermissions: z.array(text(200)).max(100),
      })
      .nullable(),
  })
  .meta({ id: 'Consent', description: "What a link asked of a customer's admin, and what came of it." });
export type ConsentOut = z.output<typeof consent>;

const consentLink = z
  .strictObject({
    url: text(2_000).meta({
      description: 'For an admin of the customer, once. It is shown this once; whoever has it can use it.',
    }),
    redirectUri: text(1_000).meta({ description: 'Where Entra sends him back: registered with your app.' }),
    expiresAt: instantOut,
    consent,
  })
  .meta({ id: 'ConsentLink' });

const DAY_SECONDS = 86_400;
const tag = 'Consent';

/** Whatever else than one such text is as if it were not there: people come with what a browser brings. */
const word = (most: number) => z.string().max(most).optional().catch(undefined);

export const consentRoutes = {
  makeConsentLink: route({
    id: 'makeConsentLink',
    tag,
    method: 'POST',
    path: '/api/v1/customers/{id}/consent-link',
    permission: 'entra-connection:write',
    summary: "Make a link by which an admin of the customer consents to your organization's app",
    description:
      'A link from before is void then. Name `tenantId` where you know it: no other tenant counts then, and with `domain` the ' +
      'customer is connected by itself. Without it somebody has to confirm the tenant, since whoever has the link can come with ' +
      'another one.',
    request: {
      params: oneById,
      body: z.strictObject({
        cloud: cloud.default('global'),
        tenantId: id.optional(),
        domain: domain.optional(),
        expiresInSeconds: z
          .int()
          .min(300)
          .max(30 * DAY_SECONDS)
          .default(7 * DAY_SECONDS)
          .meta({ description: 'How long the link is good: five minutes to thirty days.' }),
      }),
    },
    success: { status: 200, description: 'The link, shown this once.', schema: consentLink },
    refusals: [404, 409],
  }),
  getConsent: route({
    id: 'getConsent',
    tag,
    method: 'GET',
    path: '/api/v1/customers/{id}/consent',
    permission: 'entra-connection:read',
    summary: "Read how far a customer's consent has come",
    request: { params: oneById },
    success: { status: 200, description: 'The last one that was asked for.', schema: consent },
    refusals: [404],
  }),
  confirmConsent: route({
    id: 'confirmConsent',
    tag,
    method: 'POST',
    path: '/api/v1/customers/{id}/consent/confirm',
    permission: 'entra-connection:write',
    summary: "Say that the tenant that has consented is the customer's, and connect it",
    request: {
      params: oneById,
      body: z.strictObject({
        tenantId: id.meta({ description: 'As the consent shows it.' }),
        domain,
      }),
    },
    success: { status: 200, description: 'The connection.', schema: entraConnection },
    refusals: [404, 409],
  }),
  withdrawConsent: route({
    id: 'withdrawConsent',
    tag,
    method: 'DELETE',
    path: '/api/v1/customers/{id}/consent',
    permission: 'entra-connection:write',
    summary: 'Make a consent link void, or give up what came of it',
    description:
      'What was consented to in a tenant stays there, until somebody deletes the enterprise application.',
    request: { params: oneById },
    success: { status: 200, description: 'It is void.', schema: consent },
    refusals: [404, 409],
  }),
  consentCallback: route({
    id: 'consentCallback',
    tag,
    method: 'GET',
    path: '/api/v1/consent/callback',
    permission: 'public',
    page: true,
    summary: 'Where Entra sends an admin back who was asked to consent',
    description:
      'A page for people. What it is told is taken down, once for each link, and believed of nobody: Entra itself is asked then.',
    request: {
      query: z.object({
        state: word(200),
        tenant: word(100),
        admin_consent: word(20),
        error: word(200),
        error_description: word(4_000),
      }),
    },
    success: { status: 200, description: 'What to do next.', schema: text(10_000) },
    refusals: [],
  }),
};

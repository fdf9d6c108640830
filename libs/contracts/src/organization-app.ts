import { z } from 'zod';
import { id, instantIn, instantOut } from './fields.js';
import { cloud, credential } from './customers.js';
import { route } from './route.js';

const organizationApp = z
  .strictObject({
    id,
    cloud,
    tenantId: id.meta({ description: 'Where its credential is proven.' }),
    clientId: id,
    credentialKind: z.enum(['secret', 'certificate', 'federated']),
    checkedAt: instantOut,
    credentialEndsAt: instantOut
      .nullable()
      .meta({ description: 'When the credential ends; null: it does not say so, and nobody told.' }),
    version: z.int(),
    redirectUri: z.string().max(1_000).nullable().meta({
      description:
        'Register it with the app (platform Web): Entra sends admins back there. Null: the deployment does not know its own address.',
    }),
    customers: z.int().meta({ description: 'How many customers are connected by it.' }),
  })
  .meta({
    id: 'OrganizationApp',
    description:
      'A multi-tenant app registration of your own, that customers consent to in place of one in each of their tenants. Its ' +
      'credential opens all of them, and is never read back out.',
  });
export type OrganizationAppOut = z.output<typeof organizationApp>;

const tag = 'Organization app';
const path = '/api/v1/organization-app';
const inCloud = z.strictObject({
  cloud: cloud.default('global').meta({ description: 'There is one app for each cloud.' }),
});

export const organizationAppRoutes = {
  setOrganizationApp: route({
    id: 'setOrganizationApp',
    tag,
    method: 'PUT',
    path,
    permission: 'organization-app:write',
    summary: 'Give your organization an app of its own, or exchange its credential',
    description:
      'The credential is proven first, by a token for `tenantId`; when anything is wrong with it, nothing is stored and every ' +
      'customer goes on with what was there. Once it is stored it counts for all of them, and what waited for it is tried again ' +
      'within a minute. Leave the old credential valid in Entra for five minutes more.',
    request: {
      body: z.strictObject({
        cloud: cloud
          .default('global')
          .meta({ description: '`custom` only where the deployment defines it.' }),
        tenantId: id.meta({ description: 'Your own tenant, or one that has consented to the app.' }),
        clientId: id,
        credential,
        credentialEndsAt: instantIn.optional().meta({
          description:
            'When a secret ends (Entra does not tell us): Curfew warns before. A certificate says it itself.',
        }),
      }),
    },
    success: { status: 200, description: 'The app, without its credential.', schema: organizationApp },
    refusals: [409],
  }),
  getOrganizationApp: route({
    id: 'getOrganizationApp',
    tag,
    method: 'GET',
    path,
    permission: 'organization-app:read',
    summary: 'Read what is known of the app of your organization',
    request: { query: inCloud },
    success: { status: 200, description: 'All but the credential.', schema: organizationApp },
    refusals: [404],
  }),
  removeOrganizationApp: route({
    id: 'removeOrganizationApp',
    tag,
    method: 'DELETE',
    path,
    permission: 'organization-app:write',
    summary: 'Take the app of your organization away, once no customer is connected by it',
    request: { query: inCloud },
    success: { status: 200, description: 'It is gone.', schema: organizationApp },
    refusals: [404, 409],
  }),
};

import { z } from 'zod';
import {
  createHeaders,
  id,
  instantIn,
  instantOut,
  line,
  oneById,
  pageOf,
  pageQuery,
  text,
} from './fields.js';
import { route } from './route.js';

export const cloud = z.enum(['global', 'us-government', 'china', 'custom']);

export const customer = z
  .strictObject({
    id,
    name: text(200),
    state: z.enum(['active', 'removing', 'removed']),
    createdAt: instantOut,
    expectedTenant: z
      .strictObject({ cloud, tenantId: id.nullable(), domain: text(255).nullable() })
      .nullable()
      .meta({ description: 'What was announced of its tenant when it was imported; null: nothing.' }),
  })
  .meta({ id: 'Customer' });
export type CustomerOut = z.output<typeof customer>;

const offered = [
  z.strictObject({
    kind: z.literal('secret'),
    value: z.string().min(1).max(32_768).meta({ description: 'The value of a client secret.' }),
  }),
  z.strictObject({
    kind: z.literal('certificate'),
    value: z
      .string()
      .min(1)
      .max(32_768)
      .meta({ description: 'A PEM with certificate and private key, the key not encrypted.' }),
  }),
  z.strictObject({
    kind: z.literal('pfx'),
    value: z
      .base64()
      .min(1)
      .max(65_536)
      .meta({ description: 'A PFX (PKCS#12) file with certificate and private key, in base64.' }),
    password: z.string().max(256).default('').meta({
      description: 'With which the file was exported. It is used to open it, and kept nowhere.',
    }),
  }),
] as const;

export const credential = z
  .discriminatedUnion('kind', offered)
  .meta({ description: 'Written, and never read back out.' });
/** At a customer, whose app may have had a certificate made for it. */
const customerCredential = z
  .discriminatedUnion('kind', [
    ...offered,
    z.strictObject({
      kind: z
        .literal('pending-certificate')
        .meta({ description: 'The certificate that was made here, once it is uploaded.' }),
    }),
    z.strictObject({
      kind: z.literal('federated').meta({
        description:
          "The deployment's own workload identity, which the app trusts: only for the organization that the deployment names.",
      }),
    }),
  ])
  .meta({ description: 'Written, and never read back out.' });
export type CustomerCredentialIn = z.output<typeof customerCredential>;
export type OfferedCredentialIn = z.output<typeof credential>;

export const domain = z
  .string()
  .max(255)
  .regex(
    /^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)+$/,
    'must be a domain name',
  )
  .meta({ description: 'The verified, managed domain on which accounts are made.' });

export const entraConnection = z
  .strictObject({
    customerId: id,
    cloud,
    tenantId: id,
    app: z.enum(['own', 'organization']).meta({
      description: 'By an app registration of its own, or by that of your organization.',
    }),
    clientId: id,
    credentialKind: z.enum(['secret', 'certificate', 'federated']),
    domain: text(255),
    capabilities: z.strictObject({
      mayTouchRoleHolders: z
        .boolean()
        .meta({ description: "Whether Curfew's service principal may disable holders of directory roles." }),
      pass: z
        .strictObject({ minimumMinutes: z.int(), maximumMinutes: z.int(), onceOnly: z.boolean() })
        .nullable()
        .meta({ description: "The tenant's policy for Temporary Access Passes; null: switched off." }),
      timedRoles: z.boolean().meta({
        description:
          'Whether Entra itself can end roles there (Privileged Identity Management, with Entra ID P2 or Governance).',
      }),
    }),
    notes: z.array(text(1_000)).meta({ description: 'What you should know of this tenant.' }),
    state: z
      .enum(['active', 'removing'])
      .meta({ description: 'removing: used only to take away what is left, then it goes.' }),
    checkedAt: instantOut,
    credentialEndsAt: instantOut
      .nullable()
      .meta({ description: 'When the credential ends; null: it does not say so, and nobody told.' }),
    version: z.int(),
  })
  .meta({ id: 'EntraConnection', description: 'The credential is never read back out.' });
export type EntraConnectionOut = z.output<typeof entraConnection>;

export const revokerCredential = z
  .strictObject({
    customerId: id,
    tenantId: id,
    clientId: id,
    credentialKind: z.enum(['secret', 'certificate', 'federated']),
    state: z.enum(['active', 'removed']),
    checkedAt: instantOut,
    credentialEndsAt: instantOut
      .nullable()
      .meta({ description: 'When it ends; null: it does not say so, and nobody told.' }),
    version: z.int(),
  })
  .meta({
    id: 'RevokerCredential',
    description:
      "A second way into the customer's tenant, which only the revoker uses: when Entra refuses the connection's own " +
      'credential, what was given is still taken away. It is never read back out.',
  });
export type RevokerCredentialOut = z.output<typeof revokerCredential>;

const tag = 'Customers';

export const customerRoutes = {
  createCustomer: route({
    id: 'createCustomer',
    tag,
    method: 'POST',
    path: '/api/v1/customers',
    permission: 'customer:create',
    summary: 'Add a customer',
    request: { headers: createHeaders, body: z.strictObject({ name: line(200) }) },
    success: { status: 201, description: 'The customer.', schema: customer },
    refusals: [409],
  }),
  listCustomers: route({
    id: 'listCustomers',
    tag,
    method: 'GET',
    path: '/api/v1/customers',
    permission: 'customer:read',
    summary: 'List customers, oldest first',
    request: { query: pageQuery({}) },
    success: { status: 200, description: 'A page of customers.', schema: pageOf(customer) },
    refusals: [],
  }),
  getCustomer: route({
    id: 'getCustomer',
    tag,
    method: 'GET',
    path: '/api/v1/customers/{id}',
    permission: 'customer:read',
    summary: 'Read a customer',
    request: { params: oneById },
    success: { status: 200, description: 'The customer.', schema: customer },
    refusals: [404],
  }),
  connectCustomer: route({
    id: 'connectCustomer',
    tag,
    method: 'PUT',
    path: '/api/v1/customers/{id}/entra-connection',
    permission: 'entra-connection:write',
    summary: 'Connect a customer to its Entra tenant, or exchange the credential',
    description:
      'The tenant is asked first; when anything is wrong, nothing is stored and what was there stays in use.',
    request: {
      params: oneById,
      body: z.strictObject({
        cloud: cloud
          .default('global')
          .meta({ description: '`custom` only where the deployment defines it.' }),
        app: z
          .enum(['own', 'organization'])
          .default('own')
          .meta({
            description:
              'own: an app registration of its own, with `clientId` and `credential`. organization: the app of your organization, ' +
              'to which the tenant has consented, and neither of them.',
          }),
        tenantId: id,
        clientId: id.optional(),
        credential: customerCredential.optional(),
        credentialEndsAt: instantIn.optional().meta({
          description:
            'When a secret ends (Entra does not tell us): Curfew warns before. A certificate says it itself.',
        }),
        domain,
      }),
    },
    success: {
      status: 200,
      description: 'The connection, with what the tenant allows.',
      schema: entraConnection,
    },
    refusals: [404, 409],
  }),
  getEntraConnection: route({
    id: 'getEntraConnection',
    tag,
    method: 'GET',
    path: '/api/v1/customers/{id}/entra-connection',
    permission: 'entra-connection:read',
    summary: "Read a customer's Entra connection",
    request: { params: oneById },
    success: { status: 200, description: 'The connection, without its credential.', schema: entraConnection },
    refusals: [404],
  }),
  setRevokerCredential: route({
    id: 'setRevokerCredential',
    tag,
    method: 'PUT',
    path: '/api/v1/customers/{id}/entra-connection/revoker-credential',
    permission: 'entra-connection:write',
    summary: 'Give the revoker a credential of its own at this customer, or exchange it',
    description:
      'It must open the same tenant, with the same permissions, and be another credential than that of the connection; ' +
      'better still one of another app registration. When anything is wrong, nothing is stored.',
    request: {
      params: oneById,
      body: z.strictObject({
        clientId: id,
        credential: customerCredential,
        credentialEndsAt: instantIn
          .optional()
          .meta({ description: 'When a secret ends; a certificate says it itself.' }),
      }),
    },
    success: { status: 200, description: 'What is known of it.', schema: revokerCredential },
    refusals: [404, 409],
  }),
  getRevokerCredential: route({
    id: 'getRevokerCredential',
    tag,
    method: 'GET',
    path: '/api/v1/customers/{id}/entra-connection/revoker-credential',
    permission: 'entra-connection:read',
    summary: "Read what is known of the revoker's own credential",
    request: { params: oneById },
    success: { status: 200, description: 'All but the credential.', schema: revokerCredential },
    refusals: [404],
  }),
  removeRevokerCredential: route({
    id: 'removeRevokerCredential',
    tag,
    method: 'DELETE',
    path: '/api/v1/customers/{id}/entra-connection/revoker-credential',
    permission: 'entra-connection:write',
    summary: "Take the revoker's own credential away",
    request: { params: oneById },
    success: { status: 200, description: 'It is gone.', schema: revokerCredential },
    refusals: [404, 409],
  }),
};

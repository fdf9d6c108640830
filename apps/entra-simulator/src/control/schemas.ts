import { z } from 'zod';

// What the control API accepts. Strict everywhere: a misspelt name is refused, not ignored.

const guid = z.string().regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i);

const domain = z.strictObject({
  name: z.string().min(1),
  isVerified: z.boolean().optional(),
  authenticationType: z.enum(['Managed', 'Federated']).optional(),
  isDefault: z.boolean().optional(),
  isInitial: z.boolean().optional(),
});

const app = z.strictObject({
  clientId: guid,
  displayName: z.string().optional(),
  secrets: z
    .array(z.strictObject({ value: z.string(), endDateTime: z.iso.datetime({ offset: true }).optional() }))
    .optional(),
  certificates: z.array(z.string()).optional(),
  permissions: z.array(z.string()).optional(),
  directoryRoles: z.array(z.string()).optional(),
  disabled: z.boolean().optional(),
  consented: z.boolean().optional(),
});

const group = z.strictObject({
  id: guid.optional(),
  displayName: z.string(),
  isAssignableToRole: z.boolean().optional(),
  dynamic: z.boolean().optional(),
  mailEnabled: z.boolean().optional(),
  onPremises: z.boolean().optional(),
});

const user = z.strictObject({
  id: guid.optional(),
  userPrincipalName: z.string(),
  displayName: z.string().optional(),
  accountEnabled: z.boolean().optional(),
  password: z.string().optional(),
  roles: z.array(z.string()).optional(),
  groups: z.array(z.string()).optional(),
  extensionAttribute15: z.string().optional(),
  onPremises: z.boolean().optional(),
});

const passPolicy = z
  .strictObject({
    state: z.enum(['enabled', 'disabled']),
    minimumLifetimeInMinutes: z.int().min(10),
    maximumLifetimeInMinutes: z.int().max(43_200),
    defaultLifetimeInMinutes: z.int(),
    isUsableOnce: z.boolean(),
    defaultLength: z.int().min(8).max(48),
  })
  .partial();

const lag = z.strictObject({
  minMs: z.number().min(0),
  maxMs: z.number().min(0),
  replicas: z.int().min(1).max(50).optional(),
});
const lags = z
  .strictObject({ directory: lag, index: lag, pim: lag, methods: lag, authorisation: lag })
  .partial();

const refusalStatus = z.union([z.literal(404), z.literal(400)]);
const switches = z
  .strictObject({
    strictAppOnlySensitive: z.boolean(),
    strictRevokeSessions: z.boolean(),
    passWhenPolicyOff: z.enum(['created', 'refused']),
    secondPass: z.enum(['replaces', 'refused']),
    directoryReadWriteAddsMembers: z.boolean(),
    memberNotFound: refusalStatus,
    newMemberNotFound: refusalStatus,
    concurrentWriteConflicts: z.boolean(),
    cloud: z.enum(['global', 'china']),
  })
  .partial();

const patch = {
  displayName: z.string().optional(),
  licence: z.enum(['free', 'P1', 'P2']).optional(),
  domains: z.array(domain).min(1).optional(),
  apps: z.array(app).optional(),
  passPolicy: passPolicy.optional(),
  lags: lags.optional(),
  throttling: z.boolean().optional(),
  switches: switches.optional(),
};

export const tenantPatchSchema = z.strictObject(patch);
export const tenantSpecSchema = z.strictObject({
  ...patch,
  groups: z.array(group).optional(),
  users: z.array(user).optional(),
});

const userId = z.string();
export const methodKindSchema = z.enum(['fido2', 'softwareOath', 'phone', 'microsoftAuthenticator']);
export const portalActionSchema = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('patchUser'), userId, changes: z.record(z.string(), z.unknown()) }),
  z.strictObject({ do: z.literal('deleteUser'), userId }),
  z.strictObject({ do: z.literal('restoreUser'), userId }),
  z.strictObject({ do: z.literal('addRole'), userId, roleId: z.string() }),
  z.strictObject({ do: z.literal('removeRole'), userId, roleId: z.string() }),
  z.strictObject({ do: z.literal('addToGroup'), userId, groupId: z.string() }),
  z.strictObject({ do: z.literal('removeFromGroup'), userId, groupId: z.string() }),
  z.strictObject({ do: z.literal('addMethod'), userId, kind: methodKindSchema }),
]);

const match = z.strictObject({
  method: z.string().optional(),
  path: z.string().optional(),
  part: z.enum(['batch-part', 'request', 'any']).optional(),
});
const moment = z.enum(['before-commit', 'after-commit']);

export const faultRuleSchema = z.strictObject({
  id: z.string().optional(),
  tenantId: z.string().optional(),
  match,
  probability: z.number().min(0).max(1).optional(),
  seed: z.int().optional(),
  times: z.int().min(1).optional(),
  after: z.int().min(0).optional(),
  effect: z.union([
    z.strictObject({
      status: z.int().min(200).max(599),
      code: z.string().optional(),
      message: z.string().optional(),
      retryAfter: z.number().optional(),
      commit: z.boolean().optional(),
    }),
    z.strictObject({ cut: moment }),
    z.strictObject({ slowMs: z.number().min(0), at: moment.optional() }),
    z.strictObject({ lagMs: z.number().min(0) }),
  ]),
});

export const hookSpecSchema = z.strictObject({
  tenantId: z.string().optional(),
  match,
  at: moment,
  hold: z.literal(true),
});
export const releaseSchema = z.strictObject({ how: z.enum(['answer', 'cut']).optional() });

export const signInSchema = z.strictObject({
  userPrincipalName: z.string(),
  password: z.string().optional(),
  temporaryAccessPass: z.string().optional(),
});

export const settingsSchema = z.strictObject({
  latency: z.strictObject({ medianMs: z.number().min(0), p99Ms: z.number().min(0) }).optional(),
  seed: z.int().optional(),
  validation: z
    .union([z.literal('all'), z.literal('off'), z.strictObject({ sampled: z.int().min(1) })])
    .optional(),
});

export const clockSchema = z.strictObject({ advanceMs: z.number().min(0) });

import { z } from 'zod';
import { pimSettings, rolePolicies, scheduleActions } from './schemas-pim.js';
import { appRegistration, conditionalAccess, passTargets, signInSettings } from './schemas-sign-in.js';

// What the control API accepts. Strict everywhere: a misspelt name is refused, not ignored.

export const guid = z.string().regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i);

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
  ...appRegistration,
});

const group = z.strictObject({
  id: guid.optional(),
  displayName: z.string(),
  isAssignableToRole: z.boolean().optional(),
  dynamic: z.boolean().optional(),
  mailEnabled: z.boolean().optional(),
  onPremises: z.boolean().optional(),
  microsoft365: z.boolean().optional(),
});

const unit = z.strictObject({
  id: guid.optional(),
  displayName: z.string().min(1),
  isMemberManagementRestricted: z.boolean().optional(),
  members: z.array(z.string()).optional(),
  scopedRoles: z.array(z.strictObject({ role: z.string(), holder: z.string() })).optional(),
});

const sku = z.strictObject({
  skuPartNumber: z.string().min(1),
  skuId: guid.optional(),
  units: z.int().min(0).optional(),
  servicePlans: z
    .array(z.strictObject({ servicePlanId: guid, servicePlanName: z.string().min(1) }))
    .optional(),
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
    includeTargets: passTargets,
    excludeTargets: passTargets,
  })
  .partial();

const lag = z.strictObject({
  minMs: z.number().min(0),
  maxMs: z.number().min(0),
  replicas: z.int().min(1).max(50).optional(),
});
const lags = z
  .strictObject({
    directory: lag,
    index: lag,
    pim: lag,
    methods: lag,
    authorisation: lag,
    reports: lag,
    consent: lag,
  })
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
    restrictedUnitsGuardSessions: z.boolean(),
    pimFiveMinutes: z.boolean(),
    pimLaterAssignment: z.enum(['refused', 'accepted']),
    pimMaximumBesidePermanent: z.enum(['enforced', 'ignored']),
    enumCase: z.enum(['any', 'exact']),
    bodylessBatchWrites: z.enum(['taken', 'refused']),
    bareCasts: z.enum(['answered', 'refused']),
    plainNotificationUrls: z.enum(['taken', 'refused']),
    cloud: z.enum(['global', 'usGov', 'usDoD', 'china']),
  })
  .partial();

const patch = {
  displayName: z.string().optional(),
  licence: z.enum(['free', 'P1', 'P2']).optional(),
  domains: z.array(domain).min(1).optional(),
  apps: z.array(app).optional(),
  skus: z.array(sku).max(100).optional(),
  quota: z.strictObject({ objects: z.int().min(0) }).optional(),
  passPolicy: passPolicy.optional(),
  lags: lags.optional(),
  notificationLag: lag.optional(),
  throttling: z.boolean().optional(),
  switches: switches.optional(),
  pim: pimSettings.optional(),
  rolePolicies: rolePolicies.optional(),
  signIn: signInSettings.optional(),
  conditionalAccess: conditionalAccess.optional(),
};

export const tenantPatchSchema = z.strictObject(patch);
export const tenantSpecSchema = z.strictObject({
  ...patch,
  groups: z.array(group).optional(),
  users: z.array(user).optional(),
  administrativeUnits: z.array(unit).max(1_000).optional(),
});

const userId = z.string();
export const methodKindSchema = z.enum(['fido2', 'softwareOath', 'phone', 'microsoftAuthenticator']);
export const portalActionSchema = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('patchUser'), userId, changes: z.record(z.string(), z.unknown()) }),
  z.strictObject({ do: z.literal('deleteUser'), userId }),
  z.strictObject({ do: z.literal('restoreUser'), userId }),
  z.strictObject({ do: z.literal('addRole'), userId, roleId: z.string() }),
  z.strictObject({ do: z.literal('removeRole'), userId, roleId: z.string() }),
  ...scheduleActions,
  z.strictObject({ do: z.literal('addToGroup'), userId, groupId: z.string() }),
  z.strictObject({ do: z.literal('removeFromGroup'), userId, groupId: z.string() }),
  z.strictObject({ do: z.literal('addToUnit'), userId, unitId: z.string() }),
  z.strictObject({ do: z.literal('removeFromUnit'), userId, unitId: z.string() }),
  z.strictObject({ do: z.literal('deleteGroup'), groupId: z.string() }),
  z.strictObject({ do: z.literal('makeDynamic'), groupId: z.string() }),
  z.strictObject({ do: z.literal('proveDomain'), domain: z.string() }),
  z.strictObject({ do: z.literal('addMethod'), userId, kind: methodKindSchema }),
]);

/** Longer than any client waits; a timer takes no more than some weeks. */
const latencyMs = z.number().min(0).max(600_000);
export const settingsSchema = z.strictObject({
  latency: z.strictObject({ medianMs: latencyMs, p99Ms: latencyMs }).optional(),
  seed: z.int().optional(),
  validation: z
    .union([z.literal('all'), z.literal('off'), z.strictObject({ sampled: z.int().min(1) })])
    .optional(),
});

/** Ten years at a time: a date must stay one that can be written. */
const longestAdvanceMs = 3_652 * 24 * 60 * 60 * 1_000;
export const clockSchema = z.strictObject({ advanceMs: z.number().min(0).max(longestAdvanceMs) });

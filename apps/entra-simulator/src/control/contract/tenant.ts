import type { PimSettings, RolePolicySpec } from './pim.js';
import type { ConditionalAccessSpec, FederatedCredentialSpec, SignInSettings } from './sign-in.js';

export interface DomainSpec {
  name: string;
  isVerified?: boolean;
  authenticationType?: 'Managed' | 'Federated';
  isDefault?: boolean;
  isInitial?: boolean;
}

export interface AppSpec {
  clientId: string;
  displayName?: string;
  secrets?: { value: string; endDateTime?: string }[];
  /** X.509 certificates in PEM. */
  certificates?: string[];
  /** Graph application permissions by name; a name that Graph does not know is refused. */
  permissions?: string[];
  /** Directory roles of the service principal, by display name or template id. */
  directoryRoles?: string[];
  disabled?: boolean;
  /** False: the app was never consented to in this tenant (AADSTS700016). */
  consented?: boolean;
  /** Where the answer of a consent may go; any other address is refused (AADSTS50011). */
  redirectUris?: string[];
  /** The Graph application permissions that consent grants. */
  requiredPermissions?: string[];
  /** The app is registered here and may be consented to in other tenants, with the credentials it has here. */
  multiTenant?: boolean;
  federatedCredentials?: FederatedCredentialSpec[];
}

export interface GroupSpec {
  id?: string;
  displayName: string;
  isAssignableToRole?: boolean;
  dynamic?: boolean;
  mailEnabled?: boolean;
  onPremises?: boolean;
  /** A Microsoft 365 group: soft-deleted, and never in a restricted unit. */
  microsoft365?: boolean;
}

export interface AdministrativeUnitSpec {
  id?: string;
  displayName: string;
  isMemberManagementRestricted?: boolean;
  /** Users by id or user principal name, groups by id or display name. */
  members?: string[];
  /** Roles at the unit's scope: of an app by client id, of a user by id or user principal name. */
  scopedRoles?: { role: string; holder: string }[];
}

export interface SkuSpec {
  skuPartNumber: string;
  skuId?: string;
  /** Default 25. */
  units?: number;
  servicePlans?: { servicePlanId: string; servicePlanName: string }[];
}

export interface UserSpec {
  id?: string;
  userPrincipalName: string;
  displayName?: string;
  accountEnabled?: boolean;
  password?: string;
  /** Display names or template ids. */
  roles?: string[];
  /** Display names or ids of groups of the same tenant. */
  groups?: string[];
  extensionAttribute15?: string;
  onPremises?: boolean;
}

export interface PassPolicy {
  state: 'enabled' | 'disabled';
  minimumLifetimeInMinutes: number;
  maximumLifetimeInMinutes: number;
  defaultLifetimeInMinutes: number;
  isUsableOnce: boolean;
  defaultLength: number;
  /** Who may use a pass; left out: everybody. Group ids, `all_users`, or user ids. */
  includeTargets?: PolicyTarget[];
  excludeTargets?: PolicyTarget[];
}

export interface PolicyTarget {
  targetType: 'user' | 'group';
  id: string;
}

export interface Lag {
  minMs: number;
  maxMs: number;
  /** How many read replicas there are; a GET goes to any of them. */
  replicas?: number;
}

/** One for each store of Entra's that catches up by itself. */
export interface Lags {
  directory: Lag;
  /** What `$filter`, `$search` and `$count` read; default as `directory`. */
  index: Lag;
  /** Privileged Identity Management: when it gets to know principals, and when its own writes show. */
  pim: Lag;
  methods: Lag;
  /** What the check of who is an admin knows. */
  authorisation: Lag;
  /** How late the audit log and the sign-in log show an entry; none unless set. */
  reports?: Lag;
  /** For how long token requests still go by what was there before a consent; none unless set. */
  consent?: Lag;
}

/** Where Microsoft's documents are silent or contradict each other, the tenant can go either way. */
export interface Switches {
  /** Disabling or resetting a plain user also needs a directory role. */
  strictAppOnlySensitive: boolean;
  /** revokeSignInSessions on an admin needs the role that may reset the password. */
  strictRevokeSessions: boolean;
  /** A pass asked for while the policy is off. */
  passWhenPolicyOff: 'created' | 'refused';
  /** A second pass while one is valid. */
  secondPass: 'replaces' | 'refused';
  /** Directory.ReadWrite.All admits adding group members (works in practice, not in the page's table). */
  directoryReadWriteAddsMembers: boolean;
  /** Removing somebody who is no member. */
  memberNotFound: 404 | 400;
  /** Adding a member who is not replicated yet. */
  newMemberNotFound: 404 | 400;
  /** Two writes to one user at the same time: one of them gets 409. */
  concurrentWriteConflicts: boolean;
  /** Sessions of a member of a restricted unit are revoked by the unit's own administrators only. */
  restrictedUnitsGuardSessions: boolean;
  /** An active assignment cannot be removed by PIM in its first five minutes (measured, not documented). */
  pimFiveMinutes: boolean;
  /** A second assignment that begins after the one in force has ended. */
  pimLaterAssignment: 'refused' | 'accepted';
  /** The longest duration of a policy that also allows assignments for ever. */
  pimMaximumBesidePermanent: 'enforced' | 'ignored';
  /** Members of enumerations in bodies: in any case of letters, as the service is seen to take them, or as documented. */
  enumCase: 'any' | 'exact';
  /** A part of a batch that writes without a body; seen to be refused, documented to be allowed. */
  bodylessBatchWrites: 'taken' | 'refused';
  /** A cast such as memberOf/microsoft.graph.group without the advanced parameters. */
  bareCasts: 'answered' | 'refused';
  /** Notification URLs without TLS; Graph takes HTTPS only, the simulator loopback addresses only. */
  plainNotificationUrls: 'taken' | 'refused';
  /** Whose host names the sign-in metadata tells. china: temporary access passes do not exist. */
  cloud: 'global' | 'usGov' | 'usDoD' | 'china';
}

/** What PATCH changes; an app that is not there yet is added, one that is keeps what is not named. */
export interface TenantPatch {
  displayName?: string;
  licence?: 'free' | 'P1' | 'P2';
  domains?: DomainSpec[];
  apps?: AppSpec[];
  /** Instead of the one that the licence brings. */
  skus?: SkuSpec[];
  /** How many users and groups there may be, deleted ones that can be restored included. */
  quota?: { objects: number };
  passPolicy?: Partial<PassPolicy>;
  lags?: Partial<Lags>;
  /** How late change notifications are sent. */
  notificationLag?: Lag;
  throttling?: boolean;
  switches?: Partial<Switches>;
  pim?: Partial<PimSettings>;
  /** What Privileged Identity Management allows; in a patch they replace those that are there. */
  rolePolicies?: RolePolicySpec[];
  signIn?: Partial<SignInSettings>;
  /** Conditional Access policies; in a patch they replace those that are there. */
  conditionalAccess?: ConditionalAccessSpec[];
}

export interface TenantSpec extends TenantPatch {
  groups?: GroupSpec[];
  users?: UserSpec[];
  administrativeUnits?: AdministrativeUnitSpec[];
}

// What the control API takes and answers. Types only: the test client compiles against this file.

export type JsonObject = Record<string, unknown>;

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
}

export interface GroupSpec {
  id?: string;
  displayName: string;
  isAssignableToRole?: boolean;
  dynamic?: boolean;
  mailEnabled?: boolean;
  onPremises?: boolean;
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
}

export interface Lag {
  minMs: number;
  maxMs: number;
  /** How many read replicas there are; a GET goes to any of them. */
  replicas?: number;
}

export interface Lags {
  directory: Lag;
  methods: Lag;
  authorisation: Lag;
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
  /** china: temporary access passes do not exist. */
  cloud: 'global' | 'china';
}

export interface TenantSpec {
  displayName?: string;
  licence?: 'free' | 'P1' | 'P2';
  domains?: DomainSpec[];
  apps?: AppSpec[];
  groups?: GroupSpec[];
  users?: UserSpec[];
  passPolicy?: Partial<PassPolicy>;
  lags?: Partial<Lags>;
  throttling?: boolean;
  switches?: Partial<Switches>;
}

/** What PATCH changes; an app that is not there yet is added, one that is keeps what is not named. */
export interface TenantPatch {
  displayName?: string;
  licence?: 'free' | 'P1' | 'P2';
  domains?: DomainSpec[];
  apps?: AppSpec[];
  passPolicy?: Partial<PassPolicy>;
  lags?: Partial<Lags>;
  throttling?: boolean;
  switches?: Partial<Switches>;
}

export interface TrueRole {
  assignmentId: string;
  id: string;
  name: string;
}
export interface TrueMethod {
  id: string;
  kind: MethodKind;
}
export interface TruePass {
  id: string;
  startDateTime: string;
  expiresAt: string;
  isUsableOnce: boolean;
  isUsable: boolean;
}
export interface TrueUser {
  id: string;
  userPrincipalName: string;
  displayName: string | null;
  accountEnabled: boolean;
  employeeId: string | null;
  extensionAttribute15: string | null;
  lastPasswordChangeDateTime: string | null;
  signInSessionsValidFromDateTime: string | null;
  roles: TrueRole[];
  groups: { id: string; name: string }[];
  methods: TrueMethod[];
  passes: TruePass[];
}
export interface TrueGroup {
  id: string;
  displayName: string;
  isAssignableToRole: boolean;
  dynamic: boolean;
  mailEnabled: boolean;
  onPremises: boolean;
  members: string[];
}
export interface TrueApp {
  clientId: string;
  servicePrincipalId: string;
  displayName: string;
  permissions: string[];
  directoryRoles: TrueRole[];
  disabled: boolean;
  consented: boolean;
}

/** The write store of a tenant: no lag, no secrets. */
export interface TenantTruth {
  tenantId: string;
  displayName: string;
  licence: 'free' | 'P1' | 'P2';
  domains: Required<DomainSpec>[];
  apps: TrueApp[];
  groups: TrueGroup[];
  users: TrueUser[];
  deletedUsers: { id: string; userPrincipalName: string; deletedDateTime: string }[];
  passPolicy: PassPolicy;
  lags: Lags;
  throttling: boolean;
  switches: Switches;
}

export type MethodKind = 'fido2' | 'softwareOath' | 'phone' | 'microsoftAuthenticator';

/** What the customer's own admin does in the portal; no permission is asked. */
export type PortalAction =
  | { do: 'patchUser'; userId: string; changes: JsonObject }
  | { do: 'deleteUser'; userId: string }
  | { do: 'restoreUser'; userId: string }
  | { do: 'addRole'; userId: string; roleId: string }
  | { do: 'removeRole'; userId: string; roleId: string }
  | { do: 'addToGroup'; userId: string; groupId: string }
  | { do: 'removeFromGroup'; userId: string; groupId: string }
  | { do: 'addMethod'; userId: string; kind: MethodKind };

export interface RequestMatch {
  method?: string;
  /** On the path without /v1.0 and query: a glob (`*` one segment, `**` any), or a regex when it begins with ^. */
  path?: string;
  /** Default any. */
  part?: 'batch-part' | 'request' | 'any';
}

export type FaultEffect =
  | {
      status: number;
      code?: string;
      message?: string;
      /** The Retry-After header, in seconds. */
      retryAfter?: number;
      /** The request is carried out, then answered like this. */
      commit?: boolean;
    }
  | { cut: 'before-commit' | 'after-commit' }
  /** Default before-commit. */
  | { slowMs: number; at?: 'before-commit' | 'after-commit' }
  /** What this request writes reaches every replica only after so long. */
  | { lagMs: number };

export interface FaultRule {
  id?: string;
  tenantId?: string;
  match: RequestMatch;
  probability?: number;
  seed?: number;
  /** Ends after so many hits. */
  times?: number;
  /** Lets so many matching requests pass first. */
  after?: number;
  effect: FaultEffect;
}
export type FaultState = FaultRule & { id: string; matched: number; hits: number };

export interface HookSpec {
  tenantId?: string;
  match: RequestMatch;
  at: 'before-commit' | 'after-commit';
  hold: true;
}
export interface HeldRequest {
  requestId: string;
  tenantId: string | null;
  method: string;
  path: string;
  partId: string | null;
}

export interface SignInAttempt {
  userPrincipalName: string;
  password?: string;
  temporaryAccessPass?: string;
}
/**
 * `ok`: the credential lets its bearer in. An interrupt that the bearer can satisfy alone (first MFA
 * registration, forced password change) leaves `ok` true and is named in `error`.
 */
export interface SignInResult {
  ok: boolean;
  error?: string;
  description?: string;
  roles: { id: string; name: string }[];
  groups: { id: string; name: string }[];
  mfa: 'satisfied' | 'registration-required';
}

export type HistoryEvent =
  | 'user.created'
  | 'user.enabled'
  | 'user.disabled'
  | 'user.updated'
  | 'user.deleted'
  | 'user.restored'
  | 'user.purged'
  | 'role.assigned'
  | 'role.removed'
  | 'group.joined'
  | 'group.left'
  | 'pass.minted'
  | 'pass.deleted'
  | 'pass.used'
  | 'method.added'
  | 'method.deleted'
  | 'password.set'
  | 'sessions.revoked';

export interface HistoryEntry {
  seq: number;
  /** ISO 8601 with milliseconds. */
  at: string;
  tenantId: string;
  objectId: string;
  userPrincipalName: string | null;
  what: HistoryEvent;
  by: { appId: string } | 'portal';
  requestId: string;
  details: JsonObject;
}

export interface PartEntry {
  id: string;
  method: string;
  url: string;
  status: number;
}
export interface RequestEntry {
  seq: number;
  at: string;
  tenantId: string | null;
  appId: string | null;
  method: string;
  path: string;
  /** 0: the connection was cut before an answer. */
  status: number;
  kind: 'token' | 'graph' | 'batch' | 'discovery';
  parts?: PartEntry[];
  /** Latency that the settings charged to this request. */
  chargedMs: number;
  cpuMs: number;
  throttled?: boolean;
  violations: string[];
}

export interface Violation {
  at: string;
  method: string;
  path: string;
  requestId: string;
  problems: string[];
}
export interface Violations {
  /** Callers' requests that break Microsoft's contract. */
  requests: Violation[];
  /** The simulator's own answers that do. */
  own: Violation[];
}

export type ValidationMode = 'all' | 'off' | { sampled: number };

export interface Settings {
  latency?: { medianMs: number; p99Ms: number };
  seed?: number;
  validation?: ValidationMode;
}

export interface HistoryQuery {
  tenantId?: string;
  userId?: string;
  /** Only entries after this sequence number. */
  since?: number;
}

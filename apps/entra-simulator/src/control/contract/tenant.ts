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

import type { Json } from '../foundation/json.js';
import type { Sku } from './model-directory.js';
import type {
  DomainSpec,
  Lag,
  Lags,
  MethodKind,
  PassPolicy,
  PimSettings,
  RolePolicySpec,
  SignInSettings,
  Switches,
} from '../control/contract.js';
import type { AppRegistration } from './model-sign-in.js';

export interface User {
  readonly id: string;
  readonly userPrincipalName: string;
  readonly accountEnabled: boolean;
  /** Only the hash is kept: nothing on disk or in an answer gives a password away. */
  readonly passwordHash: string | null;
  /** Everything else, named and shaped as Graph shows it. */
  readonly properties: Readonly<Json>;
  readonly deletedAt?: number;
  /** When a deleted one goes for good. */
  readonly dueAt?: number;
}

export interface Group {
  readonly id: string;
  readonly displayName: string;
  readonly isAssignableToRole: boolean;
  readonly dynamic: boolean;
  readonly mailEnabled: boolean;
  readonly onPremises: boolean;
  readonly createdAt: number;
  readonly microsoft365?: boolean;
  /** Left out: as it follows from the rest. */
  readonly securityEnabled?: boolean;
  /** What else was named when it was made or changed, shaped as Graph shows it. */
  readonly properties?: Readonly<Json>;
  readonly deletedAt?: number;
  /** When a deleted one goes for good. */
  readonly dueAt?: number;
}

export interface Membership {
  readonly groupId: string;
  readonly memberId: string;
}

export interface RoleAssignment {
  readonly id: string;
  readonly roleDefinitionId: string;
  readonly principalId: string;
  readonly directoryScopeId: string;
  /** The schedule that it is in force by, if Privileged Identity Management made it. */
  readonly scheduleId?: string;
}

export interface Pass {
  readonly kind: 'pass';
  readonly id: string;
  readonly userId: string;
  readonly createdAt: number;
  readonly startAt: number;
  readonly lifetimeInMinutes: number;
  readonly isUsableOnce: boolean;
  readonly passHash: string;
  readonly used: boolean;
}
export interface OtherMethod {
  readonly kind: MethodKind;
  readonly id: string;
  readonly userId: string;
  readonly createdAt: number;
}
export type Method = Pass | OtherMethod;

export interface AppSecret {
  readonly hash: string;
  readonly endAt: number | null;
}

/** An app registration and its service principal in this tenant. */
export interface App extends AppRegistration {
  readonly clientId: string;
  readonly servicePrincipalId: string;
  readonly displayName: string;
  readonly secrets: readonly AppSecret[];
  readonly certificates: readonly string[];
  readonly permissions: readonly string[];
  readonly disabled: boolean;
  readonly consented: boolean;
}

export type Domain = Readonly<Required<DomainSpec>> & {
  /** The customer has put the record of the proof into his DNS. */
  readonly isProven?: boolean;
};

export interface TenantConfig {
  readonly displayName: string;
  readonly licence: 'free' | 'P1' | 'P2';
  readonly createdAt: number;
  /** Left out: what the licence brings. */
  readonly skus?: readonly Sku[];
  /** How many objects the tenant may have. */
  readonly quota?: number;
  readonly domains: readonly Domain[];
  readonly passPolicy: PassPolicy;
  readonly lags: Lags;
  readonly notificationLag?: Lag;
  readonly throttling: boolean;
  readonly switches: Switches;
  /** Older state lacks both. */
  readonly pim?: PimSettings;
  readonly rolePolicies?: readonly RolePolicySpec[];
  /** Older state lacks it. */
  readonly signIn?: SignInSettings;
  /** What the history tells of an older tenant with this id ends there. */
  readonly historyFrom?: number;
  /** What was changed of the other authentication methods' configurations, by their ids. */
  readonly methodPolicies?: Readonly<Record<string, Readonly<Json>>>;
}

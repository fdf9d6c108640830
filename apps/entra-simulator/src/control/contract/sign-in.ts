import type { MethodKind } from './method-kind.js';

export interface SignInAttempt {
  userPrincipalName: string;
  password?: string;
  temporaryAccessPass?: string;
  /**
   * With a password: the second factor used; left out, the strongest that is registered; `none`: the bearer has
   * the password alone. Without a password: a passwordless sign-in with that method.
   */
  method?: MethodKind | 'none';
  /** Where to; default the admin portals. `securityInfo`: the page that registers methods. */
  app?: 'portal' | 'securityInfo';
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
  /** Kept out of everything but the page that registers methods. */
  mayRegister?: boolean;
  /** The session that began; its state can be asked. */
  session?: string;
  /** Access tokens cannot be called back: the last one of this sign-in works until then. */
  accessTokenEndsAt?: string;
}

export type SessionEnd =
  | 'user-disabled'
  | 'user-deleted'
  | 'sessions-revoked'
  | 'password-changed'
  | 'pass-deleted'
  | 'pass-expired'
  | 'expired';

/** Whether a session can still get new tokens. */
export interface SessionState {
  session: string;
  userId: string;
  userPrincipalName: string;
  startedAt: string;
  /** What it was begun with. */
  by: 'password' | 'pass' | MethodKind;
  isAlive: boolean;
  endedBy?: SessionEnd;
  accessTokenEndsAt: string;
}

/** How a tenant treats its users' sign-ins. */
export interface SignInSettings {
  /** Bad passwords before the account is locked, and for how long. */
  lockoutThreshold: number;
  lockoutSeconds: number;
  /** Microsoft's own rule: portals and Azure Resource Manager always ask for MFA, and nobody is exempt. */
  mandatoryMfa: boolean;
  securityDefaults: boolean;
  /** Share of log requests that are refused as unlicensed although the tenant is licensed. */
  licenceCheckFails: number;
}

/** A Conditional Access policy as Graph's `conditionalAccessPolicy` has it. */
export interface ConditionalAccessSpec {
  id?: string;
  displayName: string;
  state?: 'enabled' | 'disabled' | 'enabledForReportingButNotEnforced';
  conditions?: object;
  grantControls?: object;
}

export interface ConsentDecision {
  clientId: string;
  decision: 'accept' | 'decline';
  /** The admin; left out, an admin who may. */
  by?: string;
}

/** What the consent page would redirect with. */
export interface ConsentAnswer {
  admin_consent?: 'True';
  tenant?: string;
  scope?: string;
  error?: 'access_denied' | 'permission_denied';
  error_description?: string;
}

/** An issuer whose assertions prove an app without a secret. */
export interface FederatedCredentialSpec {
  issuer: string;
  subject: string;
  /** Default api://AzureADTokenExchange. */
  audiences?: string[];
  /** The issuer's keys: a JSON Web Key Set, or one public key in PEM. */
  jwks?: { keys: object[] };
  publicKeyPem?: string;
}

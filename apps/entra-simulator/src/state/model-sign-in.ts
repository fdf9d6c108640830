import type { Json } from '../foundation/json.js';
import type { MethodKind, SignInSettings } from '../control/contract.js';

/** What a user's sign-in began: it can get tokens until something ends it. */
export interface Session {
  readonly id: string;
  readonly userId: string;
  readonly userPrincipalName: string;
  readonly at: number;
  readonly by: 'password' | 'pass' | MethodKind;
  /** The pass it was begun with: its deletion ends the session. */
  readonly passId: string | null;
  /** The newest entry of the history when it began: what ends it comes later. */
  readonly afterSeq: number;
  readonly endsAt: number;
  readonly accessTokenEndsAt: number;
  /** Only a digest of the refresh token is kept. */
  readonly refreshHash: string | null;
  readonly clientId: string | null;
}

/** Bad passwords of one user. */
export interface Lockout {
  readonly id: string;
  readonly badTries: number;
  /** Digests of the newest wrong passwords: the same one again does not count. */
  readonly seen: readonly string[];
  readonly lockedUntil: number;
}

export interface AppliedPolicy {
  readonly id: string;
  readonly displayName: string;
  readonly result: string;
  readonly enforcedGrantControls: readonly string[];
}

/** One row of the sign-in log. */
export interface SignInRow {
  readonly id: string;
  readonly at: number;
  readonly userId: string;
  readonly userPrincipalName: string;
  readonly userDisplayName: string | null;
  readonly appId: string;
  readonly appDisplayName: string;
  readonly resourceDisplayName: string;
  readonly clientAppUsed: string;
  readonly correlationId: string;
  readonly errorCode: number;
  readonly failureReason: string;
  readonly policies: readonly AppliedPolicy[];
}

/** A Conditional Access policy: everything but its id and times as the body has it. */
export interface AccessPolicy {
  readonly id: string;
  readonly body: Readonly<Json>;
  readonly createdAt: number;
  readonly modifiedAt: number | null;
}

export interface FederatedCredential {
  readonly issuer: string;
  readonly subject: string;
  readonly audiences: readonly string[];
  readonly keys: readonly Json[];
  readonly publicKeyPem: string | null;
}

/** What sign-in and consent know of an app besides its credentials; rows of older state lack it. */
export interface AppRegistration {
  readonly redirectUris?: readonly string[];
  /** What consent grants. */
  readonly requiredPermissions?: readonly string[];
  /** Tenants other than this one may consent to it. */
  readonly multiTenant?: boolean;
  readonly federatedCredentials?: readonly FederatedCredential[];
  /** The newest consent: for a while token requests go by what was there before. */
  readonly consent?: { readonly at: number; readonly before: readonly string[] | null };
}

export const usualSignIn: SignInSettings = {
  lockoutThreshold: 10,
  lockoutSeconds: 60,
  mandatoryMfa: true,
  securityDefaults: false,
  licenceCheckFails: 0,
};

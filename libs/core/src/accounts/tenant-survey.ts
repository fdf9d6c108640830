import type { GroupId, Instant, RoleId, UnitId } from '#core/shared';
import type { EntraApp } from '#core/tenancy';
import type { DirectoryError } from './directory-error.js';
import type { CatalogueGroup, CatalogueUnit } from './tenant-catalogue.js';

/** What a tenant was asked, each question by itself: its answer, or why there is none. */
export type Reading<T> =
  { readonly known: true; readonly value: T } | { readonly known: false; readonly why: DirectoryError };

/** The Entra ID licence that the tenant has at least once. */
export type EntraLicence = 'none' | 'P1' | 'P2';

/** The tenant's policy for Temporary Access Passes. */
export interface PassPolicy {
  readonly enabled: boolean;
  readonly minimumMinutes: number;
  readonly maximumMinutes: number;
  readonly onceOnly: boolean;
  /** It lets everybody have one. */
  readonly forEverybody: boolean;
  /** Where it is not for everybody: for members of these. */
  readonly forGroups: readonly GroupId[];
  /** Not for members of these, whoever else they are. */
  readonly notForGroups: readonly GroupId[];
}

/** What a sign-in with a pass, from a device that the tenant doesn't know, can't meet. */
export type UnmetDemand =
  | 'block'
  | 'phishing-resistant sign-in'
  | 'a compliant device'
  | 'a hybrid joined device'
  | 'an approved app'
  | 'a password change'
  | 'another control';

/** A Conditional Access policy that stops a fresh admin at Microsoft's admin portals. */
export interface StoppingPolicy {
  readonly id: string;
  readonly displayName: string;
  /** False: it only reports for now. */
  readonly enforced: boolean;
  /** It counts only under conditions of place, device or risk. */
  readonly conditional: boolean;
  /** Each of them is asked for, or one of them. */
  readonly demands: readonly UnmetDemand[];
  readonly forEverybody: boolean;
  readonly forRoles: readonly RoleId[];
  readonly forGroups: readonly GroupId[];
  readonly notForRoles: readonly RoleId[];
  readonly notForGroups: readonly GroupId[];
}

/** A permission that Curfew has no use for. */
export interface ExcessPermission {
  readonly permission: string;
  /** Narrower ones that would do in its place; none: it can go without replacement. */
  readonly narrower: readonly string[];
}

export interface SurveyWish {
  /** Groups that policies give; no more than 200 are looked at. */
  readonly groups: readonly GroupId[];
  /** Administrative units in which policies give roles; no more than 200 are looked at. */
  readonly units: readonly UnitId[];
}

/** What Validate asks a tenant beyond its inspection. */
export interface TenantSurvey {
  /** Graph's own time when it answered, in whole seconds, and for how long that is past; null: it did not say. */
  readonly graphAt: { readonly at: Instant; readonly agoMs: number } | null;
  readonly excessPermissions: readonly ExcessPermission[];
  readonly licence: Reading<EntraLicence>;
  /** Null: the cloud has no passes. */
  readonly passPolicy: Reading<PassPolicy | null>;
  /** How many hold the role now, for good or for a time: users, groups and apps. */
  readonly globalAdministrators: Reading<number>;
  /** Directory roles of our own service principal in the whole tenant. */
  readonly ownRoles: Reading<readonly RoleId[]>;
  readonly stoppingPolicies: Reading<readonly StoppingPolicy[]>;
  /** Of the wished ones; null: there is no such group. */
  readonly groups: ReadonlyMap<GroupId, Reading<CatalogueGroup | null>>;
  /** Likewise. */
  readonly units: ReadonlyMap<UnitId, Reading<CatalogueUnit | null>>;
}

/**
 * Looks a tenant over for Validate. Promised: two dependent calls at most (a token and one batch, beside which further
 * batches run where many groups are wished), back within `timeoutMs`, nothing written; a question that is closed to us
 * leaves the others open. Throws `DirectoryError` when no token or no answer at all can be had.
 */
export interface TenantSurveyor {
  survey(app: EntraApp, wish: SurveyWish, timeoutMs: number): Promise<TenantSurvey>;
}

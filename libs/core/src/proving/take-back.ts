import type { AccountId, CustomerId, Instant, OrganizationId, RoleId } from '#core/shared';
import type { EntraConnection } from '#core/tenancy';
import type { RoleTier } from './role-tiers.js';

/** `proven`: a canary was given the tier and all of it was taken back. `failed`: it wasn't. `lost`: it was once, and can't be any more. */
export type TakeBackVerdict = 'proven' | 'failed' | 'lost';

/** For whom it was proven: another app, or another tenant, has to prove it anew; another credential hasn't. */
export type ProvenApp = Pick<EntraConnection, 'cloud' | 'tenantId' | 'clientId'>;

/** Why a tier can't be taken back, and what to do about it. */
export interface TakeBackCause {
  /** Of the error catalogue. */
  readonly code: string;
  /** Graph's own code and text; no secret. */
  readonly says: string;
  readonly mend: string;
}

/** In which order a canary is taken back. */
export type TakeBackOrder = 'disable_first' | 'roles_first';

/** Canaries under way, one for each order. What becomes of them stands on their own rows. */
export interface CanaryRun {
  readonly startedAt: Instant;
  readonly app: ProvenApp;
  readonly role: RoleId;
  readonly canaries: readonly { readonly id: AccountId; readonly order: TakeBackOrder }[];
}

/** Whether Curfew can take back at a customer what a role of this tier makes of somebody. */
export interface TakeBackProof {
  readonly organizationId: OrganizationId;
  readonly customerId: CustomerId;
  readonly tier: RoleTier;
  /** Null: nobody knows yet. It stands while canaries are under way again. */
  readonly verdict: TakeBackVerdict | null;
  /** Since when. */
  readonly at: Instant | null;
  readonly app: ProvenApp | null;
  /** Of `failed` and `lost`; without a verdict what kept the canary from being given. */
  readonly cause: TakeBackCause | null;
  /** Null: none is under way. */
  readonly run: CanaryRun | null;
  /** When the run is looked at next. */
  readonly dueAt: Instant | null;
  /** When it is next read again whether what it needs is still there; null: at the next occasion. */
  readonly rereadAt: Instant | null;
}

/** What people are told of a tier. */
export type TakeBackState = TakeBackVerdict | 'running' | 'unproven';

export interface TakeBackStore {
  ofCustomer(customerId: CustomerId): Promise<readonly TakeBackProof[]>;
  /** As `ofCustomer`; whoever else would change them waits until the transaction ends. */
  lock(customerId: CustomerId): Promise<readonly TakeBackProof[]>;
  /** In place of the one before; only under `lock`. */
  save(proof: TakeBackProof): Promise<void>;
}

export interface ProvingStores {
  readonly takeBack: TakeBackStore;
}

export const appOf = ({ cloud, tenantId, clientId }: ProvenApp): ProvenApp => ({ cloud, tenantId, clientId });

export const isSameApp = (one: ProvenApp | null, other: ProvenApp): boolean =>
  one !== null &&
  one.cloud === other.cloud &&
  one.tenantId === other.tenantId &&
  one.clientId === other.clientId;

/** The verdict that counts for this app. */
export const verdictFor = (
  proofs: readonly TakeBackProof[],
  tier: RoleTier,
  app: ProvenApp,
): TakeBackVerdict | null => {
  const proof = proofs.find((each) => each.tier === tier);
  return proof !== undefined && isSameApp(proof.app, app) ? proof.verdict : null;
};

/** What people are told: that it is being proven goes before what was known of it. */
export const stateOfTier = (proof: TakeBackProof | null, app: ProvenApp): TakeBackState => {
  if (proof === null) return 'unproven';
  if (proof.run !== null) return 'running';
  return isSameApp(proof.app, app) ? (proof.verdict ?? 'unproven') : 'unproven';
};

import type { Directory, DirectoryAnswer, MethodKind, StepOutcome } from '#core/accounts';
import type { GroupId, ObjectId, RoleId, UnitId } from '#core/shared';
import type { EntraApp } from '#core/tenancy';

/** What a test wants its tenant to be like; everything is allowed and prompt unless said. */
export interface TenantWish {
  readonly mayTouchRoleHolders?: boolean;
  /** Application permissions that were not consented to. */
  readonly without?: readonly string[];
  /** Consented to in place of all. */
  readonly permissions?: readonly string[];
  readonly passesOff?: boolean;
  /** Nothing that is written is seen before `settle`. */
  readonly lagging?: boolean;
  /** No licence for timed and eligible roles. */
  readonly withoutPim?: boolean;
  /** The tenant's own rule for timed roles. */
  readonly longestTimedRoleMinutes?: number;
}

/** Methods that somebody registers himself. */
export type PlantedMethod = Extract<
  MethodKind,
  'fido2' | 'softwareOath' | 'phone' | 'microsoftAuthenticator'
>;

/** What is really so in the tenant, whatever reads show. */
export interface TrueAccount {
  readonly enabled: boolean;
  readonly marker: string | null;
  readonly roles: readonly RoleId[];
  readonly groups: readonly GroupId[];
}

/** One tenant with a directory in front of it, and a way in from behind. */
export interface DirectoryWorld {
  readonly directory: Directory;
  readonly app: EntraApp;
  /** Verified and managed. */
  readonly domain: string;
  readonly groups: {
    readonly plain: readonly GroupId[];
    readonly roleAssignable: GroupId;
    readonly dynamic: GroupId;
    readonly synced: GroupId;
    readonly mail: GroupId;
  };
  /** Administrative units. */
  readonly units: { readonly plain: UnitId; readonly restricted: UnitId };
  plantUser(upn: string): Promise<ObjectId>;
  addMethod(user: ObjectId, kind: PlantedMethod): Promise<void>;
  /** Makes somebody a member as the tenant itself does: any kind of group will do. */
  makeMember(user: ObjectId, group: GroupId): Promise<void>;
  truth(user: ObjectId): Promise<TrueAccount | null>;
  /** Lets every replica catch up. */
  settle(): Promise<void>;
  /** Lets time pass in the tenant. */
  advance(ms: number): Promise<void>;
  close(): Promise<void>;
}

export type MakeWorld = (wish: TenantWish) => Promise<DirectoryWorld>;

/** The one outcome of one step. */
export const only = (outcomes: readonly StepOutcome[]): StepOutcome => {
  const [outcome] = outcomes;
  if (outcome === undefined || outcomes.length > 1)
    throw new Error(`${outcomes.length} outcomes for one step.`);
  return outcome;
};

/** `ok`, or what the failure means and whether it can heal. */
export const verdictOf = (outcome: StepOutcome): string =>
  outcome.ok ? 'ok' : `${outcome.error.reason} ${outcome.error.facts.retry}`;

/** What it brought; throws what it failed with. */
export const answerOf = (outcome: StepOutcome): DirectoryAnswer => {
  if (!outcome.ok) throw outcome.error;
  return outcome.answer;
};

export const mintedBy = (
  answer: DirectoryAnswer,
): Extract<DirectoryAnswer, { did: 'mintPass' }>['minted'] => {
  if (answer.did !== 'mintPass') throw new Error(`${answer.did} mints nothing.`);
  return answer.minted;
};

/** Order of roles and groups means nothing. */
export const sorted = (account: TrueAccount | null): TrueAccount | null =>
  account === null
    ? null
    : { ...account, roles: [...account.roles].sort(), groups: [...account.groups].sort() };

import { localPart, type AuthenticationMethod, type ManagedAccount } from '#core/accounts';
import type { ObjectId } from '#core/shared';
import type { TenantCapabilities } from '#core/tenancy';
import { excessOf, isNothing, type Excess } from './desired-account.js';
import { planWithoutEligibilities } from './eligibilities.js';
import { isWhole, objectOf } from './observation.js';
import { planned, type Phase, type PlannedStep } from './planned-step.js';
import {
  isStuck,
  isUnsure,
  needsAssignments,
  needsSchedules,
  planEnd,
  planRole,
  planWithout,
  type RolePlan,
} from './timed-roles.js';

/** A pass to mint in this round, for a reveal. */
export interface PassOrder {
  readonly lifetimeMinutes: number;
  readonly usableOnce: boolean;
}

export interface PlanInput extends RolePlan {
  readonly account: ManagedAccount;
  readonly capabilities: Pick<TenantCapabilities, 'mayTouchRoleHolders'>;
  /** The read-back is due. */
  readonly verify: boolean;
  /** Some end has been taken away and not yet been proven: only a whole reading will do. */
  readonly unproven: boolean;
  /** A look asks which roles its owner may activate. */
  readonly eligibilities: boolean;
  readonly mint: PassOrder | null;
  /** A look at the whole of it is what this claim is for, and nothing else asks for it. */
  readonly looking: boolean;
  /** Its writes have met "not found" for so long that the object may be gone: look. */
  readonly doubtful: boolean;
}

/**
 * The next round of steps towards the desired account, in order. Pure, and the heart of Curfew:
 * take away what nothing gives; only when nothing is left to take, give what is missing; otherwise, if a read-back is
 * due, look. An empty plan means that as far as we know the account is as it should be.
 */
export const planConvergence = (input: PlanInput): readonly PlannedStep[] => {
  const { account, desired } = input;
  const excess = withoutStuckRoles(
    input,
    excessOf(account.mayHold, desired, !input.capabilities.mayTouchRoleHolders),
  );
  const user = objectOf(account);
  if (user === null || account.mayHold.object === null) return planWithoutObject(input);
  if (!isNothing(excess)) return planTaking(input, user, excess);
  if (desired.enabled) return planGiving(input, user);
  return asksToLook(input) ? planLook(input, user) : [];
};

/** The row does, or whoever claimed it. */
const asksToLook = ({ verify, looking }: PlanInput): boolean => verify || looking;

/** Nobody is to be signed in while a role that nothing gives any more can't be taken. */
const withoutStuckRoles = (input: PlanInput, excess: Excess): Excess => {
  const isHeldUp =
    input.account.mayHold.enabled !== null && excess.roles.some((role) => isStuck(input, role));
  return isHeldUp ? { ...excess, enabled: true } : excess;
};

/** No object yet, or none any more. An unanswered POST is resolved by looking the name up, for give and end alike. */
const planWithoutObject = ({
  account,
  desired,
  observed,
  verify,
  looking,
}: PlanInput): readonly PlannedStep[] => {
  if (account.mayHold.object !== null && observed?.user === undefined) {
    return [planned('then', { do: 'findUser', upn: account.upn })];
  }
  if (!desired.enabled) {
    const user = objectOf(account);
    return (verify || looking) && user !== null ? [planned('then', { do: 'readUser', user })] : [];
  }
  return [
    planned('give', {
      do: 'createUser',
      upn: account.upn,
      displayName: account.displayName,
      mailNickname: localPart(account.upn),
      marker: account.marker,
      password: desired.password ? 'credential' : 'scrambled',
    }),
  ];
};

/**
 * Everything at once, since no step may depend on another; the disable of all accounts goes before the rest of any.
 * Where we may not touch role holders, the roles (and groups, which may carry roles) have to go before the disable.
 */
const planTaking = (input: PlanInput, user: ObjectId, excess: Excess): readonly PlannedStep[] => {
  if (onlyObjectLeft(excess)) return [planned('then', { do: 'deleteUser', user })];
  const [disabling, removing]: [Phase, Phase] = input.capabilities.mayTouchRoleHolders
    ? ['first', 'then']
    : ['then', 'first'];
  const shrinks = excess.roles.length > 0 || excess.groups.length > 0;
  return [
    ...when(excess.enabled, planned(disabling, { do: 'disable', user })),
    ...when(
      excess.sessions || (shrinks && input.account.mayHold.sessions),
      planned('then', { do: 'revokeSessions', user }),
    ),
    ...excess.roles.flatMap((roleId) => planWithout(input, { user, phase: removing }, roleId)),
    ...excess.groups.map((groupId) => planned(removing, { do: 'removeFromGroup', user, groupId })),
    ...planWithoutEligibilities(input.account, user),
    ...when(excess.password, planned('then', { do: 'setPassword', user, password: 'scrambled' })),
    ...planMethods(input, user, excess),
    ...when(needsAssignments(input, excess.roles), planned('then', { do: 'listRoleAssignments', user })),
    ...when(needsSchedules(input, excess.roles), planned('then', { do: 'listRoleSchedules', user })),
    ...when(input.doubtful, planned('then', { do: 'readUser', user })),
  ];
};

const planMethods = (input: PlanInput, user: ObjectId, excess: Excess): readonly PlannedStep[] => {
  const known = knownPass(input.account, excess);
  const seen = input.observed?.methods;
  const listed = (seen ?? []).filter(({ kind }) => excess.methods || (excess.pass && kind === PASS));
  const unknown = excess.methods || (excess.pass && known.length === 0);
  return [
    ...[...known, ...listed.filter(({ id }) => id !== known[0]?.id)].map((method) =>
      planned('then', { do: 'deleteMethod', user, method }),
    ),
    ...when(unknown && seen === undefined, planned('then', { do: 'listMethods', user })),
  ];
};

const PASS = 'temporaryAccessPass';

const knownPass = ({ mayHold }: ManagedAccount, excess: Excess): readonly AuthenticationMethod[] =>
  excess.pass && mayHold.pass?.passId ? [{ kind: PASS, id: mayHold.pass.passId }] : [];

/** What its owner may activate goes with the object. */
const onlyObjectLeft = (excess: Excess): boolean =>
  excess.object && isNothing({ ...excess, object: false, eligible: [] });

/** A parked account is read before anything is given to it. What is missing then goes out as one batch. */
const planGiving = (input: PlanInput, user: ObjectId): readonly PlannedStep[] => {
  const { account, desired, observed, mint } = input;
  const parked = account.mayHold.enabled !== 'held' && !isUntouched(account);
  if (parked && !isWhole(observed)) return look(input, user);
  if (isUnsure(input)) return [planned('then', { do: 'listRoleSchedules', user })];
  const steps = [...planEnabling(input, user, parked), ...memberships(input, user)];
  // Entra's own ends are moved beside what somebody waits for, and are nothing that anybody waits for.
  const ends = [...desired.roles].flatMap((role) => planEnd(input, user, role));
  if (steps.length > 0) return input.capabilities.mayTouchRoleHolders ? [...steps, ...ends] : chained(steps);
  if (mint !== null && desired.pass) return [planned('give', { do: 'mintPass', user, ...mint }), ...ends];
  return asksToLook(input) ? planLook(input, user) : ends;
};

/** Made by us, and nothing that lets anybody in has been sent since. */
const isUntouched = ({ mayHold, pristine }: ManagedAccount): boolean => pristine && mayHold.enabled === null;

/** A parked account gets a new password before it is enabled, whether anybody is to know it or not. */
const planEnabling = (
  { account, desired }: PlanInput,
  user: ObjectId,
  parked: boolean,
): readonly PlannedStep[] => {
  const settable = parked || (desired.password && account.password?.state !== 'set');
  const password = desired.password ? 'credential' : 'scrambled';
  return [
    ...when(settable, planned('give', { do: 'setPassword', user, password })),
    ...when(
      account.mayHold.enabled !== 'held',
      planned('give', { do: 'enable', user }, settable ? 'setPassword' : undefined),
    ),
  ];
};

const memberships = (input: PlanInput, user: ObjectId): readonly PlannedStep[] => [
  ...[...input.desired.groups]
    .filter((groupId) => input.account.mayHold.groups[groupId] !== 'held')
    .map((groupId) => planned('give', { do: 'addToGroup', user, groupId })),
  ...[...input.desired.roles].flatMap((role) => planRole(input, user, role)),
];

/** Once it holds a role we could neither enable it nor set its password: password, enable, groups, roles, in a row. */
const chained = (steps: readonly PlannedStep[]): readonly PlannedStep[] =>
  steps.map((step, index) => {
    const before = steps[index - 1];
    return before === undefined ? step : { ...step, after: before.key };
  });

/** First proof and the one after it read everything; later ones only whether it is still disabled. */
const WHOLE_PROOFS = 2;

const planLook = (input: PlanInput, user: ObjectId): readonly PlannedStep[] => {
  const { account, timed, unproven, looking } = input;
  // A role that has yet to begin shows in no list of assignments.
  const schedules = when(timed !== null, planned('then', { do: 'listRoleSchedules', user }));
  const whole = [...look(input, user), ...schedules];
  if (looking) return whole.map((step) => ({ ...step, unhurried: true }));
  return unproven || (account.verification?.proofs ?? 0) < WHOLE_PROOFS
    ? whole
    : [planned('then', { do: 'readUser', user })];
};

/** All that an account of any tenant can hold. */
export const lookAt = (user: ObjectId): readonly PlannedStep[] => [
  planned('then', { do: 'readUser', user }),
  planned('then', { do: 'listRoleAssignments', user }),
  planned('then', { do: 'listGroups', user }),
  planned('then', { do: 'listMethods', user }),
];

const look = ({ eligibilities }: PlanInput, user: ObjectId): readonly PlannedStep[] => [
  ...lookAt(user),
  ...when(eligibilities, planned('then', { do: 'listEligibilities', user })),
];

const when = (condition: boolean, step: PlannedStep): readonly PlannedStep[] => (condition ? [step] : []);

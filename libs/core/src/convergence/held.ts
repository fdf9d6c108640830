import {
  type Certainty,
  type EligibleState,
  heldRole,
  type HeldRole,
  HOLDS_NOTHING,
  type ManagedAccount,
  type MayHold,
  roleKeyOf,
} from '#core/accounts';
import type { GrantInForce } from '#core/grants';
import type { GroupId, Instant, RoleId } from '#core/shared';
import { eligibleIn } from './eligibilities.js';
import { isGiving, type PlannedStep } from './planned-step.js';

/** Without this key. */
const without = <Value>(
  record: Readonly<Record<string, Value>>,
  key: string,
): Readonly<Record<string, Value>> =>
  Object.fromEntries(Object.entries(record).filter(([each]) => each !== key));

/** What enabling lets happen: whoever signs in may set a password, register methods and keep sessions. */
const LETS_SIGN_IN = { sessions: true, methods: true, password: 'maybe' } as const;

/** `mayHold` as it must stand in the database before these steps leave. Taking and reading steps change nothing. */
export const beforeGiving = (held: MayHold, steps: readonly PlannedStep[], now: Instant): MayHold =>
  steps.filter(isGiving).reduce((sum, { call }) => {
    switch (call.do) {
      case 'createUser':
        return {
          ...sum,
          object: sum.object ?? 'maybe',
          password: call.password === 'credential' ? 'maybe' : sum.password,
        };
      case 'enable':
        return {
          ...sum,
          ...LETS_SIGN_IN,
          enabled: sum.enabled ?? 'maybe',
          // One that is known to be set is more than a maybe.
          password: sum.password ?? 'maybe',
        };
      case 'setPassword':
        return call.password === 'credential' ? { ...sum, password: 'maybe' } : sum;
      case 'addToGroup':
        return { ...sum, groups: { ...sum.groups, [call.groupId]: sum.groups[call.groupId] ?? 'maybe' } };
      case 'assignRole':
        return withRole(sum, roleKeyOf(call), askedForGood(sum.roles[roleKeyOf(call)]));
      case 'assignRoleUntil':
        return withRole(sum, roleKeyOf(call), {
          certainty: 'maybe',
          assignmentId: null,
          timed: { givenAt: now, until: latest(sum.roles[roleKeyOf(call)], call.until), seen: false },
        });
      case 'mintPass':
        return { ...sum, pass: { certainty: 'maybe', passId: null }, sessions: true };
      default:
        return sum;
    }
  }, held);

/** What PIM was asked for before may still be there, for as long as Entra keeps it. */
const askedForGood = (known: HeldRole | undefined): HeldRole => {
  if (known === undefined) return heldRole('maybe', null);
  return known.timed === undefined ? known : { ...known, certainty: 'maybe' };
};

const latest = (known: HeldRole | undefined, until: Instant): Instant =>
  Math.max(known?.timed?.until ?? 0, until);

export const withRole = (held: MayHold, role: RoleId, is: HeldRole): MayHold => ({
  ...held,
  roles: { ...held.roles, [role]: is },
});

/** `mayHold` back as it was for one giving step that Graph refused outright: it certainly gave nothing. */
export const notGiven = (held: MayHold, before: MayHold, step: PlannedStep): MayHold => {
  const { call } = step;
  switch (call.do) {
    case 'createUser':
      return { ...held, object: before.object, password: before.password };
    case 'enable':
      return before.enabled === null
        ? {
            ...held,
            enabled: null,
            sessions: before.sessions,
            methods: before.methods,
            // Set before the enable, and set it stays.
            password: held.password === 'held' ? 'held' : before.password,
          }
        : held;
    case 'addToGroup':
      return before.groups[call.groupId] === undefined ? withoutGroup(held, call.groupId) : held;
    case 'assignRole':
    case 'assignRoleUntil': {
      const role = roleKeyOf(call);
      const known = before.roles[role];
      return known === undefined ? withoutRole(held, role) : withRole(held, role, known);
    }
    case 'mintPass':
      return { ...held, pass: before.pass };
    default:
      return held;
  }
};

/**
 * `mayHold` as it must stand in the database before these steps leave, if they take: what is being taken is no longer
 * certain. Whoever dies between Graph's answer and writing it down would else leave a row that says "held" of what is
 * gone, and a grant that starts then would be taken for given.
 */
export const beforeTaking = (held: MayHold, steps: readonly PlannedStep[]): MayHold =>
  steps
    .filter((step) => !isGiving(step))
    .reduce((sum, { call }) => {
      switch (call.do) {
        case 'disable':
          return { ...sum, enabled: sum.enabled === null ? null : 'maybe' };
        case 'unassignRole':
        case 'endTimedRole':
          return withCertainty(sum, roleKeyOf(call), 'maybe');
        case 'removeFromGroup':
          return withGroup(sum, call.groupId, 'maybe');
        default:
          return sum;
      }
    }, held);

/** `mayHold` back as it was for one taking step that Graph refused outright: it certainly took nothing. */
export const notTaken = (held: MayHold, before: MayHold, { call }: PlannedStep): MayHold => {
  switch (call.do) {
    case 'disable':
      return { ...held, enabled: before.enabled };
    case 'unassignRole':
    case 'endTimedRole':
      return withCertainty(held, roleKeyOf(call), before.roles[roleKeyOf(call)]?.certainty ?? 'maybe');
    case 'removeFromGroup':
      return withGroup(held, call.groupId, before.groups[call.groupId] ?? 'maybe');
    default:
      return held;
  }
};

const withCertainty = (held: MayHold, id: RoleId, certainty: Certainty): MayHold => {
  const role = held.roles[id];
  return role === undefined ? held : withRole(held, id, { ...role, certainty });
};

const withGroup = (held: MayHold, id: GroupId, certainty: Certainty): MayHold =>
  held.groups[id] === undefined ? held : { ...held, groups: { ...held.groups, [id]: certainty } };

export const withoutGroup = (held: MayHold, group: GroupId): MayHold => ({
  ...held,
  groups: without(held.groups, group),
});

export const withoutRole = (held: MayHold, role: RoleId): MayHold => ({
  ...held,
  roles: without(held.roles, role),
});

/**
 * Both at their worst: what the row says, and what a claimant remembers that lost its claim after a giving call had left. What
 * only he knows of is certain no longer: others may have taken it since.
 */
export const worstOf = (one: MayHold, other: MayHold): MayHold => ({
  object: one.object ?? uncertain(other.object),
  enabled: one.enabled ?? uncertain(other.enabled),
  roles: rolesOf(one, other),
  groups: { ...mapped(other.groups, () => 'maybe'), ...one.groups },
  ...eligibleOf(one, other),
  pass: one.pass ?? (other.pass === null ? null : { ...other.pass, certainty: 'maybe' }),
  password: one.password ?? uncertain(other.password),
  sessions: one.sessions || other.sessions,
  methods: one.methods || other.methods,
});

/** One that somebody found since is found. */
const eligibleOf = (one: MayHold, other: MayHold): Pick<MayHold, 'eligible'> => {
  const found = Object.fromEntries(
    [...eligibleIn(one, 'found'), ...eligibleIn(other, 'found')].map((role): [RoleId, EligibleState] => [
      role,
      'found',
    ]),
  );
  const eligible = { ...other.eligible, ...one.eligible, ...found };
  return Object.keys(eligible).length === 0 ? {} : { eligible };
};

const rolesOf = (one: MayHold, other: MayHold): MayHold['roles'] => {
  const own = Object.entries(one.roles).map(([id, role]): [string, HeldRole] => [
    id,
    heldRole(role.certainty, role.assignmentId, role.timed ?? other.roles[id as RoleId]?.timed),
  ]);
  const theirs = mapped(other.roles, (role): HeldRole => ({ ...role, certainty: 'maybe' }));
  return { ...theirs, ...Object.fromEntries(own) };
};

const uncertain = (certainty: Certainty | null): Certainty | null => (certainty === null ? null : 'maybe');

const mapped = <Value>(
  record: Readonly<Record<string, Value>>,
  change: (value: Value) => Value,
): Readonly<Record<string, Value>> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));

/**
 * At its worst when everything that these grants, and its own row, give was sent since it was read. `timedSince`: where Entra can end
 * roles, and from when on nobody knows what was asked for.
 */
export const worstUnder = (
  { mayHold: held, own }: Pick<ManagedAccount, 'mayHold' | 'own'>,
  open: readonly GrantInForce[],
  timedSince: Instant | null,
): MayHold => {
  const roles = open.flatMap(({ grant }) =>
    grant.approved.roles.map((role): [RoleId, HeldRole] => [role, perhaps(grant.expiresAt, timedSince)]),
  );
  const byItself = (own?.roles ?? []).map((role): [RoleId, HeldRole] => [role, heldRole('maybe', null)]);
  const groups = [...open.flatMap(({ grant }) => grant.approved.groups), ...(own?.groups ?? [])];
  return worstOf(held, {
    ...LETS_SIGN_IN,
    object: 'maybe',
    enabled: 'maybe',
    roles: Object.fromEntries([...byItself, ...roles]),
    groups: Object.fromEntries(groups.map((group) => [group, 'maybe'])),
    pass: { certainty: 'maybe', passId: null },
  });
};

const perhaps = (until: Instant, since: Instant | null): HeldRole =>
  heldRole('maybe', null, since === null ? null : { givenAt: since, until, seen: false });

/** The object is gone from Entra, and with it all that it held. Its id is kept, to read back that it is so. */
export const withoutObject = (account: ManagedAccount): ManagedAccount => ({
  ...account,
  mayHold: HOLDS_NOTHING,
  pristine: false,
  password: null,
});

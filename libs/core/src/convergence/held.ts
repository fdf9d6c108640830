import { HOLDS_NOTHING, type ManagedAccount, type MayHold } from '#core/accounts';
import type { GrantInForce } from '#core/grants';
import type { GroupId, RoleId } from '#core/shared';
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
export const beforeGiving = (held: MayHold, steps: readonly PlannedStep[]): MayHold =>
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
        return {
          ...sum,
          roles: {
            ...sum.roles,
            [call.roleId]: sum.roles[call.roleId] ?? { certainty: 'maybe', assignmentId: null },
          },
        };
      case 'mintPass':
        return { ...sum, pass: { certainty: 'maybe', passId: null }, sessions: true };
      default:
        return sum;
    }
  }, held);

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
      return before.roles[call.roleId] === undefined ? withoutRole(held, call.roleId) : held;
    case 'mintPass':
      return { ...held, pass: before.pass };
    default:
      return held;
  }
};

export const withoutGroup = (held: MayHold, group: GroupId): MayHold => ({
  ...held,
  groups: without(held.groups, group),
});

export const withoutRole = (held: MayHold, role: RoleId): MayHold => ({
  ...held,
  roles: without(held.roles, role),
});

/** Both at their worst: for a claimant that lost its claim after a giving call had left. */
export const worstOf = (one: MayHold, other: MayHold): MayHold => ({
  object: one.object ?? other.object,
  enabled: one.enabled ?? other.enabled,
  roles: { ...other.roles, ...one.roles },
  groups: { ...other.groups, ...one.groups },
  pass: one.pass ?? other.pass,
  password: one.password ?? other.password,
  sessions: one.sessions || other.sessions,
  methods: one.methods || other.methods,
});

/** At its worst when everything that these grants give was sent since it was read. */
export const worstUnder = (held: MayHold, open: readonly GrantInForce[]): MayHold => {
  const roles = open.flatMap(({ grant }) => grant.approved.roles);
  const groups = open.flatMap(({ grant }) => grant.approved.groups);
  return worstOf(held, {
    ...LETS_SIGN_IN,
    object: 'maybe',
    enabled: 'maybe',
    roles: Object.fromEntries(roles.map((role) => [role, { certainty: 'maybe', assignmentId: null }])),
    groups: Object.fromEntries(groups.map((group) => [group, 'maybe'])),
    pass: { certainty: 'maybe', passId: null },
  });
};

/** The object is gone from Entra, and with it all that it held. Its id is kept, to read back that it is so. */
export const withoutObject = (account: ManagedAccount): ManagedAccount => ({
  ...account,
  mayHold: HOLDS_NOTHING,
  pristine: false,
  password: null,
});

import type {
  DirectoryAnswer,
  DirectoryCall,
  DirectoryError,
  ObservedRole,
  ObservedUser,
} from '#core/accounts';
import { MINUTE, Secret, type GroupId, type Instant, type ObjectId } from '#core/shared';
import { pimReaders, pimWriters } from './fake-directory-pim.js';
import {
  bad,
  denied,
  MANAGE_ROLES,
  notThere,
  permissionsFor,
  refuse,
  restricted,
  SEE_DIRECT_MEMBERSHIPS,
  SEE_METHODS,
} from './fake-directory-refusals.js';
import {
  BLANK,
  heldRoles,
  sameName,
  usualAssignmentId,
  type FakeGroup,
  type FakeTenant,
  type FakeUser,
} from './fake-directory-tenant.js';

/** A call against an existing user. */
type UserCall = Exclude<DirectoryCall, { readonly do: 'createUser' | 'findUser' }>;
type CallOf<Kind extends DirectoryCall['do']> = Extract<DirectoryCall, { readonly do: Kind }>;
/** What a call works on: the newest state of the user, and where to put the next. */
export interface Desk {
  readonly tenant: FakeTenant;
  readonly now: Instant;
}

/** Refused against protected users unless our service principal holds the directory role, and in restricted units. */
const sensitive = new Set<DirectoryCall['do']>(['enable', 'disable', 'setPassword', 'deleteUser']);
/** Their 404 is a success: what is to be gone is gone. */
const removals = new Set<DirectoryCall['do']>([
  'deleteUser',
  'removeFromGroup',
  'removeFromUnit',
  'unassignRole',
  'deleteMethod',
]);

/** Carries one call out at once. Throws a `DirectoryError`, in which case nothing was changed. */
export const carryOut = (tenant: FakeTenant, call: DirectoryCall, now: Instant): DirectoryAnswer => {
  if (!tenant.permitsAny(permissionsFor(call))) throw denied(call, 'consent_missing');
  const desk = { tenant, now };
  if (call.do === 'createUser') return create(desk, call);
  if (call.do === 'findUser') {
    const found = tenant.everyoneLagged().find((user) => sameName(user.upn, call.upn));
    return { did: 'findUser', user: observed(found) };
  }
  return isRead(call) ? readers[call.do](tenant, call.user, now) : changeUser(desk, call);
};

const observed = (user: FakeUser | undefined): ObservedUser | null =>
  user === undefined
    ? null
    : {
        objectId: user.objectId,
        upn: user.upn,
        enabled: user.enabled,
        marker: user.marker,
        sessionsValidFromAt: user.sessionsValidFromAt,
        passwordChangedAt: user.passwordChangedAt,
      };

const seen = (tenant: FakeTenant, kind: 'listGroups' | 'listMethods', user: ObjectId): FakeUser => {
  const found = tenant.lagged(user);
  if (found === undefined) throw notThere({ do: kind, user }, user);
  return found;
};

const readers = {
  readUser: (tenant: FakeTenant, user: ObjectId): DirectoryAnswer => ({
    did: 'readUser',
    user: observed(tenant.lagged(user)),
  }),
  // A filter over assignments: an unknown user has none, and that is no error.
  listRoleAssignments: (tenant: FakeTenant, user: ObjectId, now: Instant): DirectoryAnswer => {
    const seenNow = tenant.lagged(user);
    return { did: 'listRoleAssignments', roles: seenNow === undefined ? [] : heldRoles(seenNow, now) };
  },
  ...pimReaders,
  listGroups: (tenant: FakeTenant, user: ObjectId): DirectoryAnswer => ({
    did: 'listGroups',
    // As the adapter does: what nobody can be taken out of is no membership to look at.
    groups: seen(tenant, 'listGroups', user).groups.filter(
      (id) => tenant.groups.get(id)?.managedElsewhere !== true,
    ),
    direct: tenant.permitsAny(SEE_DIRECT_MEMBERSHIPS),
  }),
  listMethods: (tenant: FakeTenant, user: ObjectId): DirectoryAnswer => ({
    did: 'listMethods',
    methods: seen(tenant, 'listMethods', user).methods.filter(
      ({ kind }) => kind === 'temporaryAccessPass' || tenant.permitsAny(SEE_METHODS),
    ),
  }),
};

type ReadCall = CallOf<keyof typeof readers>;
const isRead = (call: UserCall): call is ReadCall => call.do in readers;

const isStrong = (password: string): boolean =>
  password.length >= 8 &&
  [/[a-z]/, /[A-Z]/, /[0-9]/, /[^a-zA-Z0-9]/].filter((kind) => kind.test(password)).length >= 3;

const create = ({ tenant, now }: Desk, call: CallOf<'createUser'>): DirectoryAnswer => {
  const domain = call.upn.split('@')[1] ?? '';
  if (!tenant.domains.some((name) => sameName(name, domain))) {
    throw bad(call, 'The domain portion of the userPrincipalName property is invalid.');
  }
  if (tenant.user(call.upn) !== null) {
    throw bad(
      call,
      'Another object with the same value for property userPrincipalName already exists.',
      'conflict',
    );
  }
  const password = acceptable(call, call.password);
  const objectId = tenant.nextId('user');
  tenant.write(objectId, {
    ...BLANK,
    objectId,
    upn: call.upn,
    displayName: call.displayName,
    marker: call.marker,
    password,
    sessionsValidFromAt: wholeSecond(now),
    passwordChangedAt: wholeSecond(now),
  });
  return { did: 'createUser', objectId };
};

const acceptable = (call: DirectoryCall, password: Secret): string => {
  if (!isStrong(password.expose()))
    throw bad(call, 'The specified password does not comply with password complexity requirements.');
  return password.expose();
};

const changeUser = (desk: Desk, call: CallOf<Change>): DirectoryAnswer => {
  const { tenant } = desk;
  const user = tenant.user(call.user);
  // A removal needs no visible user; anything else does, and a new user becomes visible only after the lag.
  if (user === null || (tenant.lagged(call.user) === undefined && !removals.has(call.do))) {
    if (removals.has(call.do)) return { did: call.do as 'deleteUser', already: true };
    throw notThere(call, call.user);
  }
  if (sensitive.has(call.do)) refuseIfProtected(desk, call, user);
  // The table has one writer per kind of call, each for its own type: TypeScript can't see that the key picks the type.
  const write = writers[call.do] as (
    desk: Desk,
    call: DirectoryCall,
    user: FakeUser,
  ) => boolean | DirectoryAnswer;
  const outcome = write(desk, call, user);
  return typeof outcome === 'boolean' ? { did: call.do as 'enable', already: outcome } : outcome;
};

const refuseIfProtected = ({ tenant, now }: Desk, call: DirectoryCall, user: FakeUser): void => {
  if (user.units.some((id) => tenant.units.get(id)?.restricted)) throw restricted(call);
  // Now, or as far as the lagging authorisation check knows.
  const states = [user, tenant.lagged(user.objectId) ?? user];
  const isProtected = states.some(
    (state) =>
      heldRoles(state, now).length > 0 || state.groups.some((id) => tenant.groups.get(id)?.roleAssignable),
  );
  if (isProtected && !tenant.mayTouchRoleHolders) throw denied(call, 'directory_role_missing');
};

type Change = Exclude<UserCall, ReadCall>['do'];
/** Writes the new state; says whether it was so already, or answers with more. */
type Writers = {
  readonly [Kind in Change]: (desk: Desk, call: CallOf<Kind>, user: FakeUser) => boolean | DirectoryAnswer;
};

/** Writes the next state of a user; false: it was not so already. */
export const put = ({ tenant }: Desk, user: FakeUser, change: Partial<FakeUser>): false => {
  tenant.write(user.objectId, { ...user, ...change });
  return false;
};

const writers: Writers = {
  enable: (desk, _call, user) => put(desk, user, { enabled: true }),
  disable: (desk, _call, user) => put(desk, user, { enabled: false }),
  revokeSessions: (desk, _call, user) => put(desk, user, { sessionsValidFromAt: wholeSecond(desk.now) }),
  setPassword: (desk, call, user) =>
    put(desk, user, { password: acceptable(call, call.password), passwordChangedAt: wholeSecond(desk.now) }),
  deleteUser: ({ tenant }, _call, user) => {
    tenant.write(user.objectId, null);
    return false;
  },
  addToGroup: (desk, call, user) => inOrOut(desk, call, user),
  removeFromGroup: (desk, call, user) => inOrOut(desk, call, user),
  addToUnit: (desk, call, user) => inOrOutOfUnit(desk, call, user),
  removeFromUnit: (desk, call, user) => inOrOutOfUnit(desk, call, user),
  assignRole: (desk, { roleId, scope = '/' }, user) => {
    if (heldRoles(user, desk.now).some((held) => held.roleId === roleId && held.scope === scope))
      return { did: 'assignRole', assignmentId: null };
    const assignmentId = usualAssignmentId(roleId, user.objectId, scope);
    put(desk, user, { assignments: [...user.assignments, { roleId, assignmentId, scope }] });
    return { did: 'assignRole', assignmentId };
  },
  unassignRole: (desk, call, user) => unassign(desk, call, user),
  ...pimWriters,
  mintPass: (desk, call, user) => mint(desk, call, user),
  deleteMethod: (desk, call, user) => {
    if (call.method.kind === 'hardwareOath' || call.method.kind === 'other') throw noWay(call);
    const methods = user.methods.filter(({ id }) => id !== call.method.id);
    return methods.length === user.methods.length || put(desk, user, { methods });
  },
};

/** As the adapter does, which sends nothing. */
const noWay = (call: DirectoryCall): DirectoryError =>
  refuse(call, { reason: 'invalid', status: 400, code: 'fake', text: 'Graph has no way to do this.' });

const unassign = (desk: Desk, call: CallOf<'unassignRole'>, user: FakeUser): boolean => {
  if (call.assignmentId === null && (call.scope ?? '/') !== '/') throw noWay(call);
  const id = call.assignmentId ?? usualAssignmentId(call.roleId, user.objectId);
  const gone = heldRoles(user, desk.now).find((held) => held.assignmentId === id);
  const isGone = (held: Pick<ObservedRole, 'roleId' | 'scope'>): boolean =>
    held.roleId === gone?.roleId && held.scope === gone.scope;
  if (gone === undefined) return true;
  if (desk.tenant.pim?.guarded === true && !user.assignments.some(isGone)) throw noWay(call);
  return put(desk, user, {
    assignments: user.assignments.filter((held) => !isGone(held)),
    timedRoles: user.timedRoles.filter((held) => !isGone(held)),
  });
};

const inOrOutOfUnit = (desk: Desk, call: CallOf<'addToUnit' | 'removeFromUnit'>, user: FakeUser): boolean => {
  const adds = call.do === 'addToUnit';
  if (adds && !desk.tenant.units.has(call.unitId)) throw notThere(call, call.unitId, 'gone');
  const rest = user.units.filter((id) => id !== call.unitId);
  return (
    user.units.includes(call.unitId) === adds ||
    put(desk, user, { units: adds ? [...rest, call.unitId] : rest })
  );
};

const inOrOut = (desk: Desk, call: CallOf<'addToGroup' | 'removeFromGroup'>, user: FakeUser): boolean => {
  const adds = call.do === 'addToGroup';
  const group = desk.tenant.groups.get(call.groupId);
  if (group === undefined && adds) throw notThere(call, call.groupId, 'gone');
  refuseIfUnmanageable(desk, call, group);
  const rest: readonly GroupId[] = user.groups.filter((id) => id !== call.groupId);
  return (
    user.groups.includes(call.groupId) === adds ||
    put(desk, user, { groups: adds ? [...rest, call.groupId] : rest })
  );
};

/** One text for several causes: as long as a consent is missing that a group may ask for, it is taken for that. */
const refuseIfUnmanageable = ({ tenant }: Desk, call: DirectoryCall, group: FakeGroup | undefined): void => {
  const mayManageRoles = tenant.permitsAny(MANAGE_ROLES);
  if (group?.roleAssignable && !mayManageRoles) throw denied(call, 'consent_missing');
  if (group?.managedElsewhere) throw denied(call, mayManageRoles ? 'not_manageable' : 'consent_missing');
};

const UNSET = { minimumMinutes: 10, maximumMinutes: 43_200, onceOnly: false };

/** A new pass replaces the old one; one that the policy switched off is minted all the same and opens nothing. */
const mint = (desk: Desk, call: CallOf<'mintPass'>, user: FakeUser): DirectoryAnswer => {
  const { minimumMinutes: least, maximumMinutes: most, onceOnly } = desk.tenant.pass ?? UNSET;
  if (call.lifetimeMinutes < least || call.lifetimeMinutes > most || (onceOnly && !call.usableOnce)) {
    const text = `Invalid LifetimeInMinutes specified. The valid range between ${least} and ${most}.`;
    throw refuse(call, { reason: 'invalid', status: 400, code: 'badRequest', text });
  }
  const passId = desk.tenant.nextId('pass');
  const others = user.methods.filter(({ kind }) => kind !== 'temporaryAccessPass');
  put(desk, user, { methods: [...others, { kind: 'temporaryAccessPass', id: passId }] });
  const expiresAt = desk.now + call.lifetimeMinutes * MINUTE;
  const usable = desk.tenant.pass !== null;
  return { did: 'mintPass', minted: { passId, pass: new Secret(`Pass-${passId}`), expiresAt, usable } };
};

/** Graph's `Date` and its time properties know no milliseconds. */
export const wholeSecond = (at: Instant): Instant => Math.floor(at / 1_000) * 1_000;

import type { DirectoryCall, ExcessPermission } from '#core/accounts';
import { removalPermission } from './authentication-methods.js';

// Microsoft's permission-to-path data (devx-content permissions.json, August 2026) and the pages of the calls; where
// the two differ, what clients live with. A superset is right here: it only decides how a 403 is explained.
const READ_USERS = ['User.Read.All', 'User.ReadWrite.All', 'Directory.Read.All', 'Directory.ReadWrite.All'];
const WRITE_USERS = ['User.ReadWrite.All', 'Directory.ReadWrite.All'];
const WRITE_MEMBERS = ['GroupMember.ReadWrite.All', 'Group.ReadWrite.All', 'Directory.ReadWrite.All'];
/** GET /users/{id}/memberOf: neither Group.Read.All nor User.ReadWrite.All is enough. */
const READ_DIRECT_MEMBERSHIPS = [
  'Directory.Read.All',
  'Directory.ReadWrite.All',
  'Group.ReadBasic.All',
  'GroupMember.ReadBasic.All',
];
/** GET /users/{id}/transitiveMemberOf: whatever is good for the direct ones is good here too. */
const READ_MEMBERSHIPS = [
  'Group.Read.All',
  'GroupMember.Read.All',
  'User.Read.All',
  ...READ_DIRECT_MEMBERSHIPS,
];
const READ_ROLES = [
  'RoleManagement.Read.Directory',
  'RoleManagement.ReadWrite.Directory',
  'Directory.Read.All',
  'Directory.ReadWrite.All',
];
const READ_METHODS = ['UserAuthenticationMethod.Read.All', 'UserAuthenticationMethod.ReadWrite.All'];
/** Each kind has a permission of its own too, which Curfew asks for only for passes. */
const REMOVE_METHODS = ['UserAuthenticationMethod.ReadWrite.All'];
const READ_PASSES = ['UserAuthMethod-TAP.Read.All', 'UserAuthMethod-TAP.ReadWrite.All'];
const PASSES = ['UserAuthMethod-TAP.ReadWrite.All', 'UserAuthenticationMethod.ReadWrite.All'];

const WRITE_ROLES = ['RoleManagement.ReadWrite.Directory'];
const READ_ANY_ROLES = ['RoleManagement.Read.All', 'RoleManagement.Read.Directory', ...WRITE_ROLES];
const WRITE_SCHEDULES = ['RoleAssignmentSchedule.ReadWrite.Directory', ...WRITE_ROLES];
const WRITE_ELIGIBILITIES = ['RoleEligibilitySchedule.ReadWrite.Directory', ...WRITE_ROLES];

/** Any one of these application permissions lets the call through, as far as permissions go. */
const GOOD_FOR: Readonly<Record<DirectoryCall['do'], readonly string[]>> = {
  createUser: ['User.Create', ...WRITE_USERS],
  findUser: READ_USERS,
  readUser: READ_USERS,
  listRoleAssignments: READ_ROLES,
  listGroups: READ_MEMBERSHIPS,
  listMethods: [...READ_METHODS, ...READ_PASSES],
  enable: ['User.EnableDisableAccount.All', ...WRITE_USERS],
  disable: ['User.EnableDisableAccount.All', ...WRITE_USERS],
  revokeSessions: ['User.RevokeSessions.All', ...WRITE_USERS],
  setPassword: ['User-PasswordProfile.ReadWrite.All', ...WRITE_USERS],
  // Directory.ReadWrite.All may not delete users.
  deleteUser: ['User.DeleteRestore.All', 'User.ReadWrite.All'],
  addToGroup: WRITE_MEMBERS,
  removeFromGroup: WRITE_MEMBERS,
  assignRole: WRITE_ROLES,
  unassignRole: WRITE_ROLES,
  mintPass: PASSES,
  deleteMethod: REMOVE_METHODS,
  assignRoleUntil: WRITE_SCHEDULES,
  changeTimedRole: WRITE_SCHEDULES,
  // Both as Microsoft's data has them, which knows no such way to end an eligibility.
  endTimedRole: [
    'RoleAssignmentSchedule.Remove.Directory',
    'RoleEligibilitySchedule.Remove.Directory',
    ...WRITE_SCHEDULES,
  ],
  // The roles that the documents name for plain assignments don't open schedules: no Directory.Read.All here.
  listRoleSchedules: [
    'RoleAssignmentSchedule.Read.Directory',
    'RoleAssignmentSchedule.ReadWrite.Directory',
    ...READ_ANY_ROLES,
  ],
  makeEligible: WRITE_ELIGIBILITIES,
  endEligibility: WRITE_ELIGIBILITIES,
  listEligibilities: [
    'RoleEligibilitySchedule.Read.Directory',
    'RoleEligibilitySchedule.ReadWrite.Directory',
    ...READ_ANY_ROLES,
  ],
  addToUnit: ['AdministrativeUnit.ReadWrite.All'],
  removeFromUnit: ['AdministrativeUnit.ReadWrite.All'],
};

const MEMBERSHIP = new Set<DirectoryCall['do']>(['addToGroup', 'removeFromGroup']);

const holdsAny = (roles: ReadonlySet<string>, permissions: readonly string[]): boolean =>
  permissions.some((permission) => roles.has(permission));

/** The token's roles hold a permission that is good for this call: its 403 then means something else. */
export const isPermitted = (call: DirectoryCall, roles: ReadonlySet<string>): boolean => {
  // Whether a group is role-assignable isn't told by the call: without this one its refusal may be about consent.
  if (MEMBERSHIP.has(call.do) && !holdsAny(roles, WRITE_ROLES)) return false;
  const own = call.do === 'deleteMethod' ? removalPermission(call.method.kind) : null;
  return holdsAny(roles, [...(own === null ? [] : [own]), ...GOOD_FOR[call.do]]);
};

/** What timed roles ask for beyond reading them. */
export const mayTimeRoles = (roles: ReadonlySet<string>): boolean => holdsAny(roles, WRITE_SCHEDULES);

/** Which of Graph's lists are read: the one that shows most of those that the permissions open. */
export interface Lists {
  readonly groups: 'memberOf' | 'transitiveMemberOf';
  readonly methods: 'methods' | 'temporaryAccessPassMethods';
}

export const listsFor = (roles: ReadonlySet<string>): Lists => ({
  groups: holdsAny(roles, READ_DIRECT_MEMBERSHIPS) ? 'memberOf' : 'transitiveMemberOf',
  methods:
    !holdsAny(roles, READ_METHODS) && holdsAny(roles, READ_PASSES) ? 'temporaryAccessPassMethods' : 'methods',
});

/** What Curfew asks an administrator to consent to, each with the higher permissions that cover it. */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  'User.ReadWrite.All': [],
  // The user page asks for these two by name; User.ReadWrite.All alone has carried them for plain users only.
  'User.EnableDisableAccount.All': [],
  'User-PasswordProfile.ReadWrite.All': [],
  'UserAuthMethod-TAP.ReadWrite.All': ['UserAuthenticationMethod.ReadWrite.All'],
  'GroupMember.ReadWrite.All': ['Group.ReadWrite.All', 'Directory.ReadWrite.All'],
  // Reads memberships, as do those that cover it; GroupMember.ReadWrite.All and Group.ReadWrite.All don't.
  'Group.Read.All': READ_MEMBERSHIPS,
  'RoleManagement.ReadWrite.Directory': [],
  'Domain.Read.All': ['Domain.ReadWrite.All', 'Directory.Read.All'],
  'Organization.Read.All': [
    'Organization.ReadWrite.All',
    'Directory.Read.All',
    'Directory.ReadWrite.All',
    'User.Read.All',
  ],
  'Policy.Read.AuthenticationMethod': ['Policy.ReadWrite.AuthenticationMethod', 'Policy.Read.All'],
};

/** What Curfew works without, but sees less. */
const RECOMMENDED: typeof NEEDED = {
  // Without it, methods that somebody registered can't be seen, and so not removed; only passes can.
  'UserAuthenticationMethod.ReadWrite.All': [],
  // Without it, groups that somebody was put into by hand can't be told from nested ones.
  'Directory.Read.All': READ_DIRECT_MEMBERSHIPS,
};

/** What Curfew has a use for where it is given, and does not ask for. */
const USEFUL: readonly string[] = [
  // Shows Conditional Access policies that would stop a fresh admin.
  'Policy.Read.All',
  // Roles within administrative units.
  'AdministrativeUnit.Read.All',
  'AdministrativeUnit.ReadWrite.All',
  // What an account did during its grant.
  'AuditLog.Read.All',
];

/**
 * Which of the roles there is no use for. One that covers a needed permission which is not given by itself is excess too: it
 * opens more than that.
 */
export const excessPermissions = (roles: ReadonlySet<string>): readonly ExcessPermission[] => {
  const wanted = { ...NEEDED, ...RECOMMENDED };
  const usual = new Set([...Object.keys(wanted), ...USEFUL]);
  const narrowerThan = (permission: string): readonly string[] =>
    Object.entries(wanted).flatMap(([least, higher]) =>
      !roles.has(least) && higher.includes(permission) ? [least] : [],
    );
  return [...roles]
    .filter((permission) => !usual.has(permission))
    .sort()
    .map((permission) => ({ permission, narrower: narrowerThan(permission) }));
};

/** Which of the needed permissions, by their least name, neither the roles nor anything above them cover. */
export const missingPermissions = (roles: ReadonlySet<string>): readonly string[] => uncovered(NEEDED, roles);

/** Which of the recommended permissions the roles don't cover. */
export const recommendedPermissions = (roles: ReadonlySet<string>): readonly string[] =>
  uncovered(RECOMMENDED, roles);

const uncovered = (wanted: typeof NEEDED, roles: ReadonlySet<string>): readonly string[] =>
  Object.entries(wanted).flatMap(([least, higher]) => (holdsAny(roles, [least, ...higher]) ? [] : [least]));

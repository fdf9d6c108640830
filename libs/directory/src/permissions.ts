import type { DirectoryCall } from '#core/accounts';

// Microsoft's permission-to-path data (devx-content permissions.json, August 2026) and the pages of the calls; where
// the two differ, what clients live with. A superset is right here: it only decides how a 403 is explained.
const READ_USERS = ['User.Read.All', 'User.ReadWrite.All', 'Directory.Read.All', 'Directory.ReadWrite.All'];
const WRITE_USERS = ['User.ReadWrite.All', 'Directory.ReadWrite.All'];
const WRITE_MEMBERS = ['GroupMember.ReadWrite.All', 'Group.ReadWrite.All', 'Directory.ReadWrite.All'];
const READ_MEMBERSHIPS = [
  'Directory.Read.All',
  'Directory.ReadWrite.All',
  'Group.ReadBasic.All',
  'GroupMember.ReadBasic.All',
];
const READ_ROLES = [
  'RoleManagement.Read.Directory',
  'RoleManagement.ReadWrite.Directory',
  'Directory.Read.All',
  'Directory.ReadWrite.All',
];
const PASSES = ['UserAuthMethod-TAP.ReadWrite.All', 'UserAuthenticationMethod.ReadWrite.All'];

/** Any one of these application permissions lets the call through, as far as permissions go. */
const GOOD_FOR: Readonly<Record<DirectoryCall['do'], readonly string[]>> = {
  createUser: ['User.Create', ...WRITE_USERS],
  findUser: READ_USERS,
  readUser: READ_USERS,
  listRoleAssignments: READ_ROLES,
  // Direct memberships: neither Group.Read.All nor User.ReadWrite.All is enough.
  listGroups: READ_MEMBERSHIPS,
  listMethods: ['UserAuthenticationMethod.Read.All', 'UserAuthenticationMethod.ReadWrite.All'],
  enable: ['User.EnableDisableAccount.All', ...WRITE_USERS],
  disable: ['User.EnableDisableAccount.All', ...WRITE_USERS],
  revokeSessions: ['User.RevokeSessions.All', ...WRITE_USERS],
  setPassword: ['User-PasswordProfile.ReadWrite.All', ...WRITE_USERS],
  // Directory.ReadWrite.All may not delete users.
  deleteUser: ['User.DeleteRestore.All', 'User.ReadWrite.All'],
  addToGroup: WRITE_MEMBERS,
  removeFromGroup: WRITE_MEMBERS,
  assignRole: ['RoleManagement.ReadWrite.Directory'],
  unassignRole: ['RoleManagement.ReadWrite.Directory'],
  mintPass: PASSES,
  // Passkeys, phones and the rest have permissions of their own too, which Curfew doesn't ask for.
  deleteMethod: ['UserAuthenticationMethod.ReadWrite.All', ...PASSES],
};

/** The token's roles hold a permission that is good for this call: its 403 then means something else. */
export const isPermitted = (call: DirectoryCall['do'], roles: ReadonlySet<string>): boolean =>
  GOOD_FOR[call].some((permission) => roles.has(permission));

/** What Curfew asks an administrator to consent to, each with the higher permissions that cover it. */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  'User.ReadWrite.All': [],
  // The user page asks for these two by name; User.ReadWrite.All alone has carried them for plain users only.
  'User.EnableDisableAccount.All': [],
  'User-PasswordProfile.ReadWrite.All': [],
  'UserAuthMethod-TAP.ReadWrite.All': ['UserAuthenticationMethod.ReadWrite.All'],
  'GroupMember.ReadWrite.All': ['Group.ReadWrite.All', 'Directory.ReadWrite.All'],
  'Group.Read.All': [
    'GroupMember.Read.All',
    'GroupMember.ReadWrite.All',
    'Group.ReadWrite.All',
    'Directory.Read.All',
    'Directory.ReadWrite.All',
  ],
  'Directory.Read.All': READ_MEMBERSHIPS,
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

/** Which of the needed permissions, by their least name, neither the roles nor anything above them cover. */
export const missingPermissions = (roles: ReadonlySet<string>): readonly string[] =>
  Object.entries(NEEDED).flatMap(([least, higher]) =>
    [least, ...higher].some((permission) => roles.has(permission)) ? [] : [least],
  );

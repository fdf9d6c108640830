import { DirectoryError, workloadOf, type DirectoryCall, type DirectoryErrorReason } from '#core/accounts';

const PEOPLE = ['User.ReadWrite.All', 'Directory.ReadWrite.All'];
const METHODS = ['UserAuthenticationMethod.ReadWrite.All'];
/** Any of these shows all methods; with those for passes only passes are seen, and removed. */
export const SEE_METHODS = [...METHODS, 'UserAuthenticationMethod.Read.All'];
const PASSES = [...METHODS, 'UserAuthMethod-TAP.ReadWrite.All'];
/** Any of these tells direct memberships from nested ones. */
export const SEE_DIRECT_MEMBERSHIPS = [
  'Directory.Read.All',
  'Directory.ReadWrite.All',
  'GroupMember.ReadBasic.All',
];
/** Also needed for role-assignable groups. */
export const MANAGE_ROLES = ['RoleManagement.ReadWrite.Directory'];
export const TIMED_ROLES = ['RoleAssignmentSchedule.ReadWrite.Directory', ...MANAGE_ROLES];
const ELIGIBILITIES = ['RoleEligibilitySchedule.ReadWrite.Directory', ...MANAGE_ROLES];
const UNITS = ['AdministrativeUnit.ReadWrite.All'];
/** Any of these lets a call through. Shorter than Graph's own table: enough to test a missing consent. */
const PERMISSIONS: Readonly<Record<DirectoryCall['do'], readonly string[]>> = {
  createUser: PEOPLE,
  findUser: [...PEOPLE, 'User.Read.All'],
  readUser: [...PEOPLE, 'User.Read.All'],
  listRoleAssignments: ['RoleManagement.ReadWrite.Directory', 'RoleManagement.Read.Directory'],
  listGroups: ['Group.Read.All', 'User.Read.All', ...SEE_DIRECT_MEMBERSHIPS],
  listMethods: [...SEE_METHODS, ...PASSES],
  enable: ['User.EnableDisableAccount.All', ...PEOPLE],
  disable: ['User.EnableDisableAccount.All', ...PEOPLE],
  revokeSessions: PEOPLE,
  setPassword: ['User-PasswordProfile.ReadWrite.All', ...PEOPLE],
  deleteUser: ['User.ReadWrite.All'],
  addToGroup: ['GroupMember.ReadWrite.All', 'Group.ReadWrite.All', 'Directory.ReadWrite.All'],
  removeFromGroup: ['GroupMember.ReadWrite.All', 'Group.ReadWrite.All', 'Directory.ReadWrite.All'],
  assignRole: ['RoleManagement.ReadWrite.Directory'],
  unassignRole: ['RoleManagement.ReadWrite.Directory'],
  mintPass: PASSES,
  deleteMethod: PASSES,
  assignRoleUntil: TIMED_ROLES,
  changeTimedRole: TIMED_ROLES,
  endTimedRole: TIMED_ROLES,
  listRoleSchedules: [...TIMED_ROLES, 'RoleAssignmentSchedule.Read.Directory'],
  makeEligible: ELIGIBILITIES,
  endEligibility: ELIGIBILITIES,
  listEligibilities: [...ELIGIBILITIES, 'RoleEligibilitySchedule.Read.Directory'],
  addToUnit: UNITS,
  removeFromUnit: UNITS,
};
/** As above, but for methods: with the permission for passes only passes are removed. */
export const permissionsFor = (call: DirectoryCall): readonly string[] =>
  call.do === 'deleteMethod' && call.method.kind !== 'temporaryAccessPass' ? METHODS : PERMISSIONS[call.do];

interface Refusal {
  readonly reason: DirectoryErrorReason;
  readonly status: number;
  readonly code: string;
  readonly text: string;
  readonly retry?: 'later' | 'never';
  readonly retryAfterSeconds?: number | null;
}

/** A refusal as Graph would word it. */
export const refuse = (call: DirectoryCall, refusal: Refusal): DirectoryError =>
  new DirectoryError(refusal.reason, `${refusal.code}: ${refusal.text}`, {
    retry: refusal.retry ?? 'never',
    workload: workloadOf(call),
    status: refusal.status,
    code: refusal.code,
    retryAfterSeconds: refusal.retryAfterSeconds ?? null,
    requestId: null,
  });
export const notThere = (
  call: DirectoryCall,
  what: string,
  reason: 'replication' | 'gone' = 'replication',
): DirectoryError =>
  refuse(call, {
    reason,
    status: 404,
    code: 'Request_ResourceNotFound',
    text: `Resource '${what}' does not exist or one of its queried reference-property objects are not present.`,
    retry: reason === 'gone' ? 'never' : 'later',
  });
/** No Graph permission helps against it, only a role in that unit. */
export const restricted = (call: DirectoryCall): DirectoryError =>
  refuse(call, {
    reason: 'directory_role_missing',
    status: 403,
    code: 'Authorization_RequestDenied',
    text: 'This user is a member of a restricted management administrative unit.',
    retry: 'later',
  });
export const bad = (
  call: DirectoryCall,
  text: string,
  reason: 'invalid' | 'conflict' = 'invalid',
): DirectoryError => refuse(call, { reason, status: 400, code: 'Request_BadRequest', text });
export const denied = (
  call: DirectoryCall,
  reason: 'consent_missing' | 'directory_role_missing' | 'not_manageable',
): DirectoryError =>
  refuse(call, {
    reason,
    status: 403,
    code: 'Authorization_RequestDenied',
    text: 'Insufficient privileges to complete the operation.',
    // Losing its roles makes the user touchable again; consent and kinds of groups change by people only.
    retry: reason === 'directory_role_missing' ? 'later' : 'never',
  });

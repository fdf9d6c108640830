import { DirectoryError, type DirectoryCall, type DirectoryErrorReason } from '#core/accounts';
import type { Workload } from '#core/tenancy';

const methodWorkloads = new Set<DirectoryCall['do']>(['listMethods', 'mintPass', 'deleteMethod']);
export const workloadOf = (call: DirectoryCall): Workload =>
  methodWorkloads.has(call.do) ? 'authentication-methods' : 'directory';

const PEOPLE = ['User.ReadWrite.All', 'Directory.ReadWrite.All'];
const METHODS = ['UserAuthenticationMethod.ReadWrite.All'];
/** Any of these lets a call through. Shorter than Graph's own table: enough to test a missing consent. */
export const PERMISSIONS: Readonly<Record<DirectoryCall['do'], readonly string[]>> = {
  createUser: PEOPLE,
  findUser: [...PEOPLE, 'User.Read.All'],
  readUser: [...PEOPLE, 'User.Read.All'],
  listRoleAssignments: ['RoleManagement.ReadWrite.Directory', 'RoleManagement.Read.Directory'],
  listGroups: ['Directory.Read.All', 'Directory.ReadWrite.All', 'GroupMember.ReadBasic.All'],
  listMethods: [...METHODS, 'UserAuthenticationMethod.Read.All'],
  enable: ['User.EnableDisableAccount.All', ...PEOPLE],
  disable: ['User.EnableDisableAccount.All', ...PEOPLE],
  revokeSessions: PEOPLE,
  setPassword: ['User-PasswordProfile.ReadWrite.All', ...PEOPLE],
  deleteUser: ['User.ReadWrite.All'],
  addToGroup: ['GroupMember.ReadWrite.All', 'Group.ReadWrite.All', 'Directory.ReadWrite.All'],
  removeFromGroup: ['GroupMember.ReadWrite.All', 'Group.ReadWrite.All', 'Directory.ReadWrite.All'],
  assignRole: ['RoleManagement.ReadWrite.Directory'],
  unassignRole: ['RoleManagement.ReadWrite.Directory'],
  mintPass: [...METHODS, 'UserAuthMethod-TAP.ReadWrite.All'],
  deleteMethod: [...METHODS, 'UserAuthMethod-TAP.ReadWrite.All'],
};
interface Refusal {
  readonly reason: DirectoryErrorReason;
  readonly status: number;
  readonly code: string;
  readonly text: string;
  readonly retry?: 'later' | 'never';
}

/** A refusal as Graph would word it. */
export const refuse = (call: DirectoryCall, refusal: Refusal): DirectoryError =>
  new DirectoryError(refusal.reason, `${refusal.code}: ${refusal.text}`, {
    retry: refusal.retry ?? 'never',
    workload: workloadOf(call),
    status: refusal.status,
    code: refusal.code,
    retryAfterSeconds: null,
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

import type { HistoryEvent } from '../control/contract.js';

/** How the audit log names what the history knows. */
export interface Activity {
  readonly name: string;
  readonly category: string;
  readonly operation: 'Add' | 'Update' | 'Delete' | 'Assign' | 'Unassign';
  readonly service: string;
  /** What kind of thing it was done to. */
  readonly target: string;
  readonly reason?: string;
}

const activity =
  (category: string, target: string, service = 'Core Directory') =>
  (name: string, operation: Activity['operation'], reason?: string): Activity => ({
    name,
    category,
    operation,
    service,
    target,
    ...(reason === undefined ? {} : { reason }),
  });

const onUser = activity('UserManagement', 'User');
const onGroup = activity('GroupManagement', 'Group');
const onMember = activity('GroupManagement', 'User');
const onRole = activity('RoleManagement', 'User');
const onSchedule = activity('RoleManagement', 'User', 'PIM');
const onUnit = activity('AdministrativeUnit', 'AdministrativeUnit');
const onUnitMember = activity('AdministrativeUnit', 'User');
const onApp = activity('ApplicationManagement', 'ServicePrincipal');
const onMethod = activity('UserManagement', 'User', 'Authentication Methods');

/** `pass.used` is missing: it is a row of the sign-in log. */
const activities: Readonly<Partial<Record<HistoryEvent, Activity>>> = {
  'user.created': onUser('Add user', 'Add'),
  'user.enabled': onUser('Enable account', 'Update'),
  'user.disabled': onUser('Disable account', 'Update'),
  'user.updated': onUser('Update user', 'Update'),
  'user.deleted': onUser('Delete user', 'Delete'),
  'user.restored': onUser('Restore user', 'Update'),
  'user.purged': onUser('Hard Delete user', 'Delete'),
  'password.set': onUser('Reset user password', 'Update'),
  'sessions.revoked': onUser('Update StsRefreshTokenValidFrom Timestamp', 'Update'),
  'licences.changed': onUser('Change user license', 'Update'),
  'role.assigned': onRole('Add member to role', 'Assign'),
  'role.removed': onRole('Remove member from role', 'Unassign'),
  'schedule.created': onSchedule('Add member to role in PIM requested (timebound)', 'Assign'),
  'schedule.changed': onSchedule('Update member in role in PIM', 'Update'),
  'schedule.started': onSchedule('Add member to role in PIM completed (timebound)', 'Assign'),
  'schedule.ended': onSchedule('Remove member from role (PIM activation expired)', 'Unassign'),
  'group.created': onGroup('Add group', 'Add'),
  'group.updated': onGroup('Update group', 'Update'),
  'group.deleted': onGroup('Delete group', 'Delete'),
  'group.restored': onGroup('Restore Group', 'Update'),
  'group.purged': onGroup('Hard Delete group', 'Delete'),
  'group.joined': onMember('Add member to group', 'Assign'),
  'group.left': onMember('Remove member from group', 'Unassign'),
  'owner.added': onMember('Add owner to group', 'Assign'),
  'owner.removed': onMember('Remove owner from group', 'Unassign'),
  'unit.created': onUnit('Add administrative unit', 'Add'),
  'unit.updated': onUnit('Update administrative unit', 'Update'),
  'unit.deleted': onUnit('Delete administrative unit', 'Delete'),
  'unit.joined': onUnitMember('Add member to administrative unit', 'Assign'),
  'unit.left': onUnitMember('Remove member from administrative unit', 'Unassign'),
  'consent.given': onApp('Consent to application', 'Assign'),
  'consent.withdrawn': onApp('Remove app role assignment from service principal', 'Unassign'),
  'pass.minted': onMethod(
    'Admin registered security info',
    'Add',
    'Admin registered temporary access pass method for user',
  ),
  'pass.deleted': onMethod(
    'Admin deleted security info',
    'Delete',
    'Admin deleted temporary access pass method for user',
  ),
  'method.added': onMethod('User registered security info', 'Add'),
  'method.deleted': onMethod('Admin deleted security info', 'Delete'),
};

/** Undefined: the audit log is silent about it. */
export const activityOf = (what: HistoryEvent): Activity | undefined => activities[what];

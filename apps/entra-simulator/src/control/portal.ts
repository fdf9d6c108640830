import { assignRole, isMember, joinGroup, leaveGroup, removeRole } from '../directory/memberships.js';
import { addMethod } from '../directory/methods.js';
import { changeUser, deleteUser, restoreUser } from '../directory/users.js';
import { asObject, isText } from '../foundation/json.js';
import type { User } from '../state/model.js';
import type { Writer } from '../state/writer.js';
import type { JsonObject, PortalAction } from './contract.js';
import { ControlError } from './control-error.js';
import { addToUnit, unitOf } from './directory-spec.js';
import { proveDomain } from '../directory/domains.js';
import { deleteGroup } from '../directory/groups.js';
import { isInUnit, leaveUnit } from '../directory/units.js';
import { scheduleInPortal, unscheduleInPortal } from './portal-schedules.js';
import { groupOf, roleIdOf } from './tenant-spec.js';

type ActionOf<K extends PortalAction['do']> = Extract<PortalAction, { do: K }>;
type Actions = { [K in PortalAction['do']]: (writer: Writer, action: ActionOf<K>) => void };

const actions: Actions = {
  patchUser: (writer, { userId, changes }) => {
    changeUser(writer, userOf(writer, userId), readChanges(changes));
  },
  deleteUser: (writer, { userId }) => deleteUser(writer, userOf(writer, userId)),
  restoreUser: (writer, { userId }) => {
    const user = writer.tenant.deletedUsers.truth(userId.toLowerCase());
    if (user === undefined) throw new ControlError(404, `There is no deleted user '${userId}'`);
    restoreUser(writer, user);
  },
  addRole: (writer, { userId, roleId }) => {
    const principalId = userOf(writer, userId).id;
    const roleDefinitionId = roleIdOf(roleId);
    if (assignmentOf(writer, principalId, roleDefinitionId) !== undefined) return;
    assignRole(writer, { roleDefinitionId, principalId, directoryScopeId: '/' });
  },
  removeRole: (writer, { userId, roleId }) => {
    const assignment = assignmentOf(writer, userOf(writer, userId).id, roleIdOf(roleId));
    if (assignment === undefined) throw new ControlError(404, `The user does not hold '${roleId}'`);
    removeRole(writer, assignment);
  },
  scheduleRole: (writer, action) => scheduleInPortal(writer, tenantWide(writer, action), action),
  unscheduleRole: (writer, action) => unscheduleInPortal(writer, tenantWide(writer, action), action.kind),
  addToGroup: (writer, { userId, groupId }) => {
    const group = groupOf(writer.tenant, groupId);
    const { id } = userOf(writer, userId);
    if (!isMember(writer.tenant, group.id, id)) joinGroup(writer, group, id);
  },
  removeFromGroup: (writer, { userId, groupId }) => {
    const group = groupOf(writer.tenant, groupId);
    const { id } = userOf(writer, userId);
    if (!isMember(writer.tenant, group.id, id))
      throw new ControlError(404, `The user is not in '${groupId}'`);
    leaveGroup(writer, group, id);
  },
  addToUnit: (writer, { userId, unitId }) => addToUnit(writer, unitOf(writer.tenant, unitId), userId),
  removeFromUnit: (writer, { userId, unitId }) => {
    const unit = unitOf(writer.tenant, unitId);
    const { id } = userOf(writer, userId);
    if (!isInUnit(writer.tenant, unit.id, id)) throw new ControlError(404, `The user is not in '${unitId}'`);
    leaveUnit(writer, unit, id);
  },
  deleteGroup: (writer, { groupId }) => deleteGroup(writer, groupOf(writer.tenant, groupId)),
  makeDynamic: (writer, { groupId }) => {
    const group = groupOf(writer.tenant, groupId);
    writer.put('groups', group.id, { ...group, dynamic: true });
    writer.note('group.updated', { id: group.id }, { properties: ['groupTypes'] });
  },
  proveDomain: (writer, { domain }) => {
    if (!proveDomain(writer, domain)) throw new ControlError(404, `There is no domain '${domain}'`);
  },
  addMethod: (writer, { userId, kind }) => {
    addMethod(writer, userOf(writer, userId), kind);
  },
};

/** Does what the customer's own admin does by hand: no permission is asked, lags apply. */
export function actInPortal(writer: Writer, action: PortalAction): void {
  (actions[action.do] as (writer: Writer, action: PortalAction) => void)(writer, action);
}

function userOf({ tenant }: Writer, idOrName: string): User {
  const wanted = idOrName.toLowerCase();
  const user = tenant.users.truth(wanted) ?? tenant.users.lookUp('upn', wanted)[0];
  if (user === undefined) throw new ControlError(404, `There is no user '${idOrName}'`);
  return user;
}

const tenantWide = (writer: Writer, { userId, roleId }: { userId: string; roleId: string }) => ({
  principalId: userOf(writer, userId).id,
  roleDefinitionId: roleIdOf(roleId),
  directoryScopeId: '/',
});

const assignmentOf = ({ tenant }: Writer, principalId: string, roleId: string) =>
  tenant.assignments.lookUp('principal', principalId).find((one) => one.roleDefinitionId === roleId);

function readChanges({ accountEnabled, userPrincipalName, passwordProfile, ...properties }: JsonObject) {
  const { password } = asObject(passwordProfile);
  return {
    ...(typeof accountEnabled === 'boolean' ? { accountEnabled } : {}),
    ...(isText(userPrincipalName) ? { userPrincipalName } : {}),
    ...(isText(password) ? { password } : {}),
    properties,
  };
}

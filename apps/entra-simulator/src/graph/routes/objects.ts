import { directoryRoleId, roleById } from '../../directory/role-catalogue.js';
import { isoSeconds } from '../../foundation/clock.js';
import type { App, Group } from '../../state/model.js';
import type { View } from '../../state/replicated.js';
import type { Tenant } from '../../state/tenant.js';
import type { Reader } from '../select.js';
import { pick } from '../select.js';
import type { Json } from '../../foundation/json.js';
import { userDefaults, userReader } from './user-view.js';

export const groupDefaults: readonly string[] = [
  'id',
  'deletedDateTime',
  'classification',
  'createdDateTime',
  'description',
  'displayName',
  'expirationDateTime',
  'groupTypes',
  'isAssignableToRole',
  'mail',
  'mailEnabled',
  'mailNickname',
  'membershipRule',
  'membershipRuleProcessingState',
  'onPremisesSyncEnabled',
  'securityEnabled',
  'visibility',
];

/** The names that a Microsoft 365 or dynamic group bears in groupTypes. */
const groupTypesOf = ({ dynamic, microsoft365 }: Group): string[] => [
  ...(microsoft365 === true ? ['Unified'] : []),
  ...(dynamic ? ['DynamicMembership'] : []),
];

export function groupReader(group: Group): Reader {
  const { properties = {} } = group;
  const shown: Json = { ...unnamed(group), ...properties, ...fixed(group) };
  return (property) => shown[property];
}

/** What a group has that nobody gave it a value for. */
const unnamed = (group: Group): Json => ({
  mailNickname: group.displayName.replace(/[^A-Za-z0-9]/g, ''),
  membershipRule: group.dynamic ? '(user.department -eq "IT")' : null,
  membershipRuleProcessingState: group.dynamic ? 'On' : null,
});

function fixed(group: Group): Json {
  const hasMail = group.mailEnabled || group.microsoft365 === true;
  return {
    id: group.id,
    displayName: group.displayName,
    createdDateTime: isoSeconds(group.createdAt),
    deletedDateTime: group.deletedAt === undefined ? null : isoSeconds(group.deletedAt),
    groupTypes: groupTypesOf(group),
    isAssignableToRole: group.isAssignableToRole ? true : null,
    mailEnabled: hasMail,
    mail: hasMail ? `${group.displayName.replace(/[^A-Za-z0-9]/g, '')}@mail.example` : null,
    onPremisesSyncEnabled: group.onPremises ? true : null,
    securityEnabled: group.securityEnabled ?? group.microsoft365 !== true,
  };
}

export const servicePrincipalDefaults: readonly string[] = [
  'id',
  'accountEnabled',
  'appDisplayName',
  'appId',
  'appRoles',
  'displayName',
  'servicePrincipalNames',
  'servicePrincipalType',
  'signInAudience',
  'tags',
];

export function servicePrincipalReader(app: App): Reader {
  const shown: Json = {
    id: app.servicePrincipalId,
    accountEnabled: !app.disabled,
    appDisplayName: app.displayName,
    appId: app.clientId,
    displayName: app.displayName,
    servicePrincipalNames: [app.clientId],
    servicePrincipalType: 'Application',
    signInAudience: 'AzureADMultipleOrgs',
  };
  return (property) => shown[property];
}

export function directoryRoleReader(tenant: Tenant, templateId: string): Reader {
  const shown: Json = {
    id: directoryRoleId(tenant.id, templateId),
    displayName: roleById(templateId)?.displayName,
    description: roleById(templateId)?.displayName,
    roleTemplateId: templateId,
  };
  return (property) => shown[property];
}

export const directoryRoleDefaults: readonly string[] = [
  'id',
  'deletedDateTime',
  'description',
  'displayName',
  'roleTemplateId',
];

const typed = (type: string, names: readonly string[], read: Reader): Json => ({
  '@odata.type': `#microsoft.graph.${type}`,
  ...pick(type, names, read),
});

export const groupObject = (group: Group): Json => typed('group', groupDefaults, groupReader(group));

export const directoryRoleObject = (tenant: Tenant, templateId: string): Json =>
  typed('directoryRole', directoryRoleDefaults, directoryRoleReader(tenant, templateId));

/** Any principal as a directoryObject, if the view sees it. */
export function principalObject(tenant: Tenant, id: string, view: View): Json | undefined {
  const user = tenant.users.see(id, view);
  if (user !== undefined) return typed('user', userDefaults, userReader(user));
  const app = tenant.appOfPrincipal(id);
  if (app !== undefined)
    return typed('servicePrincipal', servicePrincipalDefaults, servicePrincipalReader(app));
  const group = tenant.groups.see(id, view);
  return group === undefined ? undefined : groupObject(group);
}

export const principalIsSeen = (tenant: Tenant, id: string, view: View): boolean =>
  tenant.users.see(id, view) !== undefined ||
  tenant.appOfPrincipal(id) !== undefined ||
  tenant.groups.see(id, view) !== undefined;

/** For writes: the replica knows it, and it has not been deleted behind the replica's back. */
export const principalIsThere = (tenant: Tenant, id: string, view: View): boolean =>
  principalIsSeen(tenant, id, view) &&
  (tenant.users.truth(id) ?? tenant.appOfPrincipal(id) ?? tenant.groups.truth(id)) !== undefined;

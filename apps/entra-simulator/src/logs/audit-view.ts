import type { HistoryEntry } from '../control/contract.js';
import { uuidFrom } from '../foundation/ids.js';
import { asList, isText, type Json } from '../foundation/json.js';
import type { Tenant } from '../state/tenant.js';
import type { Reader } from '../graph/select.js';
import { activityOf } from './activities.js';

export const auditId = (tenant: Tenant, { seq }: HistoryEntry): string =>
  `Directory_${uuidFrom(`audit ${tenant.id} ${seq}`)}_${seq}`;

/** An entry of the history as Graph shows it; texts are those that were noted, and those never hold a secret. */
export function auditReader(tenant: Tenant, entry: HistoryEntry): Reader {
  const activity = activityOf(entry.what);
  const makers: Readonly<Record<string, () => unknown>> = {
    id: () => auditId(tenant, entry),
    activityDateTime: () => entry.at,
    activityDisplayName: () => activity?.name,
    category: () => activity?.category,
    operationType: () => activity?.operation,
    loggedByService: () => activity?.service,
    result: () => 'success',
    resultReason: () => activity?.reason ?? '',
    correlationId: () => entry.correlationId ?? uuidFrom(`correlation ${tenant.id} ${entry.seq}`),
    initiatedBy: () => initiatorOf(tenant, entry),
    targetResources: () => targetsOf(tenant, entry),
    additionalDetails: () => [],
  };
  return (property) => makers[property]?.();
}

/** What Entra does by itself, when a time has come. */
const services = { pim: 'MS-PIM', entra: 'Microsoft Entra ID' };

function initiatorOf(tenant: Tenant, { by, details }: HistoryEntry): Json {
  if (by === 'pim' || by === 'entra') return { app: appIdentity(services[by], null, null), user: null };
  if (typeof by === 'object') {
    const app = tenant.apps.get(by.appId.toLowerCase());
    return { app: appIdentity(app?.displayName, by.appId, app?.servicePrincipalId), user: null };
  }
  return { app: null, user: adminOf(tenant, details['admin']) };
}

/** Whoever is named; else the one admin who does by hand what the control API asks for. */
function adminOf(tenant: Tenant, named: unknown): Json {
  const initial = tenant.config.domains.find((domain) => domain.isInitial)?.name ?? 'localhost';
  const userPrincipalName = isText(named) ? named : `admin@${initial}`;
  const [known] = tenant.users.lookUp('upn', userPrincipalName.toLowerCase());
  const id = known?.id ?? uuidFrom(`admin ${tenant.id}`);
  return { id, displayName: null, userPrincipalName, ipAddress: null };
}

const appIdentity = (displayName: string | undefined, appId: string | null, principal: unknown): Json => ({
  appId,
  displayName: displayName ?? null,
  servicePrincipalId: principal ?? null,
  servicePrincipalName: null,
});

function targetsOf(tenant: Tenant, entry: HistoryEntry): Json[] {
  const { objectId, userPrincipalName, details, what } = entry;
  const type = activityOf(what)?.target ?? 'Other';
  const first = {
    ...target(type, objectId, displayNameOf(tenant, entry)),
    userPrincipalName,
    modifiedProperties: modifiedIn(entry),
  };
  if (isText(details['roleDefinitionId'])) {
    return [first, target('Role', details['roleDefinitionId'], details['roleName'])];
  }
  return isText(details['groupId'])
    ? [first, target('Group', details['groupId'], details['displayName'])]
    : [first];
}

const target = (type: string, id: string, displayName: unknown): Json => ({
  id,
  displayName: isText(displayName) ? displayName : null,
  type,
  userPrincipalName: null,
  groupType: type === 'Group' ? 'azureAD' : null,
  modifiedProperties: [],
});

function displayNameOf(tenant: Tenant, { objectId, details }: HistoryEntry): unknown {
  const user = tenant.users.truth(objectId) ?? tenant.deletedUsers.truth(objectId);
  return user?.properties['displayName'] ?? (isText(details['groupId']) ? null : details['displayName']);
}

const modified = (displayName: string, oldValue: string | null, newValue: string | null): Json => ({
  displayName,
  oldValue,
  newValue,
});

/** Values are JSON texts, as in the real log. The history keeps the names of changed properties, not their values. */
function modifiedIn({ what, details }: HistoryEntry): Json[] {
  switch (what) {
    case 'user.enabled':
      return [modified('AccountEnabled', '[false]', '[true]'), included(['AccountEnabled'])];
    case 'user.disabled':
      return [modified('AccountEnabled', '[true]', '[false]'), included(['AccountEnabled'])];
    case 'user.updated':
      return [included(asList(details['properties']).map(capitalised))];
    case 'role.assigned':
      return roleIn(details, (value) => [null, value]);
    case 'role.removed':
      return roleIn(details, (value) => [value, null]);
    case 'group.joined':
      return [modified('Group.ObjectID', null, JSON.stringify(details['groupId']))];
    case 'group.left':
      return [modified('Group.ObjectID', JSON.stringify(details['groupId']), null)];
    default:
      return [];
  }
}

const included = (names: readonly string[]): Json =>
  modified('Included Updated Properties', null, JSON.stringify(names.join(', ')));

const capitalised = (name: unknown): string => String(name).replace(/^./, (first) => first.toUpperCase());

function roleIn(details: Json, place: (value: string) => [string | null, string | null]): Json[] {
  return [
    modified('Role.DisplayName', ...place(JSON.stringify(details['roleName'] ?? null))),
    modified('Role.TemplateId', ...place(JSON.stringify(details['roleDefinitionId']))),
  ];
}

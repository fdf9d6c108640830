import type { User } from '@microsoft/microsoft-graph-types';
import type { DirectoryCall } from '#core/accounts';
import type { ObjectId, RoleId } from '#core/shared';
import { methodPath } from './authentication-methods.js';
import { endTimed, giveTimed } from './timed-role-requests.js';
import type { GraphRequest } from './graph-answer.js';
import type { Lists } from './permissions.js';
import { urlPart as key } from './url-part.js';

type CallOf<Kind extends DirectoryCall['do']> = Extract<DirectoryCall, { readonly do: Kind }>;

/** `accountEnabled` and most of these come only when asked for by name. */
const USER_FIELDS = [
  'id',
  'userPrincipalName',
  'accountEnabled',
  'onPremisesExtensionAttributes',
  'signInSessionsValidFromDateTime',
  'lastPasswordChangeDateTime',
].join(',');

/** A string inside an OData expression: quotes are doubled. */
const quoted = (text: string): string => `'${key(text.replaceAll("'", "''"))}'`;
const userPath = (user: ObjectId): string => `/users/${key(user)}`;
/** A UPN that begins with `$` would be taken for a query option (Graph's known issues). */
const userByName = (upn: string): string =>
  upn.startsWith('$') ? `/users(${quoted(upn)})` : `/users/${key(upn)}`;
const member = ({ groupId, user }: CallOf<'removeFromGroup'>): string =>
  `/groups/${key(groupId)}/members/${key(user)}/$ref`;

const reference = (user: ObjectId, graphHost: string): object => ({
  '@odata.id': `${graphHost}/v1.0/directoryObjects/${user}`,
});

const passwordProfile = (password: string): NonNullable<User['passwordProfile']> => ({
  password,
  forceChangePasswordNextSignIn: false,
});

const createUser = (call: CallOf<'createUser'>): GraphRequest => ({
  method: 'POST',
  path: '/users',
  body: {
    // Never enabled before its groups and roles are the wanted ones.
    accountEnabled: false,
    displayName: call.displayName,
    mailNickname: call.mailNickname,
    userPrincipalName: call.upn,
    passwordProfile: passwordProfile(call.password.expose()),
    onPremisesExtensionAttributes: { extensionAttribute15: call.marker },
  } satisfies User,
});

const setEnabled = (user: ObjectId, accountEnabled: boolean): GraphRequest => ({
  method: 'PATCH',
  path: userPath(user),
  // Alone: together with a password one refusal leaves both undone, and the account enabled.
  body: { accountEnabled } satisfies User,
});

const assignRole = ({ user, roleId, scope = '/' }: CallOf<'assignRole'>): GraphRequest => ({
  method: 'POST',
  path: '/roleManagement/directory/roleAssignments',
  body: {
    '@odata.type': '#microsoft.graph.unifiedRoleAssignment',
    roleDefinitionId: roleId,
    principalId: user,
    directoryScopeId: scope,
  },
});

/** An id that the caller doesn't know is guessed, which is only possible for the whole tenant. */
const unassignRole = (call: CallOf<'unassignRole'>): GraphRequest | null => {
  const { user, roleId, assignmentId, scope = '/' } = call;
  if (assignmentId === null && scope !== '/') return null;
  const id = assignmentId ?? usualAssignmentId(roleId, user) ?? 'unknown';
  return { method: 'DELETE', path: `/roleManagement/directory/roleAssignments/${key(id)}` };
};

const list = (path: string): GraphRequest => ({ method: 'GET', path });
const rolesOf = (collection: string, user: ObjectId): string =>
  `/roleManagement/directory/${collection}?$filter=${key('principalId eq ')}${quoted(user)}`;

/** How this connection's Graph is to be called. */
export interface Way {
  readonly graphHost: string;
  readonly lists: Lists;
}

type Builders = {
  readonly [Kind in DirectoryCall['do']]: (call: CallOf<Kind>, way: Way) => GraphRequest | null;
};

const builders: Builders = {
  createUser,
  findUser: ({ upn }) => list(`${userByName(upn)}?$select=${USER_FIELDS}`),
  readUser: ({ user }) => list(`${userPath(user)}?$select=${USER_FIELDS}`),
  listRoleAssignments: ({ user }) => list(rolesOf('roleAssignments', user)),
  // Without a cast to groups: a cast is an advanced query, answered from an index that lags. And without $select: what
  // tells a dynamic or synced group comes by default, while the documents know no such property to select here.
  listGroups: ({ user }, { lists }) => list(`${userPath(user)}/${lists.groups}?$top=999`),
  listMethods: ({ user }, { lists }) => list(`${userPath(user)}/authentication/${lists.methods}`),
  enable: ({ user }) => setEnabled(user, true),
  disable: ({ user }) => setEnabled(user, false),
  // The action takes no body; but a batch in which a write has none is refused as a whole, the disable beside it too.
  revokeSessions: ({ user }) => ({
    method: 'POST',
    path: `${userPath(user)}/revokeSignInSessions`,
    body: {},
  }),
  setPassword: ({ user, password }) => ({
    method: 'PATCH',
    path: userPath(user),
    body: { passwordProfile: passwordProfile(password.expose()) } satisfies User,
  }),
  deleteUser: ({ user }) => ({ method: 'DELETE', path: userPath(user) }),
  addToGroup: ({ user, groupId }, { graphHost }) => ({
    method: 'POST',
    path: `/groups/${key(groupId)}/members/$ref`,
    body: reference(user, graphHost),
  }),
  // Without `/$ref` Graph would delete the user instead of the membership.
  removeFromGroup: ({ user, groupId }) => ({
    method: 'DELETE',
    path: member({ do: 'removeFromGroup', user, groupId }),
  }),
  assignRole,
  unassignRole,
  mintPass: ({ user, lifetimeMinutes, usableOnce }) => ({
    method: 'POST',
    path: `${userPath(user)}/authentication/temporaryAccessPassMethods`,
    body: { lifetimeInMinutes: lifetimeMinutes, isUsableOnce: usableOnce },
  }),
  deleteMethod: ({ user, method }) => {
    const path = methodPath(method);
    return path === null ? null : { method: 'DELETE', path: `${userPath(user)}/authentication/${path}` };
  },
  assignRoleUntil: giveTimed,
  changeTimedRole: giveTimed,
  endTimedRole: endTimed,
  listRoleSchedules: ({ user }) => list(rolesOf('roleAssignmentSchedules', user)),
  makeEligible: giveTimed,
  endEligibility: endTimed,
  listEligibilities: ({ user }) => list(rolesOf('roleEligibilitySchedules', user)),
  addToUnit: ({ user, unitId }, { graphHost }) => ({
    method: 'POST',
    path: `/directory/administrativeUnits/${key(unitId)}/members/$ref`,
    body: reference(user, graphHost),
  }),
  // As with groups: without `/$ref` it would be the user that goes.
  removeFromUnit: ({ user, unitId }) => ({
    method: 'DELETE',
    path: `/directory/administrativeUnits/${key(unitId)}/members/${key(user)}/$ref`,
  }),
};

/** How a call goes over the wire; null for one that Graph has no way to carry out. */
export const requestFor = (call: DirectoryCall, way: Way): GraphRequest | null => {
  // TypeScript can't see that the key picks the builder of the call's own type.
  const build = builders[call.do] as (call: DirectoryCall, way: Way) => GraphRequest | null;
  return build(call, way);
};

const GUID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

/** The bytes of a GUID in Microsoft's order: its first three groups are little-endian. */
const guidBytes = (guid: string): Buffer => {
  const [a = '', b = '', c = '', d = '', e = ''] = guid.split('-');
  const reversed = (hex: string): Buffer => Buffer.from(hex, 'hex').reverse();
  return Buffer.concat([reversed(a), reversed(b), reversed(c), Buffer.from(d + e, 'hex')]);
};

/**
 * The id that Graph usually gives a role assignment at tenant scope: a hint, never a contract (12 of 14 samples in
 * Microsoft's documents follow it). Null for ids that are no GUIDs.
 */
export const usualAssignmentId = (roleId: RoleId, user: ObjectId): string | null =>
  GUID.test(roleId) && GUID.test(user)
    ? `${Buffer.concat([guidBytes(roleId), guidBytes(user)]).toString('base64url')}-1`
    : null;

import { randomUUID } from 'node:crypto';
import { mayTouch, sensitiveProperties, type Matrix } from '../../access/sensitive-actions.js';
import {
  changeUser,
  createUser,
  deleteUser,
  revokeSessions,
  type UserChanges,
} from '../../directory/users.js';
import { asObject, isText, type Json } from '../../foundation/json.js';
import { readingSignInActivity } from '../../logs/sign-in-activity.js';
import type { User } from '../../state/model.js';
import {
  demand,
  liveUser,
  noContent,
  ok,
  seenUser,
  type GraphContext,
  type GraphReply,
  type Route,
} from '../context.js';
import { badRequest, denied, GraphError } from '../errors.js';
import { count, entity, list, type Source } from '../list.js';
import { equalTo } from '../filter.js';
import { demandRoom } from '../quota.js';
import { pick } from '../select.js';
import {
  checkNewUser,
  checkPassword,
  checkProperties,
  checkUserPrincipalName,
  refuseTaken,
} from '../user-rules.js';
import { readingRestriction } from './restriction-view.js';
import { userDefaults, userListing, userReader } from './user-view.js';

export const userRoutes: readonly Route[] = [
  { method: 'GET', path: '/users', workload: 'directory', cost: 2, answer: listUsers },
  { method: 'GET', path: '/users/$count', workload: 'directory', answer: countUsers },
  { method: 'POST', path: '/users', workload: 'directory', answer: postUser },
  { method: 'GET', path: '/users/{user-id}', workload: 'directory', answer: getUser },
  { method: 'PATCH', path: '/users/{user-id}', workload: 'directory', answer: patchUser },
  { method: 'DELETE', path: '/users/{user-id}', workload: 'directory', answer: removeUser },
  { method: 'POST', path: '/users/{user-id}/revokeSignInSessions', workload: 'directory', answer: revoke },
];

const usersSeen =
  ({ tenant }: GraphContext): Source<User> =>
  (clauses, view) => {
    const id = equalTo(clauses, 'id');
    if (id !== undefined)
      return [tenant.users.see(id.toLowerCase(), view)].filter((user) => user !== undefined);
    const upn = equalTo(clauses, 'userPrincipalName');
    return upn === undefined
      ? tenant.users.seeAll(view)
      : tenant.users.lookUp('upn', upn.toLowerCase(), view);
  };

function listUsers(ctx: GraphContext): GraphReply {
  const read = readingRestriction(ctx, readingSignInActivity(ctx, userReader));
  return list(ctx, { ...userListing, read }, usersSeen(ctx));
}

function countUsers(ctx: GraphContext): GraphReply {
  return count(ctx, userListing, usersSeen(ctx));
}

function getUser(ctx: GraphContext): GraphReply {
  const read = readingRestriction(ctx, readingSignInActivity(ctx, userReader))(seenUser(ctx));
  return ok(entity(ctx, { type: 'user', context: 'users', defaults: userDefaults, read }));
}

function postUser(ctx: GraphContext): GraphReply {
  const { body, tenant, writer } = ctx;
  checkNewUser(tenant, body);
  demandRoom(tenant);
  const { accountEnabled, password, userPrincipalName, properties } = changesIn(body);
  const user = createUser(writer, {
    id: randomUUID(),
    userPrincipalName: userPrincipalName as string,
    accountEnabled: accountEnabled as boolean,
    ...(password === undefined ? {} : { password }),
    ...(properties === undefined ? {} : { properties }),
  });
  return {
    status: 201,
    headers: { Location: `${ctx.root}/users/${user.id}` },
    body: {
      '@odata.context': `${ctx.root}/$metadata#users/$entity`,
      ...pick('user', userDefaults, userReader(user)),
    },
  };
}

/** All or nothing: a body with one part that the caller may not do changes nothing. */
function patchUser(ctx: GraphContext): GraphReply {
  const user = liveUser(ctx);
  const { body, tenant } = ctx;
  demand(Object.keys(body).every((name) => mayWrite(ctx, name)));
  if (Object.keys(body).some((name) => sensitiveProperties.has(name))) demandTouch(ctx, user);
  checkProperties(body);
  refuseSynced(user, body);
  const changes = changesIn(body);
  if (changes.userPrincipalName !== undefined) {
    checkUserPrincipalName(tenant, changes.userPrincipalName);
    refuseTaken(tenant, changes.userPrincipalName, user.id);
  }
  if (changes.password !== undefined) checkNewPassword(ctx, user, changes.password);
  changeUser(ctx.writer, user, changes);
  return noContent;
}

function removeUser(ctx: GraphContext): GraphReply {
  const user = liveUser(ctx);
  demandTouch(ctx, user);
  deleteUser(ctx.writer, user);
  return noContent;
}

/** Always true, also when there was nothing to revoke. */
function revoke(ctx: GraphContext): GraphReply {
  const user = liveUser(ctx);
  if (ctx.tenant.config.switches.strictRevokeSessions) demandTouch(ctx, user, 'whoCanResetPasswords');
  revokeSessions(ctx.writer, user);
  return ok({ '@odata.context': `${ctx.root}/$metadata#Edm.Boolean`, value: true });
}

/** By property: what may write it besides the permissions that write any. */
const ownPermissions: Readonly<Record<string, string>> = {
  accountEnabled: 'User.EnableDisableAccount.All',
  passwordProfile: 'User-PasswordProfile.ReadWrite.All',
  identities: 'User.ManageIdentities.All',
  mobilePhone: 'User-Phone.ReadWrite.All',
  businessPhones: 'User-Phone.ReadWrite.All',
  otherMails: 'User-Mail.ReadWrite.All',
};
const anyProperty = ['User.ReadWrite.All', 'Directory.ReadWrite.All'];

function mayWrite({ caller }: GraphContext, property: string): boolean {
  const own = ownPermissions[property];
  if (own !== undefined && caller.roles.has(own)) return true;
  return property !== 'identities' && anyProperty.some((permission) => caller.roles.has(permission));
}

export function demandTouch(
  ctx: GraphContext,
  user: User,
  matrix: Matrix = 'whoCanPerformSensitiveActions',
): void {
  const allowed = mayTouch({
    tenant: ctx.tenant,
    targetId: user.id,
    callerId: ctx.caller.servicePrincipalId,
    view: ctx.authorisation,
    matrix,
    strict: ctx.tenant.config.switches.strictAppOnlySensitive,
  });
  demand(allowed, denied);
}

function checkNewPassword(ctx: GraphContext, user: User, password: string): void {
  const domain = ctx.tenant.config.domains.find((one) =>
    user.userPrincipalName.toLowerCase().endsWith(`@${one.name}`),
  );
  if (domain?.authenticationType === 'Federated') {
    throw badRequest('The password of a federated user cannot be set in the cloud.');
  }
  checkPassword(password, user.userPrincipalName);
}

const masteredOnPremises = [
  'passwordProfile',
  'accountEnabled',
  'onPremisesExtensionAttributes',
  'displayName',
];

function refuseSynced(user: User, body: Json): void {
  if (user.properties['onPremisesSyncEnabled'] !== true) return;
  if (!masteredOnPremises.some((name) => name in body)) return;
  throw new GraphError(
    { status: 400, code: 'Request_BadRequest' },
    'Unable to update the specified properties for on-premises mastered Directory Sync objects or objects currently undergoing migration.',
  );
}

function changesIn(body: Json): UserChanges {
  const { accountEnabled, userPrincipalName, passwordProfile, ...rest } = body;
  const { password, ...profile } = asObject(passwordProfile);
  const properties = {
    ...rest,
    ...(Object.keys(profile).length === 0 ? {} : { passwordProfile: profile }),
  };
  return {
    ...(typeof accountEnabled === 'boolean' ? { accountEnabled } : {}),
    ...(isText(userPrincipalName) ? { userPrincipalName } : {}),
    ...(isText(password) ? { password } : {}),
    ...(Object.keys(properties).length === 0 ? {} : { properties }),
  };
}

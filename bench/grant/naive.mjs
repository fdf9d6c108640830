// What an administrator would write in an afternoon: one call after the other, over one kept connection.
import { setTimeout as delay } from 'node:timers/promises';
import { httpsClient } from '../lib/https-client.mjs';
import { callsFor, costOf, tokenCalls, usableOf } from './judge.mjs';
import { ROLES } from './scene.mjs';

const LOOK_AGAIN_MS = 250;
const LIFETIME_MINUTES = 60;

/** @returns `giveNew(upn)`, `giveParked(account)` (an account with its figures each), `park(account)`, `close()` */
export const naiveScript = ({ simulator, condition }) => {
  const client = httpsClient(condition.naive.address);
  const graph = graphBy(client, condition);
  const measured = async (upn, work) => {
    await simulator.news();
    const sentAt = Date.now();
    await work();
    const { requests, history } = await simulator.news();
    const { usableAt, objectId } = usableOf(history, upn);
    const who = { condition, appId: condition.naive.clientId, objectId };
    const cost = { ...costOf(callsFor(requests, who)), tokens: tokenCalls(requests, who) };
    return { upn, objectId, figures: { ...cost, usableMs: usableAt - sentAt } };
  };
  return {
    giveNew: (upn) => measured(upn, () => giveNew(graph, condition, upn)),
    giveParked: ({ upn }) => measured(upn, () => giveParked(graph, condition, upn)),
    park: (account) => park(simulator, condition, account),
    close: client.close,
  };
};

/** Token, look the name up, create, read until visible, three groups, two roles, enable, pass, verify: 12 calls. */
const giveNew = async (graph, condition, upn) => {
  await graph.signIn();
  await graph.look(`/users/${upn}`);
  const { id } = await graph.write('POST', '/users', {
    accountEnabled: false,
    displayName: upn,
    mailNickname: upn.split('@')[0],
    userPrincipalName: upn,
    passwordProfile: { password: newPassword() },
  });
  while ((await graph.look(`/users/${id}`)) === null) await delay(LOOK_AGAIN_MS);
  await addMemberships(graph, condition, id);
  await graph.write('PATCH', `/users/${id}`, { accountEnabled: true });
  const pass = { lifetimeInMinutes: LIFETIME_MINUTES, isUsableOnce: false };
  await graph.write('POST', `/users/${id}/authentication/temporaryAccessPassMethods`, pass);
  await graph.look(`/users/${id}?$select=id,accountEnabled`);
};

/** Look up, one PATCH that sets a password and enables, three groups, two roles: 7 calls, with the token from before. */
const giveParked = async (graph, condition, upn) => {
  const { id } = await graph.look(`/users/${upn}?$select=id,accountEnabled`);
  const passwordProfile = { password: newPassword() };
  await graph.write('PATCH', `/users/${id}`, { accountEnabled: true, passwordProfile });
  await addMemberships(graph, condition, id);
};

const addMemberships = async (graph, condition, principalId) => {
  const reference = { '@odata.id': `${condition.naive.address.url}/v1.0/directoryObjects/${principalId}` };
  for (const group of condition.groups) await graph.write('POST', `/groups/${group}/members/$ref`, reference);
  for (const roleDefinitionId of ROLES) {
    await graph.write('POST', '/roleManagement/directory/roleAssignments', {
      '@odata.type': '#microsoft.graph.unifiedRoleAssignment',
      roleDefinitionId,
      principalId,
      directoryScopeId: '/',
    });
  }
};

const graphBy = (client, { tenantId, naive }) => {
  let token = null;
  const send = (method, path, body) => client.call(method, `/v1.0${path}`, { token, body });
  const refused = (what, { status, body }) =>
    new Error(`Naive script: ${what}: ${status} ${JSON.stringify(body)}`);
  return {
    signIn: async () => {
      const form = {
        grant_type: 'client_credentials',
        client_id: naive.clientId,
        client_secret: naive.secret,
        scope: 'https://graph.microsoft.com/.default',
      };
      const answer = await client.call('POST', `/${tenantId}/oauth2/v2.0/token`, { form });
      if (answer.status !== 200) throw refused('token', answer);
      token = answer.body.access_token;
    },
    /** Null: not there. */
    look: async (path) => {
      const answer = await send('GET', path);
      if (answer.status === 404) return null;
      if (answer.status >= 300) throw refused(`GET ${path}`, answer);
      return answer.body;
    },
    write: async (method, path, content) => {
      const answer = await send(method, path, content);
      if (answer.status >= 300) throw refused(`${method} ${path}`, answer);
      return answer.body;
    },
  };
};

const newPassword = () => `Naive-${crypto.randomUUID()}`;

/** By the hand of the tenant's own administrator, who is not measured. */
const park = async (simulator, condition, { objectId: userId }) => {
  const portal = (action) => simulator.portal(condition.tenantId, { userId, ...action });
  await portal({ do: 'patchUser', changes: { accountEnabled: false } });
  for (const groupId of condition.groups) await portal({ do: 'removeFromGroup', groupId });
  for (const roleId of ROLES) await portal({ do: 'removeRole', roleId });
};

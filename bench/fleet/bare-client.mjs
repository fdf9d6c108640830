// The physical limit: the same batches of disables, sent by a client that asks nobody and writes nothing down.
import { Pool } from 'undici';
import { URLSearchParams } from 'node:url';
import { inStep } from '../lib/in-step.mjs';

const PARTS = 20;
const CONNECTIONS = 64;
const TOKENS_AT_ONCE = 16;

/** @param {{ url: string, caPem: string }} address of the simulator */
export const bareClient = ({ url, caPem }) => {
  const pool = new Pool(url, { connections: CONNECTIONS, connect: { ca: caPem } });
  const post = async (path, headers, body) => {
    const answer = await pool.request({ method: 'POST', path, headers, body });
    const content = await answer.body.json();
    if (answer.statusCode !== 200) throw new Error(`Bare client: ${answer.statusCode}`);
    return content;
  };
  const tokenOf = async ({ tenantId, clientId, secret }) => {
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: secret,
      scope: 'https://graph.microsoft.com/.default',
    }).toString();
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    return (await post(`/${tenantId}/oauth2/v2.0/token`, headers, form)).access_token;
  };
  return {
    /** Tokens for all, before the clock runs. */
    signIn: async (customers) => {
      const tokens = await inStep(customers, TOKENS_AT_ONCE, tokenOf);
      return customers.map((customer, place) => ({ ...customer, token: tokens[place] }));
    },
    /** Disables everybody, so many batches at a time; answers when the first left. */
    disableAll: async (customers, { connections = CONNECTIONS } = {}) => {
      const batches = customers.flatMap(batchesOf);
      const startedAt = Date.now();
      await inStep(batches, connections, async ({ token, body }) => {
        const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
        const { responses } = await post('/v1.0/$batch', headers, body);
        const refused = responses.find(({ status }) => status !== 204);
        if (refused !== undefined) throw new Error(`Bare client: ${JSON.stringify(refused)}`);
      });
      return startedAt;
    },
    close: () => pool.destroy(),
  };
};

const batchesOf = ({ token, accounts }) =>
  Array.from({ length: Math.ceil(accounts.length / PARTS) }, (_, at) => ({
    token,
    body: JSON.stringify({
      requests: accounts.slice(at * PARTS, (at + 1) * PARTS).map(({ objectId }, place) => ({
        id: String(place + 1),
        method: 'PATCH',
        url: `/users/${objectId}`,
        headers: { 'Content-Type': 'application/json' },
        body: { accountEnabled: false },
      })),
    }),
  }));

// The design that everybody would write first: one delayed BullMQ job for each grant, and nothing else. A process of its own.
// It is told over IPC what to end and when, and disables account by account as jobs ring.
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { Agent, request } from 'node:https';
import { URLSearchParams } from 'node:url';

const NAME = 'ends';
const CONCURRENCY = 64;

const connectionTo = (url) => {
  const connection = new Redis(url, { maxRetriesPerRequest: null });
  // While Redis is away: it is tried again, and nobody is told.
  connection.on('error', () => {});
  return connection;
};

const graphClient = ({ url, caPem }) => {
  const agent = new Agent({ ca: caPem, keepAlive: true, maxSockets: CONCURRENCY });
  const send = (method, path, headers, payload) =>
    new Promise((done, fail) => {
      const sent = request(`${url}${path}`, { agent, method, headers }, (answer) => {
        let text = '';
        answer.on('data', (chunk) => (text += chunk));
        answer.on('end', () => done({ status: answer.statusCode, text }));
        answer.on('error', fail);
      });
      sent.on('error', fail);
      sent.end(payload);
    });
  const tokens = new Map();
  const tokenOf = async ({ tenantId, clientId, secret }) => {
    const known = tokens.get(tenantId);
    if (known !== undefined) return known;
    const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: secret };
    const payload = new URLSearchParams({
      ...form,
      scope: 'https://graph.microsoft.com/.default',
    }).toString();
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const { text } = await send('POST', `/${tenantId}/oauth2/v2.0/token`, headers, payload);
    tokens.set(tenantId, JSON.parse(text).access_token);
    return tokens.get(tenantId);
  };
  return async (customer, objectId) => {
    const headers = {
      authorization: `Bearer ${await tokenOf(customer)}`,
      'content-type': 'application/json',
    };
    const { status } = await send('PATCH', `/v1.0/users/${objectId}`, headers, '{"accountEnabled":false}');
    if (status !== 204) throw new Error(`Graph answered with ${status}.`);
  };
};

let queue = null;

/** Half a megabyte of ends at a time, so that what this process holds is not the order to hold it. */
const arm = async ({ ends }) => {
  const now = Date.now();
  await queue.addBulk(
    ends.map(({ tenantId, objectId, expiresAt }) => ({
      name: 'end',
      data: { tenantId, objectId },
      opts: { delay: Math.max(0, expiresAt - now), attempts: 5, removeOnComplete: true },
    })),
  );
};

const commands = {
  open: async ({ redisUrl }) => {
    queue = new Queue(NAME, { connection: connectionTo(redisUrl) });
    queue.on('error', () => {});
    await queue.waitUntilReady();
  },
  arm,
  /** From now on jobs ring. */
  work: async ({ redisUrl, simulator, customers }) => {
    const byTenant = new Map(customers.map((customer) => [customer.tenantId, customer]));
    const disable = graphClient(simulator);
    const end = ({ data: { tenantId, objectId } }) => disable(byTenant.get(tenantId), objectId);
    const worker = new Worker(NAME, end, { connection: connectionTo(redisUrl), concurrency: CONCURRENCY });
    worker.on('error', () => {});
  },
  /** For whoever measures how much it keeps: nothing but what is in use. */
  collect: async () => {
    globalThis.gc?.();
    return process.memoryUsage.rss();
  },
};

process.once('disconnect', () => process.exit());
process.on('message', ({ command, ...order }) => {
  commands[command](order).then(
    (answer = null) => process.send({ answer }),
    (error) => process.send({ failure: error.message }),
  );
});

// The design that everybody would write first: one delayed BullMQ job for each grant, and nothing else. A process of its own.
// It is told over IPC what to end and when, says when every job is armed, and disables account by account as jobs ring.
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { Agent, request } from 'node:https';
import { URLSearchParams } from 'node:url';

const NAME = 'ends';
const CONCURRENCY = 64;
const ADDED_AT_ONCE = 1_000;

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

const run = async ({ redisUrl, simulator, customers, ends }) => {
  const byTenant = new Map(customers.map((customer) => [customer.tenantId, customer]));
  const queue = new Queue(NAME, { connection: connectionTo(redisUrl) });
  queue.on('error', () => {});
  const now = Date.now();
  for (let at = 0; at < ends.length; at += ADDED_AT_ONCE) {
    const jobs = ends.slice(at, at + ADDED_AT_ONCE).map(({ tenantId, objectId, expiresAt }) => ({
      name: 'end',
      data: { tenantId, objectId },
      opts: { delay: Math.max(0, expiresAt - now), attempts: 5, removeOnComplete: true },
    }));
    await queue.addBulk(jobs);
  }
  if (simulator !== null) {
    const disable = graphClient(simulator);
    const end = ({ data: { tenantId, objectId } }) => disable(byTenant.get(tenantId), objectId);
    const worker = new Worker(NAME, end, { connection: connectionTo(redisUrl), concurrency: CONCURRENCY });
    worker.on('error', () => {});
  }
  process.send({ event: 'armed' });
};

process.once('disconnect', () => process.exit());
process.once('message', (order) => {
  run(order).catch((error) => process.send({ event: 'failed', message: error.message }));
});
// For whoever measures how much it keeps: nothing but what is in use.
process.on('message', (order) => {
  if (order.command === 'collect') {
    globalThis.gc?.();
    process.send({ event: 'collected', rss: process.memoryUsage.rss() });
  }
});

import { fork } from 'node:child_process';
import { resolve } from 'node:path';

const ARMED_AT_ONCE = 1_000;

/**
 * Starts the naive design on a Redis; answers when all its jobs are armed.
 * @param {{ redisUrl: string, simulator: { url: string, caPem: string } | null, customers: object[], ends: object[] }} order
 *   without a simulator nothing rings: it only keeps its jobs
 */
export const startNaive = async ({ redisUrl, simulator, customers, ends }) => {
  const child = fork(resolve(import.meta.dirname, 'delayed-jobs.mjs'), [], { execArgv: ['--expose-gc'] });
  const ended = new Promise((_, fail) => {
    child.once('exit', (code) => fail(new Error(`The naive design ended (${code}).`)));
  });
  // Its end is what stops it, too: then nobody waits for this.
  ended.catch(() => {});
  const answer = (order) =>
    new Promise((done, fail) => {
      child.once('message', (told) =>
        told.failure === undefined ? done(told.answer) : fail(new Error(`Naive design: ${told.failure}`)),
      );
      child.send(order);
    });
  const ask = (command, order = {}) => Promise.race([answer({ command, ...order }), ended]);
  await ask('open', { redisUrl });
  for (let at = 0; at < ends.length; at += ARMED_AT_ONCE)
    await ask('arm', { ends: ends.slice(at, at + ARMED_AT_ONCE).map(owed) });
  if (simulator !== null) await ask('work', { redisUrl, simulator, customers: customers.map(known) });
  return {
    pid: child.pid,
    /** Bytes that it holds once it has thrown away what it can. */
    residentBytes: () => ask('collect'),
    stop: () =>
      new Promise((done) => {
        child.once('exit', done);
        child.kill('SIGKILL');
      }),
  };
};

const known = ({ tenantId, clientId, secret }) => ({ tenantId, clientId, secret });
const owed = ({ tenantId, objectId, expiresAt }) => ({ tenantId, objectId, expiresAt });

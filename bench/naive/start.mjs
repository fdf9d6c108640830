import { fork } from 'node:child_process';
import { resolve } from 'node:path';

/**
 * Starts the naive design on a Redis; answers when all its jobs are armed.
 * @param {{ redisUrl: string, simulator: { url: string, caPem: string } | null, customers: object[], ends: object[] }} order
 *   without a simulator nothing rings: it only keeps its jobs
 */
export const startNaive = async (order) => {
  const child = fork(resolve(import.meta.dirname, 'delayed-jobs.mjs'), [], { execArgv: ['--expose-gc'] });
  const said = (event) =>
    new Promise((done, fail) => {
      const listen = (message) => {
        if (message.event === 'failed') fail(new Error(`Naive design: ${message.message}`));
        if (message.event !== event) return;
        child.off('message', listen);
        done(message);
      };
      child.on('message', listen);
      child.once('exit', (code) => fail(new Error(`The naive design ended (${code}).`)));
    });
  const armed = said('armed');
  child.send({ ...order, customers: order.customers.map(known), ends: order.ends.map(owed) });
  await armed;
  return {
    pid: child.pid,
    /** Bytes that it holds once it has thrown away what it can. */
    residentBytes: async () => {
      const collected = said('collected');
      child.send({ command: 'collect' });
      return (await collected).rss;
    },
    stop: () =>
      new Promise((done) => {
        child.removeAllListeners('exit');
        child.once('exit', done);
        child.kill('SIGKILL');
      }),
  };
};

const known = ({ tenantId, clientId, secret }) => ({ tenantId, clientId, secret });
const owed = ({ tenantId, objectId, expiresAt }) => ({ tenantId, objectId, expiresAt });

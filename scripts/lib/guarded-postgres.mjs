import { fork } from 'node:child_process';
import { resolve } from 'node:path';
import { urlOf } from './database.mjs';

const guardian = resolve(import.meta.dirname, 'postgres-guardian.mjs');

/**
 * An embedded PostgreSQL that ends with this process at the latest.
 * @param {{ dataDir: string, log: (line: string) => void, settings?: Record<string, string>, onLost?: () => void }} options
 * @returns `adminUrl(database)`, `home`, `pid` and `guardianPid`, `stop()`; for fault tests `crash()` and `restart()`, on the
 *   same data and port
 */
export const startGuardedPostgres = ({ dataDir, log, settings = {}, onLost = () => {} }) =>
  new Promise((done, fail) => {
    const child = fork(guardian, [JSON.stringify({ dataDir, settings })], {
      detached: true,
      stdio: 'ignore',
    });
    const exited = new Promise((gone) => {
      child.once('exit', gone);
    });
    child.once('error', fail);
    exited.then(() => fail(new Error('PostgreSQL did not start.')));
    child.on('message', ({ log: line, failure, ready, lost }) => {
      if (line) log(line);
      if (failure) fail(new Error(failure));
      if (lost) onLost();
      if (ready) done(serverOf(ready, child, exited));
    });
  });

const serverOf = ({ adminUrl, home, pid }, child, exited) => ({
  adminUrl: (database) => urlOf(adminUrl, { database }),
  home,
  pid,
  guardianPid: child.pid,
  crash: () => ask(child, 'crash'),
  restart: () => ask(child, 'restart'),
  stop: async () => {
    child.kill('SIGTERM');
    await exited;
  },
});

const ask = (child, command) =>
  new Promise((done, fail) => {
    const listen = (message) => {
      if (message.done !== command) return;
      child.off('message', listen);
      if (message.failure) fail(new Error(message.failure));
      else done();
    };
    child.on('message', listen);
    child.send({ command });
  });

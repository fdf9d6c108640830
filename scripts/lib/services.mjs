// Curfew's own processes alone, on a PostgreSQL, a queue and a cloud that the environment names.
import { resolve } from 'node:path';
import { mainOf } from './built.mjs';
import { claimData } from './claim.mjs';
import { identityOf } from './processes.mjs';
import { keepRunning } from './supervised.mjs';

/** Worker, revoker and API; the database was prepared before (docs/install.md). No embedded part is started. */
export const startServices = async ({ directory, log, onGivenUp }) => {
  const claim = await claimData(directory, log);
  const running = [];
  const stop = async () => {
    for (const child of [...running].reverse()) await child.stop();
    claim.release();
  };
  const run = async (name, readyEvent) => {
    const logFile = resolve(directory, 'logs', `${name}.log`);
    const child = await keepRunning(
      { name, file: mainOf(name), env: process.env, logFile, readyEvent },
      { log, onGivenUp },
    );
    running.push(child);
    claim.note({ children: Object.fromEntries(running.map((each) => [each.name, identityOf(each.pid)])) });
    return child;
  };
  try {
    await run('worker', 'ready');
    await run('revoker', 'ready');
    const api = await run('api', 'listening');
    log(
      `Curfew runs on the database and the cloud of your environment. API: ${api.ready.url}. Ctrl-C stops it.`,
    );
    return { api: api.ready.url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};

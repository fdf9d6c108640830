// Everything that runs on one machine: PostgreSQL, the simulator, worker, revoker and API, started in order and stopped in order.
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { mainOf } from './built.mjs';
import { claimData } from './claim.mjs';
import { prepareDatabase } from './database.mjs';
import { startGuardedPostgres } from './guarded-postgres.mjs';
import { createKeysOnce } from './key-file.mjs';
import { freePort, wantedPort } from './ports.mjs';
import { identityOf } from './processes.mjs';
import { keepRunning } from './supervised.mjs';

/**
 * Starts all of it on the data in `directory`; what is there is used again.
 * @param {{ directory: string, log?: (line: string) => void, restarts?: boolean, onGivenUp?: (reason: string) => void,
 *   environment?: Record<string, string>, databaseSettings?: Record<string, string>, forgetful?: boolean,
 *   reroute?: (settings: Record<string, string>) => Promise<Record<string, string>> }}
 *   options `environment` is added to that of API, worker and revoker, `databaseSettings` are PostgreSQL's; `reroute` leads
 *   the processes to their databases by another way; the simulator of a `forgetful` stack keeps its tenants in memory alone
 * @returns addresses, `settings` (the environment before it was rerouted) and `environment` (as the processes have it),
 *   `children` and `postgres`, `stop()`
 */
export const startStack = async ({
  directory,
  log = () => {},
  restarts = true,
  onGivenUp = () => {},
  environment = {},
  databaseSettings = {},
  reroute = async (settings) => settings,
  forgetful = false,
}) => {
  const claim = await claimData(directory, log);
  const running = [];
  const stop = async () => {
    for (const each of [...running].reverse()) await each.stop();
    claim.release();
  };
  const note = (facts = {}) =>
    claim.note({
      ...facts,
      children: Object.fromEntries(running.map(({ name, pid }) => [name, identityOf(pid)])),
    });
  const run = async (name, file, env, readyEvent) => {
    const logFile = resolve(directory, 'logs', `${name}.log`);
    const spec = { name, file, env: { ...process.env, ...env }, logFile, readyEvent };
    const child = await keepRunning(spec, { log, restarts, onGivenUp, onStart: () => note() });
    running.push(child);
    note();
    return child;
  };

  try {
    const ports = await choosePorts(directory);
    const postgres = await startPostgres({ directory, log, onGivenUp, settings: databaseSettings });
    running.push(postgres);
    note();
    const urls = await prepareDatabase(postgres.adminUrl, {
      name: 'curfew',
      credentialsFile: resolve(directory, 'database.credentials'),
      log,
    });
    const simulator = await run(
      'simulator',
      mainOf('entra-simulator'),
      forgetful ? { SIMULATOR_PORT: String(ports.simulator) } : simulatorEnvironment(directory, ports),
      'listening',
    );
    const settings = {
      ...databaseEnvironment(urls),
      CURFEW_PUBLIC_URL: `http://localhost:${ports.api}`,
      ...environment,
      ...cloudEnvironment(simulator.ready, directory),
      CURFEW_KEY_FILE: await createKeysOnce(resolve(directory, 'keys.json')),
      CURFEW_API_PORT: String(ports.api),
    };
    const rerouted = await reroute(settings);
    // The worker first: nothing that the API accepts then waits for it.
    const worker = await run('worker', mainOf('worker'), rerouted, 'ready');
    const revoker = await run('revoker', mainOf('revoker'), rerouted, 'ready');
    const api = await run('api', mainOf('api'), rerouted, 'listening');
    // What the console has besides: no process that runs may touch what is sealed across tables.
    const environmentOfConsole = { ...rerouted, KEYS_DATABASE_URL: urls.keys };
    note({ api: api.ready.url, environment: environmentOfConsole, simulator: simulator.ready });
    return {
      api: api.ready.url,
      simulator: simulator.ready,
      adminUrl: postgres.adminUrl('curfew'),
      settings,
      environment: rerouted,
      children: { api, worker, revoker, simulator },
      postgres,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
};

/** Free ports, the same as last time where nobody took them meanwhile, so that addresses stay. */
const choosePorts = async (directory) => {
  const file = resolve(directory, 'ports.json');
  const before = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  const variable = ['CURFEW_API_PORT', 'PORT'].find((name) => process.env[name]);
  const api = variable ? await wantedPort(variable, process.env[variable]) : await freePort(before.api);
  const ports = { api, simulator: await freePort(before.simulator) };
  writeFileSync(file, JSON.stringify(ports));
  return ports;
};

/**
 * Names this data. PostgreSQL may have to keep its part elsewhere: whoever removes the directory to begin anew must not meet
 * the old database again, whose secrets no key opens any more.
 */
const instanceOf = (directory) => {
  const file = resolve(directory, 'instance');
  if (!existsSync(file)) writeFileSync(file, randomBytes(4).toString('hex'));
  return readFileSync(file, 'utf8');
};

const startPostgres = async ({ directory, log, onGivenUp, settings }) => {
  const postgres = await startGuardedPostgres({
    dataDir: resolve(directory, `postgres-${instanceOf(directory)}`),
    log,
    settings,
    onLost: () => onGivenUp('PostgreSQL ended unexpectedly'),
  });
  return { ...postgres, name: 'postgres', pid: postgres.guardianPid };
};

const simulatorEnvironment = (directory, ports) => ({
  SIMULATOR_PORT: String(ports.simulator),
  SIMULATOR_DATA_DIR: resolve(directory, 'simulator'),
});

const databaseEnvironment = ({ app, clockwork, queue, revoker }) => ({
  DATABASE_URL: app,
  REVOKER_DATABASE_URL: revoker,
  CLOCKWORK_DATABASE_URL: clockwork,
  QUEUE_URL: queue,
});

/** To Curfew the simulator is a cloud like any other that a deployment may define. */
const cloudEnvironment = ({ url, caFile, caPem }, directory) => ({
  CURFEW_CUSTOM_CLOUD_AUTHORITY: url,
  CURFEW_CUSTOM_CLOUD_GRAPH: url,
  CURFEW_CUSTOM_CLOUD_CA_FILE: caFile ?? written(resolve(directory, 'simulator-ca.pem'), caPem),
});

const written = (file, text) => {
  writeFileSync(file, text);
  return file;
};

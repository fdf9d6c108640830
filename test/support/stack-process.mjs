// The whole stack for one test suite: what `npm start` runs, told over IPC what to do to its processes, its servers and the
// network between them. It ends everything when the suite is gone, however that came about.
import { cpSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { startRedis } from '../../scripts/lib/redis.mjs';
import { scratchDirectory } from '../../scripts/lib/scratch.mjs';
import { startStack } from '../../scripts/lib/stack.mjs';
import { startTcpProxy } from './tcp-proxy.mjs';

const { environment = {}, redis = false, proxied = false } = JSON.parse(process.argv[2] ?? '{}');
const directory = scratchDirectory('e2e');
const DATABASES = ['DATABASE_URL', 'CLOCKWORK_DATABASE_URL', 'REVOKER_DATABASE_URL'];
const proxies = {};
let queueServer = null;
const say = (message) => process.connected && process.send(message);

const end = async (stack) => {
  await stack?.stop();
  for (const proxy of Object.values(proxies)) await proxy.close();
  await queueServer?.stop();
  // For whoever wants to read the logs of a suite that failed.
  if (process.env.CURFEW_KEEP_STACKS) console.error(`kept: ${directory}`);
  else rmSync(directory, { recursive: true, force: true });
  process.exit(0);
};

/** Every URL of `names` through one proxy, so that one fault befalls them all. */
const through = async (name, names, settings) => {
  proxies[name] = await startTcpProxy({ port: Number(new URL(settings[names[0]]).port) });
  const lead = (text) => {
    const url = new URL(text);
    url.port = String(proxies[name].port);
    return url.href;
  };
  return Object.fromEntries(names.map((each) => [each, lead(settings[each])]));
};

const reroute = async (settings) =>
  proxied
    ? {
        ...settings,
        ...(await through('database', DATABASES, settings)),
        ...(await through('queue', ['QUEUE_URL'], settings)),
      }
    : settings;

const redisData = { dataDir: join(directory, 'redis') };
const startQueueServer = async () => {
  const { port, password } = queueServer ?? {};
  queueServer = await startRedis({ ...redisData, ...(port && { port, password }) });
};

const redisActs = {
  stop: () => queueServer.stop(),
  start: () => startQueueServer(),
  keep: () => cpSync(redisData.dataDir, `${redisData.dataDir}-kept`, { recursive: true }),
  rewind: async () => {
    await queueServer.stop();
    rmSync(redisData.dataDir, { recursive: true });
    cpSync(`${redisData.dataDir}-kept`, redisData.dataDir, { recursive: true });
    await startQueueServer();
  },
};

/** A server's own processes leave the group of whoever began them: each is found by its parent. */
const signalServer = ({ home }, signal) => {
  const pid = Number.parseInt(readFileSync(join(home, 'cluster', 'postmaster.pid'), 'utf8'), 10);
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .filter(Boolean);
  for (const each of [pid, ...children.map(Number)]) process.kill(each, signal);
};

const postgresActs = {
  crash: (postgres) => postgres.crash(),
  restart: (postgres) => postgres.restart(),
  pause: (postgres) => signalServer(postgres, 'SIGSTOP'),
  resume: (postgres) => signalServer(postgres, 'SIGCONT'),
};

const commands = {
  kill: (stack, { name }) => stack.children[name].kill('SIGKILL'),
  start: (stack, { name, environment: added }) => stack.children[name].start(added),
  running: (stack, { name }) => ({ running: stack.children[name].isRunning }),
  signal: (stack, { name, signal }) => stack.children[name].signal(signal),
  network: (_stack, { name, state }) => proxies[name].become(state),
  postgres: (stack, { name }) => postgresActs[name](stack.postgres),
  redis: (_stack, { name }) => redisActs[name](),
};

const main = async () => {
  if (redis) await startQueueServer();
  const stack = await startStack({
    directory,
    // A test says itself when what it killed comes back.
    restarts: false,
    environment: { LOG_LEVEL: 'debug', ...(redis && { QUEUE_URL: queueServer.url }), ...environment },
    // Test data may be lost in a power cut, though not in a crash of PostgreSQL: nothing waits for the disk.
    databaseSettings: { fsync: 'off', full_page_writes: 'off' },
    reroute,
    onGivenUp: (reason) => say({ failure: reason }),
  });
  process.on('disconnect', () => end(stack));
  if (!process.connected) return end(stack);
  process.on('message', async ({ id, command, ...rest }) => {
    if (command === 'stop') return end(stack);
    try {
      const said = await commands[command](stack, rest);
      say({ id, ...(command === 'running' && said) });
    } catch (error) {
      say({ id, failure: error.message });
    }
  });
  const { api, simulator, adminUrl, settings } = stack;
  say({ ready: { directory, api, simulator, adminUrl, settings } });
};

await main().catch((error) => {
  say({ failure: error.message });
  return end();
});

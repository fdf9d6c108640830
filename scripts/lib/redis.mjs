// A real redis-server for the Redis test tier and for whoever wants to try the scale-out queue: found on the machine,
// or, on Debian and its relatives, unpacked into .cache/redis without installing anything. Node built-ins only.
import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { delimiter, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const cacheDir = resolve(import.meta.dirname, '../../.cache/redis');
// redis-server is a link into redis-tools; the rest are the libraries that it loads.
const packages = [
  'redis-server',
  'redis-tools',
  'libjemalloc2',
  'liblzf1',
  'liblua5.1-0',
  'lua-cjson',
  'lua-bitop',
];
const START_MS = 10_000;
const STOP_MS = 5_000;

/**
 * Where a Redis is to be had: `{ url }` of a running one (REDIS_URL), or `{ path, env }` of a redis-server: on the PATH,
 * unpacked earlier, or (unless `mayUnpack` is false) unpacked now. Null when there is none.
 */
export const findOrUnpackRedis = async ({ mayUnpack = true } = {}) => {
  if (process.env.REDIS_URL) return { url: process.env.REDIS_URL };
  const onPath = (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'redis-server'))
    .find((file) => existsSync(file));
  if (onPath) return { path: onPath, env: {} };
  return (await unpacked()) ?? (mayUnpack && (await isDebian()) ? unpack() : null);
};

/**
 * Starts a Redis of its own: loopback, free port, random password, append-only file, no eviction. It ends with this
 * process at the latest. `port` and `password` bring an earlier one back to the same address and data.
 */
export const startRedis = async ({ dataDir, redis, port, password = randomBytes(24).toString('hex') }) => {
  const found = redis ?? (await findOrUnpackRedis());
  if (!found) throw new Error('No redis-server: install one, or set REDIS_URL to a running Redis.');
  if (found.url) return { url: found.url, pid: null, stop: async () => {} };
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const address = { port: port ?? (await freePort()), password };
  const child = launch(found, { ...address, dataDir });
  await untilReady(child, address);
  const { pid } = child.process;
  return { url: `redis://:${password}@127.0.0.1:${address.port}`, ...address, pid, stop: () => stop(child) };
};

const launch = ({ path, env }, { port, password, dataDir }) => {
  const settings = {
    bind: '127.0.0.1',
    port,
    requirepass: password,
    dir: dataDir,
    appendonly: 'yes',
    save: '""',
    'maxmemory-policy': 'noeviction',
    loglevel: 'warning',
  };
  // The settings go in by stdin: a command line is readable by everybody on the machine.
  const server = spawn(path, ['-'], { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
  const child = { process: server, output: '', exited: false, failure: null };
  const keep = (chunk) => (child.output = (child.output + chunk).slice(-2_000));
  server.stdout.on('data', keep);
  server.stderr.on('data', keep);
  server.stdin.on('error', () => {});
  server.stdin.end(
    Object.entries(settings)
      .map(([key, value]) => `${key} ${value}\n`)
      .join(''),
  );
  child.killWithUs = () => server.kill('SIGKILL');
  process.once('exit', child.killWithUs);
  child.exit = new Promise((done) => {
    server.once('error', (error) => {
      child.failure = error;
      done();
    });
    server.once('exit', done);
  }).then(() => {
    child.exited = true;
    process.removeListener('exit', child.killWithUs);
  });
  return child;
};

const untilReady = async (child, { port, password }) => {
  const deadline = Date.now() + START_MS;
  while (!(await answers(port, password))) {
    if (child.exited || Date.now() > deadline) {
      await stop(child);
      throw new Error(`redis-server did not start: ${child.failure?.message ?? child.output.trim()}`);
    }
    await delay(25);
  }
};

const stop = async (child) => {
  if (child.exited) return;
  child.process.kill('SIGTERM');
  const late = setTimeout(() => child.process.kill('SIGKILL'), STOP_MS);
  await child.exit;
  clearTimeout(late);
};

/** PONG to our password: a stranger on the same port doesn't know it. LOADING and refusals are "not yet". */
const answers = (port, password) =>
  new Promise((done) => {
    const socket = connect({ host: '127.0.0.1', port });
    const end = (value) => {
      socket.destroy();
      done(value);
    };
    let text = '';
    socket.setTimeout(1_000, () => end(false));
    socket.on('error', () => end(false));
    socket.on('close', () => end(false));
    socket.on('data', (chunk) => {
      text += chunk;
      if (text.includes('+PONG')) end(true);
      else if (text.includes('-')) end(false);
    });
    socket.write(`AUTH ${password}\r\nPING\r\n`);
  });

const freePort = () =>
  new Promise((done, fail) => {
    const server = createServer().once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });

const isDebian = () =>
  run('dpkg-deb', ['--version']).then(
    () =>
      run('apt-get', ['--version']).then(
        () => true,
        () => false,
      ),
    () => false,
  );

const unpacked = async () => {
  const root = join(cacheDir, 'root');
  const path = join(root, 'usr/bin/redis-server');
  if (!existsSync(path)) return null;
  const libraries = join(root, 'usr/lib');
  const folders = (await readdir(libraries, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  const env = { LD_LIBRARY_PATH: folders.map((folder) => join(libraries, folder.name)).join(delimiter) };
  const runs = await run(path, ['--version'], { env: { ...process.env, ...env } }).then(
    () => true,
    () => false,
  );
  return runs ? { path, env } : null;
};

/** Downloads the packages and unpacks them beside each other; half-done work is never taken for a Redis. */
const unpack = async () => {
  const work = join(cacheDir, `work-${process.pid}`);
  const root = join(work, 'root');
  await mkdir(root, { recursive: true });
  try {
    await download(work);
    const files = (await readdir(work)).filter((file) => file.endsWith('.deb'));
    for (const file of files) await run('dpkg-deb', ['-x', join(work, file), root]);
    await rm(join(cacheDir, 'root'), { recursive: true, force: true });
    await rename(root, join(cacheDir, 'root'));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return unpacked();
};

/** A fresh container has no package lists: they are fetched once, where we may (root), and only when needed. */
const download = async (cwd) => {
  const fetchPackages = () => run('apt-get', ['download', ...packages], { cwd });
  try {
    await fetchPackages();
  } catch (error) {
    if (process.getuid?.() !== 0)
      throw new Error(`apt-get download failed: ${error.stderr}`, { cause: error });
    await run('apt-get', ['update']);
    await fetchPackages();
  }
};

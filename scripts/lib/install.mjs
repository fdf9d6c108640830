// Brings node_modules to what the lockfile says. Runs on a bare checkout: Node's own modules only.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { root } from './paths.mjs';
import { mustRun, run, tool } from './run.mjs';

const OLDEST_NODE = [20, 19];
const modules = resolve(root, 'node_modules');
const stamp = resolve(modules, '.curfew-lock');
const lockfile = resolve(root, 'package-lock.json');
const schema = resolve(root, 'prisma/schema.prisma');
const client = resolve(root, 'libs/persistence/src/generated');

/** Installs and generates what is missing or out of date, and nothing else. */
export const ensureInstalled = async (log = console.log) => {
  checkNode();
  await installModules(log);
  await generateClient(log);
};

const checkNode = () => {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const [wantedMajor, wantedMinor] = OLDEST_NODE;
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return;
  throw new Error(
    `Curfew needs Node ${OLDEST_NODE.join('.')} or newer; this is ${process.versions.node}. Install a newer one from nodejs.org.`,
  );
};

const hashOf = (file) => createHash('sha256').update(readFileSync(file)).digest('hex');

const installModules = async (log) => {
  const wanted = hashOf(lockfile);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  // Modules that npm installed by itself from this very lockfile need no second installation.
  if (!existsSync(stamp) && (await isInstalled())) return writeFileSync(stamp, wanted);
  const count = Object.keys(JSON.parse(readFileSync(lockfile, 'utf8')).packages).length - 1;
  log(`installing up to ${count} packages, about a minute…`);
  await mustRun('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  writeFileSync(stamp, wanted);
};

const isInstalled = async () => {
  const hidden = resolve(modules, '.package-lock.json');
  if (!existsSync(hidden) || statSync(hidden).mtimeMs < statSync(lockfile).mtimeMs) return false;
  const { code } = await run('npm', ['ls', '--depth=0', '--silent']);
  return code === 0;
};

/** The client is made from the schema and not committed. */
const generateClient = async (log) => {
  const wanted = hashOf(schema);
  const madeFrom = resolve(client, '.schema-hash');
  if (existsSync(madeFrom) && readFileSync(madeFrom, 'utf8') === wanted) return;
  log('generating the database client…');
  await mustRun(process.execPath, [tool('prisma'), 'generate']);
  writeFileSync(madeFrom, wanted);
};

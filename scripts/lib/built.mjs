// Keeps dist/ in step with the sources.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { root } from './paths.mjs';
import { mustRun, tool } from './run.mjs';

const dist = resolve(root, 'dist');
const stamp = resolve(dist, '.built-from.json');
const inputs = ['apps', 'libs'];
const settings = [
  'package.json',
  'package-lock.json',
  'nest-cli.json',
  'tsconfig.json',
  'tsconfig.build.json',
];

/** Builds what changed since the last build; nothing changed costs some milliseconds. */
export const ensureBuilt = async (log = console.log) => {
  const now = fingerprint();
  const before = existsSync(stamp) ? JSON.parse(readFileSync(stamp, 'utf8')) : { files: [] };
  if (before.hash === now.hash) return;
  // The compiler leaves what became of deleted sources: it would still be found and run.
  if (before.files.some((file) => !now.files.includes(file))) rmSync(dist, { recursive: true, force: true });
  log('building…');
  await mustRun(process.execPath, [tool('nest'), 'build']);
  mkdirSync(dist, { recursive: true });
  writeFileSync(stamp, JSON.stringify(now));
};

/** The main file of an app, as built. */
export const mainOf = (app, file = 'main.js') => resolve(dist, 'apps', app, 'src', file);

const fingerprint = () => {
  const files = inputs.flatMap((folder) => filesBelow(folder));
  const hash = createHash('sha256');
  for (const file of [...files, ...settings]) {
    const { mtimeMs, size } = statSync(resolve(root, file));
    hash.update(`${file} ${mtimeMs} ${size}\n`);
  }
  return { hash: hash.digest('hex'), files };
};

const filesBelow = (folder) =>
  readdirSync(resolve(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    return entry.isDirectory() ? filesBelow(path) : entry.isFile() ? [path] : [];
  });

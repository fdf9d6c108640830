import {
  chownSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { keyRingOf, KeyRingError, newKeyFile, type KeyRing } from './key-ring.js';

/** Read by the owner, and by the group where a container platform mounts it so. */
const FORBIDDEN_MODE = 0o037;
/** Longer than any change takes, wrapping by a key vault included: whoever has been at it for longer is dead. */
const DEAD_EDITOR_MS = 120_000;

/** Creates a key file with fresh keys, for its owner's eyes only. Never touches a file that is there. */
export const createKeyFile = (path: string, createdAt: Date = new Date()): KeyRing => {
  const file = newKeyFile(createdAt);
  createRingFile(path, ringText(file));
  return keyRingOf(file);
};

/** Creates a file with a ring's text, for its owner's eyes only. Never touches a file that is there. */
export const createRingFile = (path: string, text: string): void => {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(path, text, { flag: 'wx', mode: 0o400, flush: true });
  } catch (error) {
    throw new KeyRingError(`The key file ${path} was not created (${codeOf(error)}).`, { cause: error });
  }
};

/** A ring as it is written. */
export const ringText = (ring: object): string => `${JSON.stringify(ring, null, 2)}\n`;

/** Reads a key file's text. Refuses a file that others may read or that its group may write. */
export const readRingFile = (path: string): string => {
  const { mode, text } = read(path);
  // Windows has no such bits: node reports what its read-only flag says.
  if (process.platform !== 'win32' && (mode & FORBIDDEN_MODE) !== 0)
    throw new KeyRingError(`The key file ${path} may be read or changed by others: chmod 0400 it.`);
  return text;
};

/**
 * Changes a key file: all of it or nothing, whenever the machine stops. One at a time, since a key that another's change
 * takes out again may have sealed something by then. Owner and mode stay.
 */
export const changeRingFile = async (
  path: string,
  change: (text: string) => Promise<string>,
): Promise<string> => {
  const lock = `${path}.editing`;
  takeTurn(lock);
  try {
    const before = readRingFile(path);
    const after = await change(before);
    if (after !== before) replaceFile(path, after);
    return after;
  } finally {
    rmSync(lock, { force: true });
  }
};

const takeTurn = (lock: string): void => {
  try {
    if (Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Infinity) > DEAD_EDITOR_MS)
      rmSync(lock, { force: true });
    writeFileSync(lock, '', { flag: 'wx', mode: 0o600 });
  } catch (error) {
    const code = codeOf(error);
    throw new KeyRingError(
      code === 'EEXIST'
        ? `Somebody else changes the key file: try again in a minute (${lock}).`
        : `The key file can't be changed here (${code} for ${lock}).`,
      { cause: error },
    );
  }
};

const replaceFile = (path: string, text: string): void => {
  const { mode, uid, gid } = statSync(path);
  const draft = `${path}.next`;
  try {
    rmSync(draft, { force: true });
    writeFileSync(draft, text, { flag: 'wx', mode: mode & 0o777, flush: true });
    const made = statSync(draft);
    // Whoever changes it may be another than those who read it.
    if (made.uid !== uid || made.gid !== gid) chownSync(draft, uid, gid);
    renameSync(draft, path);
    syncDirectory(dirname(path));
  } catch (error) {
    rmSync(draft, { force: true });
    throw new KeyRingError(`The key file ${path} was not changed (${codeOf(error)}).`, { cause: error });
  }
};

/** The new name too is to outlive a power cut; Windows can't be asked for that. */
const syncDirectory = (path: string): void => {
  if (process.platform === 'win32') return;
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
};

const read = (path: string): { mode: number; text: string } => {
  try {
    return { mode: statSync(path).mode, text: readFileSync(path, 'utf8') };
  } catch (error) {
    throw new KeyRingError(`The key file ${path} cannot be read (${codeOf(error)}).`, { cause: error });
  }
};

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? 'unknown reason';

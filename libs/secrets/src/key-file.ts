import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Secret } from '#core/shared';
import { keyRingOf, KeyRingError, newKeyFile, parseKeyFile, type KeyRing } from './key-ring.js';

/** Read by the owner, and by the group where a container platform mounts it so. */
const FORBIDDEN_MODE = 0o037;

/** Creates a key file with fresh keys, for its owner's eyes only. Never touches a file that is there. */
export const createKeyFile = (path: string, createdAt: Date = new Date()): KeyRing => {
  const file = newKeyFile(createdAt);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  try {
    writeFileSync(path, `${JSON.stringify(file, null, 2)}\n`, { flag: 'wx', mode: 0o400, flush: true });
  } catch (error) {
    throw new KeyRingError(`The key file ${path} was not created (${codeOf(error)}).`, { cause: error });
  }
  return keyRingOf(file);
};

/** Reads a key file. Refuses one that others may read or that its group may write. */
export const readKeyFile = (path: string): KeyRing => {
  const { mode, text } = read(path);
  // Windows has no such bits: node reports what its read-only flag says.
  if (process.platform !== 'win32' && (mode & FORBIDDEN_MODE) !== 0)
    throw new KeyRingError(`The key file ${path} may be read or changed by others: chmod 0400 it.`);
  return keyRingOf(parseKeyFile(text));
};

/** Reads keys handed in by the environment: a key file's content in base64. */
export const readKeys = (base64: Secret): KeyRing =>
  keyRingOf(parseKeyFile(Buffer.from(base64.expose(), 'base64').toString('utf8')));

/** The keys of a process, from where its configuration says: a file, or a key file's content in base64. */
export const keysFrom = (source: { readonly file: string } | { readonly inline: Secret }): KeyRing =>
  'file' in source ? readKeyFile(source.file) : readKeys(source.inline);

const read = (path: string): { mode: number; text: string } => {
  try {
    return { mode: statSync(path).mode, text: readFileSync(path, 'utf8') };
  } catch (error) {
    throw new KeyRingError(`The key file ${path} cannot be read (${codeOf(error)}).`, { cause: error });
  }
};

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? 'unknown reason';

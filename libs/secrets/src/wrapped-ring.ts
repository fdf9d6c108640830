import { isRecord, KeyRingError, parseRing, type KeyFile, type RingOf } from './key-ring.js';
import type { KeyVault, WrappedKey } from './key-vault.js';

/** A ring at rest of which each key can be had from the key vault alone. */
export interface WrappedKeyFile extends RingOf<WrappedKey> {
  readonly format: typeof WRAPPED_FORMAT;
}

export const WRAPPED_FORMAT = 'curfew-wrapped-keys-v1';

/** Larger than any RSA key gives. */
const LARGEST_WRAPPED = 2_048;

/** Reads a wrapped ring's text. */
export const parseWrappedFile = (text: string): WrappedKeyFile => parseRing(text, WRAPPED_FORMAT, wrappedKey);

/** The keys of a ring that were unwrapped before, so that each is asked of the vault once. */
export type Unwrapped = Map<string, string>;

/** Unwraps a whole ring. Throws `KeyVaultError`. */
export const unwrapRing = async (
  file: WrappedKeyFile,
  vault: KeyVault,
  known: Unwrapped,
): Promise<KeyFile> => {
  const encryption: KeyFile['encryption'][number][] = [];
  for (const entry of file.encryption)
    encryption.push({ ...entry, key: await unwrapped(entry.key, vault, known) });
  const mark = await unwrapped(file.mark, vault, known);
  return { ...file, format: 'curfew-keys-v1', encryption, mark };
};

/** Wraps a ring. What `before` has wrapped already stays as it is; without it all is wrapped anew. */
export const wrapRing = async (
  file: KeyFile,
  vault: KeyVault,
  before: WrappedKeyFile | null,
): Promise<WrappedKeyFile> => {
  const kept = new Map(before?.encryption.map(({ id, key }) => [id, key]));
  const encryption: WrappedKeyFile['encryption'][number][] = [];
  for (const entry of file.encryption)
    encryption.push({ ...entry, key: kept.get(entry.id) ?? (await vault.wrap(entry.key)) });
  return { ...file, format: WRAPPED_FORMAT, encryption, mark: before?.mark ?? (await vault.wrap(file.mark)) };
};

const unwrapped = async (key: WrappedKey, vault: KeyVault, known: Unwrapped): Promise<string> => {
  const name = `${key.by} ${key.wrapped}`;
  const text = known.get(name) ?? (await vault.unwrap(key));
  known.set(name, text);
  return text;
};

const wrappedKey = (value: unknown, name: string): WrappedKey => {
  if (!isRecord(value)) throw new KeyRingError(`${name} is not wrapped.`);
  const { by, algorithm, wrapped } = value;
  if (typeof by !== 'string' || (algorithm !== 'RSA-OAEP-256' && algorithm !== 'A256KW'))
    throw new KeyRingError(`${name} does not say by which key of the vault it is wrapped.`);
  if (typeof wrapped !== 'string' || wrapped.length > LARGEST_WRAPPED || wrapped === '')
    throw new KeyRingError(`${name} is not wrapped as the vault does.`);
  return { by, algorithm, wrapped };
};

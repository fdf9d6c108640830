import { createSecretKey, randomBytes, type KeyObject } from 'node:crypto';

/** AES-256 and HMAC-SHA-256 alike. */
const KEY_BYTES = 32;
/** No dot: the id stands between dots in each sealed value. */
const KEY_ID = /^[a-z0-9-]{1,32}$/;

/** A key file (or its base64 form) that can't be used. Names what is wrong, never what stands in it. */
export class KeyRingError extends Error {
  override readonly name = 'KeyRingError';
}

/** An encryption key of a ring: `Key` is how it is written there. */
export interface RingEntry<Key> {
  readonly id: string;
  readonly createdAt: string;
  readonly key: Key;
}

/** What every form of a ring holds, encryption keys from the oldest to the newest. */
export interface RingOf<Key> {
  /** The id of the one that seals; absent: the newest does. */
  readonly sealing?: string;
  readonly encryption: readonly RingEntry<Key>[];
  readonly mark: Key;
}

/** The key file as it is written: JSON, keys in base64url. */
export interface KeyFile extends RingOf<string> {
  readonly format: 'curfew-keys-v1';
}

/** The keys in memory, as objects that don't print themselves. One seals, every one opens. */
export interface KeyRing {
  readonly sealing: string;
  readonly encryption: ReadonlyMap<string, KeyObject>;
  readonly mark: KeyObject;
}

/** Makes the content of a first key file: one encryption key, one marker key. */
export const newKeyFile = (createdAt: Date): KeyFile => ({
  format: 'curfew-keys-v1',
  encryption: [newEncryptionKey(createdAt)],
  mark: randomBytes(KEY_BYTES).toString('base64url'),
});

/** The same keys and a newer one that opens and does not seal yet. The marker key stays: markers in Entra don't rotate. */
export const withReadableKey = (file: KeyFile, createdAt: Date): KeyFile => ({
  ...file,
  sealing: sealingOf(file),
  encryption: [...file.encryption, newEncryptionKey(createdAt)],
});

/** The same keys, of which this one seals. */
export const sealingWith = (file: KeyFile, id: string): KeyFile => {
  requireKnown(file, id);
  return { ...file, sealing: id };
};

/** The same keys without this one, which must not be the one that seals. */
export const withoutKey = (file: KeyFile, id: string): KeyFile => {
  requireKnown(file, id);
  if (sealingOf(file) === id) throw new KeyRingError(`The key ${id} seals: another one must do that first.`);
  return {
    ...file,
    sealing: sealingOf(file),
    encryption: file.encryption.filter((entry) => entry.id !== id),
  };
};

/** Which key of a ring seals. */
export const sealingOf = ({ sealing, encryption }: RingOf<unknown>): string =>
  sealing ?? encryption.at(-1)?.id ?? '';

const requireKnown = ({ encryption }: KeyFile, id: string): void => {
  if (!encryption.some((entry) => entry.id === id))
    throw new KeyRingError('There is no such encryption key.');
};

/** Reads a key file's text. */
export const parseKeyFile = (text: string): KeyFile => parseRing(text, 'curfew-keys-v1', keyText);

/** Reads a ring's text in one format; `keyOf` reads each key, named as it is to be told of. */
export const parseRing = <Format extends string, Key>(
  text: string,
  format: Format,
  keyOf: (value: unknown, name: string) => Key,
): RingOf<Key> & { readonly format: Format } => {
  const file = parseJson(text);
  if (!isRecord(file) || file['format'] !== format)
    throw new KeyRingError(`This is not a key file of the format ${format}.`);
  if (!Array.isArray(file['encryption']) || file['encryption'].length === 0)
    throw new KeyRingError('The key file holds no encryption key.');
  const encryption = file['encryption'].map((entry) => parseEncryptionKey(entry, keyOf));
  if (new Set(encryption.map(({ id }) => id)).size !== encryption.length)
    throw new KeyRingError('Two encryption keys have the same id.');
  const { sealing } = file;
  if (sealing !== undefined && !encryption.some(({ id }) => id === sealing))
    throw new KeyRingError('The key file names a sealing key that it does not hold.');
  const mark = keyOf(file['mark'], 'The marker key');
  return { format, ...(typeof sealing === 'string' ? { sealing } : {}), encryption, mark };
};

/** The format that a ring's text says it has; null: it is no JSON, or says none. */
export const formatOf = (text: string): string | null => {
  try {
    const file = JSON.parse(text) as unknown;
    return isRecord(file) && typeof file['format'] === 'string' ? file['format'] : null;
  } catch {
    return null;
  }
};

/** Turns a key file into keys that can be used. */
export const keyRingOf = (file: KeyFile): KeyRing => ({
  sealing: sealingOf(file),
  encryption: new Map(file.encryption.map(({ id, key }) => [id, secretKey(key)])),
  mark: secretKey(file.mark),
});

const newEncryptionKey = (createdAt: Date): KeyFile['encryption'][number] => ({
  id: `k${randomBytes(4).toString('hex')}`,
  createdAt: createdAt.toISOString(),
  key: randomBytes(KEY_BYTES).toString('base64url'),
});

const parseEncryptionKey = <Key>(
  entry: unknown,
  keyOf: (value: unknown, name: string) => Key,
): RingEntry<Key> => {
  if (!isRecord(entry)) throw new KeyRingError('An encryption key is not an object.');
  const { id, createdAt, key } = entry;
  if (typeof id !== 'string' || !KEY_ID.test(id))
    throw new KeyRingError('An encryption key has no usable id (a-z, 0-9 and -, at most 32 characters).');
  if (typeof createdAt !== 'string') throw new KeyRingError(`The encryption key ${id} has no createdAt.`);
  return { id, createdAt, key: keyOf(key, `The encryption key ${id}`) };
};

/** 32 bytes in base64url. */
export const keyText = (value: unknown, name: string): string => {
  if (typeof value !== 'string' || Buffer.from(value, 'base64url').length !== KEY_BYTES)
    throw new KeyRingError(`${name} is not ${KEY_BYTES} bytes in base64url.`);
  return value;
};

const secretKey = (text: string): KeyObject => createSecretKey(Buffer.from(text, 'base64url'));

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // JSON.parse quotes what it could not read: that would be key material.
    throw new KeyRingError('The key file is not JSON.');
  }
};

/** Whether something read from JSON is an object. */
export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

import { createSecretKey, randomBytes, type KeyObject } from 'node:crypto';

/** AES-256 and HMAC-SHA-256 alike. */
const KEY_BYTES = 32;
/** No dot: the id stands between dots in each sealed value. */
const KEY_ID = /^[a-z0-9-]{1,32}$/;

/** A key file (or its base64 form) that can't be used. Names what is wrong, never what stands in it. */
export class KeyRingError extends Error {
  override readonly name = 'KeyRingError';
}

/** The key file as it is written: JSON, keys in base64url, encryption keys from the oldest to the newest. */
export interface KeyFile {
  readonly format: 'curfew-keys-v1';
  readonly encryption: readonly { readonly id: string; readonly createdAt: string; readonly key: string }[];
  readonly mark: string;
}

/** The keys in memory, as objects that don't print themselves. The newest key seals, every key opens. */
export interface KeyRing {
  readonly newest: { readonly id: string; readonly key: KeyObject };
  readonly encryption: ReadonlyMap<string, KeyObject>;
  readonly mark: KeyObject;
}

/** Makes the content of a first key file: one encryption key, one marker key. */
export const newKeyFile = (createdAt: Date): KeyFile => ({
  format: 'curfew-keys-v1',
  encryption: [newEncryptionKey(createdAt)],
  mark: randomBytes(KEY_BYTES).toString('base64url'),
});

/** The same keys and a newer one, which seals from then on. The marker key stays: markers in Entra don't rotate. */
export const withNewEncryptionKey = (file: KeyFile, createdAt: Date): KeyFile => ({
  ...file,
  encryption: [...file.encryption, newEncryptionKey(createdAt)],
});

/** Reads a key file's text. */
export const parseKeyFile = (text: string): KeyFile => {
  const file = parseJson(text);
  if (!isRecord(file) || file['format'] !== 'curfew-keys-v1')
    throw new KeyRingError('This is not a key file of the format curfew-keys-v1.');
  if (!Array.isArray(file['encryption']) || file['encryption'].length === 0)
    throw new KeyRingError('The key file holds no encryption key.');
  return {
    format: 'curfew-keys-v1',
    encryption: file['encryption'].map(parseEncryptionKey),
    mark: keyText(file['mark'], 'The marker key'),
  };
};

/** Turns a key file into keys that can be used. */
export const keyRingOf = (file: KeyFile): KeyRing => {
  const encryption = new Map(file.encryption.map(({ id, key }) => [id, secretKey(key)]));
  const newest = file.encryption.at(-1);
  if (newest === undefined) throw new KeyRingError('The key file holds no encryption key.');
  if (encryption.size !== file.encryption.length)
    throw new KeyRingError('Two encryption keys have the same id.');
  return { newest: { id: newest.id, key: secretKey(newest.key) }, encryption, mark: secretKey(file.mark) };
};

const newEncryptionKey = (createdAt: Date): KeyFile['encryption'][number] => ({
  id: `k${randomBytes(4).toString('hex')}`,
  createdAt: createdAt.toISOString(),
  key: randomBytes(KEY_BYTES).toString('base64url'),
});

const parseEncryptionKey = (entry: unknown): KeyFile['encryption'][number] => {
  if (!isRecord(entry)) throw new KeyRingError('An encryption key is not an object.');
  const { id, createdAt, key } = entry;
  if (typeof id !== 'string' || !KEY_ID.test(id))
    throw new KeyRingError('An encryption key has no usable id (a-z, 0-9 and -, at most 32 characters).');
  if (typeof createdAt !== 'string') throw new KeyRingError(`The encryption key ${id} has no createdAt.`);
  return { id, createdAt, key: keyText(key, `The encryption key ${id}`) };
};

const keyText = (value: unknown, name: string): string => {
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

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  hkdfSync,
  randomBytes,
  type KeyObject,
} from 'node:crypto';
import { Secret, sharedErrors, type SealedPlace, type SecretBox } from '#core/shared';
import { KeyRingError, type KeyRing } from './key-ring.js';
import { lengthPrefixed } from './length-prefixed.js';

const FORMAT = 'v1';
const CIPHER = 'aes-256-gcm';
const IV_BYTES = 12;
/** The full tag; a shorter one is refused, so that nobody can guess one. */
const TAG_BYTES = 16;

/**
 * Seals with AES-256-GCM under a key per row, derived by HKDF-SHA-256 from the key-encryption key that the value names:
 * `v1.<keyId>.<iv>.<ciphertext+tag>` in base64url. The place goes in as additional data, so a value copied to another
 * row, column or organization, or brought back from an earlier version, does not open.
 */
export class LocalSecretBox implements SecretBox {
  #keys: KeyRing;

  constructor(keys: KeyRing) {
    this.#keys = keys;
  }

  get sealingKey(): string {
    return this.#keys.sealing;
  }

  /** The keys that open. */
  get readableKeys(): readonly string[] {
    return [...this.#keys.encryption.keys()];
  }

  /**
   * Goes on with a changed ring. What could be opened before still can, for as long as the process lives: sealed texts may
   * be in its memory. A ring whose marker key or a known encryption key is another one belongs elsewhere, and is refused.
   */
  replace(keys: KeyRing): void {
    const isSame = (id: string, key: KeyObject): boolean => keys.encryption.get(id)?.equals(key) ?? true;
    const fits = [...this.#keys.encryption].every(([id, key]) => isSame(id, key));
    if (!fits || !keys.mark.equals(this.#keys.mark))
      throw new KeyRingError(
        'The keys changed into those of another installation: the ones before stay in use.',
      );
    this.#keys = { ...keys, encryption: new Map([...this.#keys.encryption, ...keys.encryption]) };
  }

  seal(value: Secret, place: SealedPlace): string {
    const { sealing: id, encryption } = this.#keys;
    const key = encryption.get(id);
    if (key === undefined) throw new KeyRingError('No key seals.');
    const plain = utf8(value);
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(CIPHER, rowKey(key, place), iv, { authTagLength: TAG_BYTES });
    cipher.setAAD(additionalData(place));
    const body = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    return [FORMAT, id, iv.toString('base64url'), body.toString('base64url')].join('.');
  }

  /** Whatever is wrong, the answer is the same: it tells nothing to somebody who bends ciphertexts. */
  open(sealed: string, place: SealedPlace): Secret {
    try {
      return this.#open(sealed, place);
    } catch {
      throw sharedErrors.refuse('secret.unreadable');
    }
  }

  keyOf(sealed: string): string | null {
    const [format, keyId = ''] = sealed.split('.');
    return format === FORMAT && keyId !== '' ? keyId : null;
  }

  mark(parts: readonly string[]): string {
    return createHmac('sha256', this.#keys.mark).update(lengthPrefixed(parts)).digest('base64url');
  }

  digest(value: string): string {
    return createHash('sha256').update(value, 'utf8').digest('hex');
  }

  #open(sealed: string, place: SealedPlace): Secret {
    const [format, keyId = '', ivText = '', bodyText = '', ...rest] = sealed.split('.');
    const key = this.#keys.encryption.get(keyId);
    if (format !== FORMAT || key === undefined || rest.length > 0) throw new Error('Not in this format.');
    const iv = canonical(ivText);
    const body = canonical(bodyText);
    if (iv.length !== IV_BYTES || body.length < TAG_BYTES) throw new Error('Too short or too long.');
    const decipher = createDecipheriv(CIPHER, rowKey(key, place), iv, { authTagLength: TAG_BYTES });
    decipher.setAAD(additionalData(place));
    decipher.setAuthTag(body.subarray(-TAG_BYTES));
    const plain = Buffer.concat([decipher.update(body.subarray(0, -TAG_BYTES)), decipher.final()]);
    return new Secret(plain.toString('utf8'));
  }
}

/** A key per row: a leaked row key opens one row, and random IVs never run out under it. */
const rowKey = (key: KeyObject, { organizationId, table, rowId }: SealedPlace): Buffer =>
  Buffer.from(
    hkdfSync('sha256', key, '', lengthPrefixed(['curfew row key', FORMAT, organizationId, table, rowId]), 32),
  );

const additionalData = ({ organizationId, table, column, rowId, version }: SealedPlace): Buffer =>
  lengthPrefixed([FORMAT, organizationId, table, column, rowId, String(version)]);

/** Node reads base64url leniently (other characters, loose bits at the end): only the one true spelling is taken. */
const canonical = (text: string): Buffer => {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.toString('base64url') !== text) throw new Error('Not canonical base64url.');
  return bytes;
};

/** A lone surrogate has no UTF-8: it would come back as another character. */
const utf8 = (value: Secret): Buffer => {
  const bytes = Buffer.from(value.expose(), 'utf8');
  if (bytes.toString('utf8') !== value.expose()) throw new TypeError('Only well-formed text can be sealed.');
  return bytes;
};

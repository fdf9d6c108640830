import { Secret, sharedErrors, type SealedPlace, type SecretBox } from '../shared/index.js';

/**
 * A SecretBox without secrets: `sealed:<place>:<base64>:<checksum>`, so that a failing test shows what was sealed
 * where. It keeps the whole contract (another place and a bent value are refused) and hides nothing.
 */
export class FakeSecretBox implements SecretBox {
  /** Of what was hashed before: the same places and marks are asked for over and over. */
  readonly #hashes = new Map<string, string>();

  readonly sealingKey = 'fake';

  seal(value: Secret, place: SealedPlace): string {
    const body = `sealed:${spell(place)}:${toBase64(value.expose())}`;
    return `${body}:${this.#hash(body).slice(0, 8)}`;
  }

  open(sealed: string, place: SealedPlace): Secret {
    const value = new Secret(fromBase64(sealed.split(':')[2] ?? ''));
    if (this.seal(value, place) !== sealed) throw sharedErrors.refuse('secret.unreadable');
    return value;
  }

  keyOf(sealed: string): string | null {
    return sealed.startsWith('sealed:') ? this.sealingKey : null;
  }

  mark(parts: readonly string[]): string {
    return `mark${this.#hash(JSON.stringify(parts))}`.slice(0, 43);
  }

  digest(value: string): string {
    return this.#hash(value);
  }

  #hash(text: string): string {
    const known = this.#hashes.get(text) ?? hash(text);
    this.#hashes.set(text, known);
    return known;
  }
}

const spell = ({ organizationId, table, column, rowId, version }: SealedPlace): string =>
  [organizationId, table, column, rowId, version].map((part) => encodeURIComponent(part)).join('/');

const toBase64 = (text: string): string => btoa(String.fromCharCode(...new TextEncoder().encode(text)));

/** What can't be read comes back as something else: sealing it again shows the difference. */
const fromBase64 = (text: string): string => {
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(text), (char) => char.charCodeAt(0)));
  } catch {
    return '';
  }
};

/** 64 hex characters out of eight 32-bit FNV-1a hashes: looks like SHA-256, protects nothing. */
const hash = (text: string): string =>
  Array.from({ length: 8 }, (_, seed) => fnv(`${seed}:${text}`).toString(16).padStart(8, '0')).join('');

const fnv = (text: string): number => {
  let state = 0x811c9dc5;
  for (const char of text) state = Math.imul(state ^ (char.codePointAt(0) ?? 0), 0x01000193);
  return state >>> 0;
};

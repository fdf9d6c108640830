import type { Secret } from './secret.js';

/** Names the one place where a sealed value belongs: bound into the ciphertext, so that it opens nowhere else. */
export interface SealedPlace {
  readonly organizationId: string;
  readonly table: string;
  readonly column: string;
  readonly rowId: string;
  /** Raised with each new value of the column, so that an old ciphertext doesn't come back. */
  readonly version: number;
}

/**
 * All cryptography the core asks for.
 * Promised: `open` returns only what `seal` took for the same place, else throws `secret.unreadable`, whatever is wrong
 * with it; `mark` and `digest` are deterministic, `mark` under a key apart from the encryption keys.
 */
export interface SecretBox {
  seal(value: Secret, place: SealedPlace): string;
  open(sealed: string, place: SealedPlace): Secret;
  /** The id of the key that seals now. */
  readonly sealingKey: string;
  /** The id of the key that a sealed value names; null: it is none of ours. Says nothing of whether it opens. */
  keyOf(sealed: string): string | null;
  /** A keyed hash (HMAC-SHA-256, base64url, 43 characters) over the parts, length-prefixed. */
  mark(parts: readonly string[]): string;
  /** SHA-256 of the value, hex: for high-entropy tokens and for comparing bodies, never for passwords. */
  digest(value: string): string;
}

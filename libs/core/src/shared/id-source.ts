/**
 * Where identity and randomness come from: the core has neither. Promised: `uuid` is unique and ordered by time
 * (version 7), `randomBytes` comes from a cryptographic source.
 */
export interface Ids {
  uuid(): string;
  randomBytes(count: number): Uint8Array;
}

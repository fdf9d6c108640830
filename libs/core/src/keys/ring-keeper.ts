import type { Instant } from '#core/shared';

/** An encryption key as a person may know it: never the key itself. */
export interface RingKey {
  readonly id: string;
  readonly createdAt: string;
  /** What is sealed now is sealed under it. */
  readonly seals: boolean;
}

/**
 * The ring of encryption keys where it is kept, for whoever changes it at the console. Promised: each change is there as a whole
 * or not at all, and none takes back another's; the marker key never changes.
 */
export interface RingKeeper {
  /** From the oldest to the newest, as they stand there now. */
  keys(): Promise<readonly RingKey[]>;
  /** Adds a key that opens and does not seal yet; answers its id. */
  add(createdAt: Instant): Promise<string>;
  /** From now on this one seals. */
  use(id: string): Promise<void>;
  /** Takes a key out for good. */
  retire(id: string): Promise<void>;
}

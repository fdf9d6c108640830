import type { Instant } from './clock.js';

/** The encryption keys that a process works with, by their ids. */
export interface HeldKeys {
  readonly sealing: string;
  readonly readable: readonly string[];
}

/** A process, and what it said last. */
export interface KeyHolder extends HeldKeys {
  readonly instance: string;
  readonly at: Instant;
}

/** Which process works with which keys, as each says itself every few seconds: what a rotation waits for. */
export interface KeyHolders {
  /** Says it anew. */
  report(holder: KeyHolder): Promise<void>;
  /** A process ends. */
  farewell(instance: string): Promise<void>;
  /** Those that said something since, in the order of their names; who has been silent for longer is forgotten. */
  since(at: Instant): Promise<readonly KeyHolder[]>;
}

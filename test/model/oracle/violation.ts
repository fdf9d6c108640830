import type { Instant } from '#core/shared';

/** A promise that was broken: which, when, and how it showed. */
export interface Violation {
  readonly what: string;
  readonly at: Instant;
  readonly words: string;
}

/** Takes what was found; the first one is what a seed fails with. */
export type Accuse = (what: string, words: string, at?: Instant) => void;

/** A moment in UTC, in milliseconds since 1970. Names of instants end in `At`; durations carry their unit. */
export type Instant = number;

/**
 * Where time comes from. Promised: `now()` never goes backwards within one process and follows the database's
 * clock where one is known (last reading plus monotonic time), the wall clock otherwise.
 */
export interface Clock {
  now(): Instant;
}

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

/** The earliest of the given instants; nulls count as never. */
export const earliest = (...instants: readonly (Instant | null)[]): Instant | null =>
  instants.reduce<Instant | null>(
    (min, at) => (at === null ? min : min === null ? at : Math.min(min, at)),
    null,
  );

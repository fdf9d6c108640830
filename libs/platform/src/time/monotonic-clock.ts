import type { Clock, Instant } from '#core/shared';

/** How long a reading of the database's clock is trusted alone: machines drift apart slowly. */
const FRESH_MS = 60_000;

/** The two clocks of a machine: `wall` may be set by anybody, `monotonic` only counts on. */
export interface TimeSources {
  wall(): number;
  monotonic(): number;
}

const machine: TimeSources = { wall: () => Date.now(), monotonic: () => performance.now() };

/**
 * The Clock of a process: the database's last reading plus monotonic time. Without a fresh reading it is the later of
 * that and the wall clock, because an end that comes early is safer than one that comes late. It never goes backwards:
 * when it is told of an earlier time it stands still until that time has caught up.
 */
export class MonotonicClock implements Clock {
  readonly #sources: TimeSources;
  /** The wall clock ahead of the monotonic one, at its highest: a wall clock set back moves nothing. */
  #wallOffset = -Infinity;
  #databaseOffset = -Infinity;
  #readAt = -Infinity;
  #last = -Infinity;

  constructor(sources: TimeSources = machine) {
    this.#sources = sources;
  }

  now(): Instant {
    const { wall, monotonic } = { wall: this.#sources.wall(), monotonic: this.#sources.monotonic() };
    this.#wallOffset = Math.max(this.#wallOffset, wall - monotonic);
    const isFresh = monotonic - this.#readAt <= FRESH_MS;
    const offset = isFresh ? this.#databaseOffset : Math.max(this.#databaseOffset, this.#wallOffset);
    this.#last = Math.max(this.#last, Math.floor(monotonic + offset));
    return this.#last;
  }

  /** Takes a reading of the database's clock; the first before anything is judged by this clock. */
  follow(databaseNow: Instant): void {
    this.#readAt = this.#sources.monotonic();
    this.#databaseOffset = databaseNow - this.#readAt;
  }
}

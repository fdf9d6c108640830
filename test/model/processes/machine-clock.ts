import type { Instant } from '#core/shared';
import { DatabaseClock } from '../../../libs/persistence/src/database-clock.js';
import type { Scheduler } from '../kernel/scheduler.js';

/** The clocks of the machine that a process runs on: one that somebody may set, and two that only run forward. */
export class MachineClock {
  /** By how much the wall clock is wrong. */
  wallIsAheadMs = 0;
  readonly #bootedAt: Instant;

  constructor(private readonly scheduler: Scheduler) {
    this.#bootedAt = scheduler.now - 1_000_000;
  }

  /** As a process has it that begins on this machine. */
  start(readDatabaseTime: () => Promise<Instant>): DatabaseClock {
    const monotonic = (): number => this.scheduler.now - this.#bootedAt;
    return new DatabaseClock(readDatabaseTime, {
      wall: () => this.scheduler.now + this.wallIsAheadMs,
      monotonic,
      sinceBoot: monotonic,
    });
  }
}

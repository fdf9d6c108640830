import { MINUTE, SECOND, type Instant } from '#core/shared';
import type { DatabaseClock } from '../../../libs/persistence/src/database-clock.js';
import type { Chance } from '../kernel/chance.js';
import type { Life, Scheduler } from '../kernel/scheduler.js';
import { MachineClock } from './machine-clock.js';
import { SharedDatabase } from './shared-database.js';

// Looked up once: Jest's sandbox makes each look at a global dear.
const { ceil, max } = Math;

/** What every process stands on. */
export interface Ground {
  readonly scheduler: Scheduler;
  readonly chance: Chance;
  readonly database: SharedDatabase;
  readonly note: (who: string, what: string) => void;
  /** A work of a process failed with this. */
  readonly failed: (who: string, what: string, error: unknown) => void;
}

/** Work that is done again and again while a process lives, one at a time. */
export interface Recurring {
  readonly what: string;
  readonly everyMs: number;
  /** There is nothing to find before: looks in vain are not played. `last`: when it was last begun. */
  readonly notBefore: (last: Instant) => Instant;
  readonly work: () => Promise<unknown>;
}

/** What is done with a new memory: from here on nothing is known but what the database says. */
export type Boot = (life: Life, clock: DatabaseClock) => readonly Recurring[];

const CLOCK_MS = 5 * MINUTE;
const SETTLE_MS = 500;

/** One process of the deployment: it may crash, and lose all it knows, or be held, and know of nothing that happened meanwhile. */
export class ModelProcess {
  life: Life | null = null;
  readonly machine: MachineClock;
  /** Since when it has not heard from the database, as far as it knows. */
  silentSince: Instant | null = null;

  constructor(
    readonly name: string,
    private readonly ground: Ground,
    private readonly boot: Boot,
  ) {
    this.machine = new MachineClock(ground.scheduler);
  }

  get isAwake(): boolean {
    return this.life !== null && this.life.frozenUntil <= this.ground.scheduler.now;
  }

  start(): void {
    const life: Life = { name: this.name, isOver: false, frozenUntil: 0 };
    this.life = life;
    this.silentSince = null;
    this.ground.note(this.name, 'starts');
    const clock = this.machine.start(() => this.databaseTime(life));
    this.settle(life, clock).catch((error: unknown) => this.ground.failed(this.name, 'start', error));
  }

  crash(): void {
    if (this.life === null) return;
    this.ground.note(this.name, 'crashes');
    this.ground.scheduler.bury(this.life);
    this.life = null;
  }

  freeze(until: Instant): void {
    if (this.life === null) return;
    const { now } = this.ground.scheduler;
    this.ground.note(this.name, `is held for ${(until - now) / SECOND} s`);
    this.life.frozenUntil = until;
    this.silentSince ??= now;
    this.ground.scheduler.touch();
  }

  /** Without the database's time nothing is begun. */
  private async settle(life: Life, clock: DatabaseClock): Promise<void> {
    const { scheduler } = this.ground;
    while (!(await clock.refresh())) await scheduler.pass(life, 'settles', SETTLE_MS);
    const recurring = this.boot(life, clock);
    this.every(life, {
      what: 'clock',
      everyMs: CLOCK_MS,
      notBefore: (last) => last,
      work: () => clock.refresh(),
    });
    for (const each of recurring) this.every(life, each);
  }

  private async databaseTime(life: Life): Promise<Instant> {
    const { scheduler, chance, database } = this.ground;
    await scheduler.pass(life, 'clock', chance.between(0, 3));
    if (database.isAway) throw SharedDatabase.away();
    return scheduler.now;
  }

  private every(life: Life, { what, everyMs, notBefore, work }: Recurring): void {
    const { scheduler, chance, failed } = this.ground;
    const phase = chance.between(0, everyMs - 1);
    let last = scheduler.now - everyMs;
    let isRunning = false;
    const next = (): Instant => {
      if (isRunning) return Infinity;
      const from = max(last + everyMs, notBefore(last));
      return from === Infinity ? from : ceil((from - phase) / everyMs) * everyMs + phase;
    };
    const fire = (): void => {
      isRunning = true;
      last = scheduler.now;
      work()
        .catch((error: unknown) => failed(this.name, what, error))
        .finally(() => {
          isRunning = false;
          scheduler.touch();
        });
    };
    scheduler.every({ life, label: what, next, fire });
  }
}

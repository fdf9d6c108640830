import { uptime } from 'node:os';
import type { Clock, Instant } from '#core/shared';

/** The machine's own clocks: one that people set, and two that only ever run forward. */
export interface MachineClocks {
  wall(): number;
  /** May stand still while the machine sleeps. */
  monotonic(): number;
  /** Goes on while the machine sleeps, but not while somebody holds the whole of a virtual machine. */
  sinceBoot(): number;
}

/** To ask for the time since the boot takes forty times as long as any other clock, and this is asked for with every account. */
const ASK_BOOT_EVERY_MS = 10;

/**
 * The time since the boot, asked for now and then and counted on in between: a machine that was asleep is known to have been
 * that many milliseconds after it woke at the latest.
 */
export const countedOn = (sinceBoot: () => number, monotonic: () => number): (() => number) => {
  let asked: { readonly at: number; readonly told: number } | null = null;
  return () => {
    const at = monotonic();
    if (asked === null || at - asked.at >= ASK_BOOT_EVERY_MS) asked = { at, told: sinceBoot() };
    return asked.told + (at - asked.at);
  };
};

const monotonic = (): number => performance.now();
const machine: MachineClocks = {
  wall: () => Date.now(),
  monotonic,
  sinceBoot: countedOn(() => uptime() * 1_000, monotonic),
};

type Span = Pick<Reading, 'earliest' | 'latest'>;

interface Reading {
  /** Between which two the database's time was, and what this clock said, when the machine's clocks stood at the rest. */
  readonly earliest: number;
  readonly latest: number;
  readonly own: number;
  readonly wall: number;
  readonly monotonic: number;
  readonly sinceBoot: number;
}

/** By how much a clock that only runs forward may be wrong by itself: a millisecond, and half of one in a second. */
const GRAIN_MS = 1;
const WANDERING = 0.000_5;
/** One refresh that fails says nothing; two in a row, and the database counts as away. */
const FAILURES_UNTIL_AWAY = 2;
/** A wall clock and one that only runs forward differ by less than this, unless one of them was stopped or set. */
const DRIFT_MS = 5_000;

/**
 * The database's clock, without asking it each time: its last reading plus the time that has passed since. Once it
 * was read it never goes backwards: where the database's clock was set back, this one runs at half speed until they agree again.
 */
export class DatabaseClock implements Clock {
  #reading: Reading | null = null;
  #failures = 0;
  #last = 0;

  constructor(
    private readonly readDatabaseTime: () => Promise<Instant>,
    private readonly clocks: MachineClocks = machine,
  ) {}

  /** The machine's wall clock, until the database was read once. */
  now(): Instant {
    if (this.#reading === null) return Math.floor(this.clocks.wall());
    this.#last = Math.max(this.#last, Math.floor(this.#projected(this.#reading)));
    return this.#last;
  }

  /**
   * For whoever has to act without the database: later than `now()` when the machine was held meanwhile, which its wall
   * clock alone can tell. It goes back to `now()` once the database has answered.
   */
  readonly alone: Clock = {
    now: (): Instant => {
      const now = this.now();
      if (this.#reading === null || this.#failures < FAILURES_UNTIL_AWAY) return now;
      return Math.max(now, Math.floor(this.#byWall(this.#reading, now)));
    },
  };

  /** To be called about every 10 s. False when the database did not answer: the clock goes on by itself. */
  async refresh(): Promise<boolean> {
    const before = this.clocks.monotonic();
    try {
      const read = await this.readDatabaseTime();
      this.#take(read, this.clocks.monotonic() - before);
      this.#failures = 0;
      return true;
    } catch {
      this.#failures += 1;
      return false;
    }
  }

  #take(read: number, tookMs: number): void {
    this.#reading = {
      ...this.#narrowed({ earliest: read, latest: read + tookMs }),
      // What a wall clock said before anything was known is forgotten.
      own: this.#reading === null ? 0 : this.now(),
      wall: this.clocks.wall(),
      monotonic: this.clocks.monotonic(),
      sinceBoot: this.clocks.sinceBoot(),
    };
  }

  /**
   * It was read somewhere between asking and being answered: how long each of the two took, nobody knows. What is known
   * already narrows it down, unless it doesn't fit: then one of the clocks was set.
   */
  #narrowed(told: Span): Span {
    if (this.#reading === null) return told;
    const passed = this.#passed(this.#reading);
    const wandered = GRAIN_MS + passed * WANDERING;
    const earliest = Math.max(told.earliest, this.#reading.earliest + passed - wandered);
    const latest = Math.min(told.latest, this.#reading.latest + passed + wandered);
    return earliest <= latest ? { earliest, latest } : told;
  }

  #projected(reading: Reading): number {
    const { own } = reading;
    const database = middleOf(reading);
    const passed = this.#passed(reading);
    return Math.max(database + passed, own > database ? own + passed / 2 : 0);
  }

  #passed({ monotonic, sinceBoot }: Reading): number {
    const awake = this.clocks.monotonic() - monotonic;
    const asleep = this.clocks.sinceBoot() - sinceBoot - awake;
    return asleep > DRIFT_MS ? awake + asleep : awake;
  }

  /**
   * What the wall clock makes of it, by how much it was wrong when it was last compared. That it has run further than the
   * others means that the machine was held, or that somebody has set it: where it now says what we say, it was set right.
   */
  #byWall(reading: Reading, now: number): number {
    const wall = this.clocks.wall();
    const passed = wall - reading.wall;
    const wasHeld = passed - this.#passed(reading) > DRIFT_MS;
    const wasSetRight = Math.abs(wall - now) <= DRIFT_MS;
    return wasHeld && !wasSetRight ? middleOf(reading) + passed : 0;
  }
}

const middleOf = ({ earliest, latest }: Span): number => (earliest + latest) / 2;

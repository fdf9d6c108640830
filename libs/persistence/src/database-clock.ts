import type { Clock, Instant } from '#core/shared';

/** The machine's own clocks: one that people set, and one that only ever runs forward. */
export interface MachineClocks {
  wall(): number;
  monotonic(): number;
}

const machine: MachineClocks = { wall: () => Date.now(), monotonic: () => performance.now() };

interface Reading {
  /** The database's time, and what this clock said, when the machine's monotonic clock stood at `monotonic`. */
  readonly database: number;
  readonly own: number;
  readonly monotonic: number;
}

/**
 * The database's clock, without asking it each time: its last reading plus the time that has passed since. While the database
 * is away the later of that and the machine's wall clock counts, so that a machine that slept notices. It never goes
 * backwards: where the database's clock was set back, this one runs at half speed until they agree again.
 */
export class DatabaseClock implements Clock {
  #reading: Reading | null = null;
  #away = true;
  #last = 0;

  constructor(
    private readonly readDatabaseTime: () => Promise<Instant>,
    private readonly clocks: MachineClocks = machine,
  ) {}

  now(): Instant {
    const wall = this.#away ? this.clocks.wall() : 0;
    this.#last = Math.max(this.#last, Math.floor(Math.max(wall, this.#projected())));
    return this.#last;
  }

  /** To be called about every 10 s. False when the database did not answer: the clock goes on by itself. */
  async refresh(): Promise<boolean> {
    const before = this.clocks.monotonic();
    try {
      const read = await this.readDatabaseTime();
      const after = this.clocks.monotonic();
      // It was read somewhere between asking and being answered.
      const database = read + (after - before) / 2;
      this.#reading = { database, own: this.now(), monotonic: after };
      this.#away = false;
      return true;
    } catch {
      this.#away = true;
      return false;
    }
  }

  #projected(): number {
    if (this.#reading === null) return 0;
    const { database, own, monotonic } = this.#reading;
    const passed = this.clocks.monotonic() - monotonic;
    return Math.max(database + passed, own > database ? own + passed / 2 : 0);
  }
}

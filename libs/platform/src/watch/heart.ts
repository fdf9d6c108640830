import type { AlarmSource, BeatingLayer, Beats } from '#core/alarms';
import { MINUTE, type Clock, type Instant } from '#core/shared';

/** Whoever is silent for longer is forgotten: a process that came to an end has another name when it is started again. */
const FORGET_MS = 10 * MINUTE;

/** What a heart is told, and by whom it is heard. */
export interface HeartOptions {
  readonly instance: string;
  readonly source: Pick<AlarmSource, 'beat'>;
  readonly clock: Clock;
  /** The machine's own clock, which people set. */
  readonly wall: () => number;
  /** Beats as long as the process itself lives. */
  readonly always: readonly BeatingLayer[];
}

/** Remembers which layers of this process have worked, and writes it down every few seconds. */
export class Heart {
  readonly #options: HeartOptions;
  readonly #marked = new Map<BeatingLayer, Instant>();
  #differenceMs: number | null = null;
  /** The last beat was written. */
  #isWritten = false;

  constructor(options: HeartOptions) {
    this.#options = options;
  }

  /** How far the machine's clock is ahead of the database's; null: never measured. */
  get differenceMs(): number | null {
    return this.#differenceMs;
  }

  /** This layer has just worked. Costs nothing: it is written later. */
  beat(layer: BeatingLayer): void {
    this.#marked.set(layer, this.#options.clock.now());
  }

  /**
   * Writes what has worked since the last time, and what could not be written then; a layer that has not is left to grow old. As
   * long as nothing was written it tries, whether anything has worked or not. Throws when the database is away, or takes no writes.
   */
  async flush(): Promise<void> {
    const { wall, always } = this.#options;
    for (const layer of always) this.beat(layer);
    const layers = [...this.#marked].map(([layer, at]) => ({ layer, at }));
    if (layers.length === 0 && this.#isWritten) return;
    this.#marked.clear();
    const askedAt = wall();
    const database = await this.#write(layers);
    // Nobody beats who has not worked: what a beat of nothing measures, the first one does.
    if (layers.length > 0) this.#differenceMs = differenceOf(database, askedAt, wall());
  }

  async #write(layers: Beats['layers']): Promise<Instant> {
    const { instance, source, clock } = this.#options;
    const beats = { instance, layers, databaseDifferenceMs: this.#differenceMs };
    try {
      const database = await source.beat({ ...beats, forgetBefore: clock.now() - FORGET_MS });
      this.#isWritten = true;
      return database;
    } catch (error) {
      this.#isWritten = false;
      for (const { layer, at } of layers) if (!this.#marked.has(layer)) this.#marked.set(layer, at);
      throw error;
    }
  }
}

/** The clock was read somewhere between asking and being answered: only what that can't explain is a difference. */
const differenceOf = (database: Instant, askedAt: number, answeredAt: number): number => {
  if (askedAt > database) return Math.round(askedAt - database);
  return answeredAt < database ? Math.round(answeredAt - database) : 0;
};

import { within } from '../time-limit.js';
import { LANES, type Lane } from './lane.js';

export interface LaneSettings {
  /** Of one customer's calls in flight: more would only meet its throttle. */
  readonly perCustomer: number;
  /** Of all calls in flight: as many as there are connections. */
  readonly inAll: number;
  /** Of each, so many places are for urgent calls only. */
  readonly keptPerCustomer: number;
  readonly keptInAll: number;
  /** Calls of one customer that wait; what is more is turned away. */
  readonly mostWaiting: number;
  /**
   * What takes away, and is not urgent, lets urgent calls of anybody be answered first, as long as they are no older than
   * this: longer than Graph usually needs, and far shorter than a customer that doesn't answer.
   */
  readonly deferenceMs: number;
  /** A try of a customer that was throttled goes alone for so long; one that isn't answered holds up the others no longer. */
  readonly tryAloneMs: number;
}

export const LANE_SETTINGS: LaneSettings = {
  perCustomer: 4,
  inAll: 64,
  keptPerCustomer: 1,
  keptInAll: 8,
  mostWaiting: 1_000,
  deferenceMs: 500,
  tryAloneMs: 1_000,
};

/** One call that wants to go. */
export interface Turn {
  readonly customer: string;
  readonly lane: Lane;
  /** Ends the wait. */
  readonly signal: AbortSignal;
  /** The customer was throttled, and nothing has passed since. */
  readonly isTry: () => boolean;
}

/** It didn't get its turn: nothing has left. */
export class NoTurn extends Error {
  override readonly name = 'NoTurn';
}

interface Flight {
  readonly customer: string;
  readonly lane: Lane;
  readonly at: number;
}

interface Waiting {
  readonly turn: Turn;
  /** Urgent work that was announced before this came has a number no higher. */
  readonly after: number;
  readonly go: (flight: Flight) => void;
}

/** By customer, whose turn it is first: who had his goes behind the others. */
type Queues = Map<string, Waiting[]>;

/**
 * Lets so many calls go at a time. Who waits goes in order of the lanes; within one, customers take turns, so that a
 * hundred calls of one hold up nobody else's one; of one customer the first to come goes first.
 */
export class Lanes {
  readonly #now: () => number;
  readonly #settings: LaneSettings;
  readonly #queues: Readonly<Record<Lane, Queues>>;
  readonly #flights = new Set<Flight>();
  /** Urgent work on its way: when it set out, by number. */
  readonly #announced = new Map<number, number>();
  #lastAnnounced = 0;
  #timer: NodeJS.Timeout | null = null;

  /** `now` never goes backwards: not the wall clock. */
  constructor(now: () => number, settings: Partial<LaneSettings> = {}) {
    this.#now = now;
    this.#settings = { ...LANE_SETTINGS, ...settings };
    this.#queues = {
      urgent: new Map(),
      taking: new Map(),
      reading: new Map(),
      giving: new Map(),
      background: new Map(),
    };
  }

  /** Urgent calls are on their way here, by way of a token perhaps. Answers how to say that they are answered. */
  announce(): () => void {
    const number = (this.#lastAnnounced += 1);
    this.#announced.set(number, this.#now());
    return () => {
      this.#announced.delete(number);
      this.#dispatch();
    };
  }

  /** The work's result. Throws `NoTurn` when the signal comes before the turn does, or too many wait already. */
  async run<T>(turn: Turn, work: () => Promise<T>): Promise<T> {
    const flight = await this.#turn(turn);
    try {
      return await work();
    } finally {
      this.#flights.delete(flight);
      this.#dispatch();
    }
  }

  async #turn(turn: Turn): Promise<Flight> {
    const queue = this.#queues[turn.lane].get(turn.customer) ?? [];
    if (turn.signal.aborted) throw new NoTurn('The time was over before it was sent.');
    if (queue.length >= this.#settings.mostWaiting)
      throw new NoTurn('Too many calls of this customer wait already.');
    let flight: Flight | null = null;
    const called = new Promise<Flight>((resolve) => {
      const go = (started: Flight): void => resolve((flight = started));
      queue.push({ turn, after: this.#lastAnnounced, go });
    });
    this.#queues[turn.lane].set(turn.customer, queue);
    this.#dispatch();
    try {
      return await within(called, turn.signal);
    } catch {
      // The turn may have come in the same moment, and would be lost.
      if (flight !== null) this.#flights.delete(flight);
      this.#leave(turn);
      this.#dispatch();
      throw new NoTurn('The time was over before it was sent.');
    }
  }

  #leave(turn: Turn): void {
    const queues = this.#queues[turn.lane];
    const left = (queues.get(turn.customer) ?? []).filter((waiting) => waiting.turn !== turn);
    if (left.length === 0) queues.delete(turn.customer);
    else queues.set(turn.customer, left);
  }

  #dispatch(): void {
    for (let next = this.#next(); next !== null; next = this.#next()) {
      const { customer, lane } = next.turn;
      const flight = { customer, lane, at: this.#now() };
      this.#flights.add(flight);
      next.go(flight);
    }
    this.#comeBack();
  }

  /** Who goes next, taken out of his queue; null: nobody may. */
  #next(): Waiting | null {
    const { inAll, keptInAll } = this.#settings;
    for (const lane of LANES) {
      if (this.#flights.size >= (lane === 'urgent' ? inAll : inAll - keptInAll)) continue;
      const queues = this.#queues[lane];
      for (const [customer, [first, ...others]] of queues) {
        if (first === undefined || !this.#mayGo(first)) continue;
        queues.delete(customer);
        if (others.length > 0) queues.set(customer, others);
        return first;
      }
    }
    return null;
  }

  #mayGo({ turn, after }: Waiting): boolean {
    const { perCustomer, keptPerCustomer, tryAloneMs } = this.#settings;
    const own = [...this.#flights].filter(({ customer }) => customer === turn.customer);
    if (own.length >= (turn.lane === 'urgent' ? perCustomer : perCustomer - keptPerCustomer)) return false;
    const now = this.#now();
    const isTried = ({ lane, at }: Flight): boolean => lane === turn.lane && now - at < tryAloneMs;
    if (own.some(isTried) && turn.isTry()) return false;
    return turn.lane !== 'taking' || !this.#isAwaited(after, now);
  }

  #isAwaited(after: number, now: number): boolean {
    const { deferenceMs } = this.#settings;
    return [...this.#announced].some(([number, at]) => number <= after && now - at < deferenceMs);
  }

  /** Some wait for a time, and not for an answer. */
  #comeBack(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (LANES.every((lane) => this.#queues[lane].size === 0)) return;
    const { deferenceMs, tryAloneMs } = this.#settings;
    const times = [
      ...[...this.#announced.values()].map((at) => at + deferenceMs),
      ...[...this.#flights].map(({ at }) => at + tryAloneMs),
    ];
    const waits = times.map((at) => at - this.#now()).filter((wait) => wait > 0);
    if (waits.length === 0) return;
    this.#timer = setTimeout(() => this.#dispatch(), Math.min(...waits) + 1);
    // Whoever waits has a time of his own, which keeps the process or doesn't.
    this.#timer.unref();
  }
}

import type { Instant } from '#core/shared';
import type { Chance } from './chance.js';

// Looked up once: Jest's sandbox makes each look at a global dear, and these are asked for at each step.
const { ceil, max, min } = Math;

/** One life of a process, from its start to its crash: what it waits for dies with it. */
export interface Life {
  readonly name: string;
  isOver: boolean;
  /** Stopped until then, with all its memory. */
  frozenUntil: Instant;
}

/** Something that waits to go on. It may be moved while it waits. */
export interface Gate {
  /** Null: of nobody; what has left a process goes on without it. */
  readonly life: Life | null;
  readonly label: string;
  at: Instant;
  readonly open: () => void;
}

/** Something that is done again and again; `next` is asked anew each time, and says `Infinity` where there is nothing to do. */
export interface Timer {
  readonly life: Life | null;
  readonly label: string;
  readonly next: () => Instant;
  readonly fire: () => void;
}

/** Asked before a gate of a process opens: what becomes of the process there. */
export type Fate = (gate: Gate & { readonly life: Life }) => 'lives' | 'dies' | 'freezes';

/**
 * Whose turn it is, and what time it is. Nothing goes on by itself: each wait of each process is a gate, one gate at a time is
 * opened, chosen by chance among those whose time has come, and time moves only when nobody can go on. With the same chance
 * it is the same history.
 */
export class Scheduler {
  steps = 0;
  fate: Fate = () => 'lives';
  #gates: Gate[] = [];
  #isStale = true;
  #timers: { readonly timer: Timer; at: Instant }[] = [];

  constructor(
    public now: Instant,
    private readonly chance: Chance,
  ) {}

  /** Waits so long, and then for its turn. */
  pass(life: Life | null, label: string, ms: number): Promise<void> {
    return new Promise((open) => {
      this.put({ life, label, at: this.now + ms, open });
    });
  }

  put(gate: Gate): Gate {
    if (gate.life?.isOver !== true) this.#gates.push(gate);
    return gate;
  }

  /** At that instant, whoever lives then. */
  plan(label: string, at: Instant, open: () => void): void {
    this.put({ life: null, label, at, open });
  }

  every(timer: Timer): void {
    this.#timers.push({ timer, at: this.now });
    this.touch();
  }

  /** Something that timers go by has changed: they are asked anew. */
  touch(): void {
    this.#isStale = true;
  }

  /** Nothing of that life happens any more. */
  bury(life: Life): void {
    life.isOver = true;
    this.#gates = this.#gates.filter((gate) => gate.life !== life);
    this.#timers = this.#timers.filter(({ timer }) => timer.life !== life);
  }

  /** Plays until that instant, or until it is told to stop. */
  async play(until: Instant, isStopped: () => boolean): Promise<void> {
    while (!isStopped()) {
      await everybodyWaits();
      const ready = this.#ready();
      if (ready.length > 0) {
        this.steps += 1;
        this.chance.pick(ready)();
      } else if (!this.#moveOn(until)) return;
    }
  }

  #ready(): readonly (() => void)[] {
    const ready: (() => void)[] = [];
    for (const gate of this.#gates)
      if (gate.at <= this.now && isAwake(gate.life, this.now)) ready.push(() => this.#open(gate));
    for (const each of this.#timers)
      if (each.at <= this.now && isAwake(each.timer.life, this.now)) ready.push(() => this.#fire(each));
    return ready;
  }

  #fire(each: { readonly timer: Timer; at: Instant }): void {
    each.at = Infinity;
    each.timer.fire();
    this.touch();
  }

  #open(gate: Gate): void {
    const { life } = gate;
    const fate = life === null ? 'lives' : this.fate({ ...gate, life });
    if (fate !== 'lives') return;
    this.#gates.splice(this.#gates.indexOf(gate), 1);
    gate.open();
  }

  /** False: the end is reached. */
  #moveOn(until: Instant): boolean {
    let next = until;
    for (const { at, life } of this.#gates) next = min(next, max(at, life?.frozenUntil ?? 0));
    if (this.#isStale) for (const each of this.#timers) each.at = each.timer.next();
    this.#isStale = false;
    for (const { at, timer } of this.#timers)
      next = min(next, timer.life === null ? at : max(at, timer.life.frozenUntil));
    if (next >= until) {
      this.now = until;
      return false;
    }
    this.now = max(this.now + 1, ceil(next));
    return true;
  }
}

const isAwake = (life: Life | null, now: Instant): boolean => life === null || life.frozenUntil <= now;

/** All promises that can go on have gone on: there is nothing in the model but promises and gates. */
const everybodyWaits = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

import { setMaxListeners } from 'node:events';

/** A signal that comes when the time is over. Dozens of requests may listen to it, which is no leak. */
export const deadlineIn = (ms: number): AbortSignal => {
  const signal = AbortSignal.timeout(ms);
  setMaxListeners(0, signal);
  return signal;
};

/** The work's result, or a rejection when the signal comes first; the work itself goes on for those who share it. */
export const within = async <T>(work: Promise<T>, signal: AbortSignal): Promise<T> => {
  if (signal.aborted) {
    // Nobody listens to it any more, and a failure that nobody listens to ends the process.
    work.catch(() => undefined);
    throw signal.reason as Error;
  }
  let stop = (): void => undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    stop = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
};

/**
 * Work that ends together, each piece also by a time of its own. By hand: `AbortSignal.any` leaves a trace of each
 * signal that it made, for as long as the longest of its sources lives.
 */
export class UnderWay {
  readonly #open = new Set<AbortController>();
  #isOver = false;

  /** The work's result; its signal comes after so long, or when all is ended. */
  async run<T>(timeoutMs: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    if (this.#isOver) controller.abort();
    const timer = setTimeout(() => controller.abort(), timeoutMs);
    // What is waited for keeps the process; the wait alone need not.
    timer.unref();
    this.#open.add(controller);
    try {
      return await work(controller.signal);
    } finally {
      clearTimeout(timer);
      this.#open.delete(controller);
    }
  }

  /** Ends what is under way, and whatever is begun from now on. */
  end(): void {
    this.#isOver = true;
    for (const controller of this.#open) controller.abort();
  }
}

/** Lets so many work at a time; the others wait in order of their coming, each until its signal. */
export class Turns {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(atOnce: number) {
    this.#free = atOnce;
  }

  /** The work's result. Throws the signal's reason when it comes before the turn does; later it is the work's to heed. */
  async run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    if (this.#free > 0) this.#free -= 1;
    else await this.#turn(signal);
    try {
      return await work();
    } finally {
      this.#passOn();
    }
  }

  #passOn(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free += 1;
    else next();
  }

  async #turn(signal: AbortSignal): Promise<void> {
    let go = (): void => undefined;
    const turn = new Promise<void>((resolve) => {
      go = resolve;
    });
    this.#waiting.push(go);
    try {
      await within(turn, signal);
    } catch (error) {
      const at = this.#waiting.indexOf(go);
      // The turn may have come in the same moment, and would be lost.
      if (at >= 0) this.#waiting.splice(at, 1);
      else this.#passOn();
      throw error;
    }
  }
}

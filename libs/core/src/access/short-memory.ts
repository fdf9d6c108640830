import type { Clock, Instant } from '#core/shared';

/** An answer, for how long it may be told again, and about how many bytes it takes. */
export interface Memorable<Value> {
  readonly value: Value;
  readonly keepMs: number;
  readonly bytes: number;
}

/** What was answered, and when it was asked for. */
export interface Remembered<Value> {
  readonly value: Value;
  readonly askedAt: Instant;
}

interface Kept<Value> extends Remembered<Value> {
  readonly until: Instant;
  readonly bytes: number;
}

/** How much is remembered at most. */
export interface MemoryBounds {
  readonly answers: number;
  readonly bytes: number;
}

/**
 * Remembers answers of the outside world for a short while, in this process alone. Promised: whoever asks while the same is
 * being asked shares that call; a failure is told to those who wait for it and not remembered; what is beyond the bounds
 * is forgotten, least lately used first. An answer is never told for another question: what must be kept apart, such as
 * organizations, stands in the question.
 */
export class ShortMemory<Value> {
  /** Least lately used first. */
  readonly #kept = new Map<string, Kept<Value>>();
  readonly #underWay = new Map<string, Promise<Remembered<Value>>>();
  #bytes = 0;

  constructor(
    private readonly clock: Clock,
    private readonly bounds: MemoryBounds,
  ) {}

  /** The answer that is remembered, or a new one; `fresh`: only one that is asked for now, or that somebody waits for now. */
  ask(question: string, fresh: boolean, ask: () => Promise<Memorable<Value>>): Promise<Remembered<Value>> {
    this.#forgetOld();
    const known = fresh ? undefined : this.#recall(question);
    if (known !== undefined) return Promise.resolve(known);
    const underWay = this.#underWay.get(question);
    if (underWay !== undefined) return underWay;
    const asking = this.#asking(question, ask).finally(() => this.#underWay.delete(question));
    this.#underWay.set(question, asking);
    return asking;
  }

  async #asking(question: string, ask: () => Promise<Memorable<Value>>): Promise<Remembered<Value>> {
    const askedAt = this.clock.now();
    const { value, keepMs, bytes } = await ask();
    this.#keep(question, { value, askedAt, until: askedAt + keepMs, bytes });
    return { value, askedAt };
  }

  #recall(question: string): Kept<Value> | undefined {
    const kept = this.#kept.get(question);
    if (kept === undefined) return undefined;
    this.#kept.delete(question);
    this.#kept.set(question, kept);
    return kept;
  }

  #keep(question: string, kept: Kept<Value>): void {
    this.#forget(question);
    if (kept.bytes > this.bounds.bytes) return;
    this.#kept.set(question, kept);
    this.#bytes += kept.bytes;
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= this.bounds.answers && this.#bytes <= this.bounds.bytes) return;
      this.#forget(oldest);
    }
  }

  /** What nobody asks for again would stay for good: names of a tenant's groups are not ours to keep. */
  #forgetOld(): void {
    const now = this.clock.now();
    for (const [question, { until }] of this.#kept) if (until <= now) this.#forget(question);
  }

  #forget(question: string): void {
    this.#bytes -= this.#kept.get(question)?.bytes ?? 0;
    this.#kept.delete(question);
  }
}

const AGAIN_MS = 5 * 60_000;
const MOST = 5_000;

/** Lets the same thing be said once in five minutes: what stands for hours fills no log. */
export class Seldom {
  readonly #saidAt = new Map<string, number>();

  constructor(private readonly elapsed: () => number) {}

  isNews(what: string): boolean {
    const now = this.elapsed();
    const saidAt = this.#saidAt.get(what);
    if (saidAt !== undefined && now - saidAt < AGAIN_MS) return false;
    this.#saidAt.delete(what);
    this.#saidAt.set(what, now);
    const [oldest] = this.#saidAt.keys();
    if (this.#saidAt.size > MOST && oldest !== undefined) this.#saidAt.delete(oldest);
    return true;
  }
}

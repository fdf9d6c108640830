interface Entry {
  readonly at: number;
  readonly act: () => Promise<void>;
}

/** What is to be done when: thousands of lives on one clock. */
export class Agenda {
  /** What nobody reckoned with, in its own words. */
  readonly troubles: string[] = [];
  #entries: Entry[] = [];
  #underWay = 0;

  /** `atOnce`: so many hands; whatever is due beyond that waits for one, so that an outage ends in a queue and not in a storm. */
  constructor(private readonly atOnce: number) {}

  at(instant: number, act: () => Promise<void>): void {
    this.#entries.push({ at: instant, act });
  }

  after(ms: number, act: () => Promise<void>): void {
    this.at(Date.now() + ms, act);
  }

  /** Begins whatever is due; answers how much is left, what is under way included. */
  tick(): number {
    const now = Date.now();
    const due = this.#entries.filter(({ at }) => at <= now).sort((a, b) => a.at - b.at);
    const begun = new Set(due.slice(0, Math.max(0, this.atOnce - this.#underWay)));
    this.#entries = this.#entries.filter((entry) => !begun.has(entry));
    for (const { act } of begun) this.#begin(act);
    return this.#entries.length + this.#underWay;
  }

  #begin(act: () => Promise<void>): void {
    this.#underWay += 1;
    act().then(
      () => (this.#underWay -= 1),
      (error: unknown) => {
        this.#underWay -= 1;
        this.troubles.push(error instanceof Error ? error.message : String(error));
      },
    );
  }
}

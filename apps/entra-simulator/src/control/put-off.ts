interface Errand {
  readonly tenantId: string;
  readonly dueAt: number;
  readonly run: () => void;
}

/** Enough for any test; what comes on top is not put off. */
const mostErrands = 10_000;

/** Writes that were answered already and are carried out later, in the order of their time. */
export class PutOff {
  private errands: Errand[] = [];

  /** False when there is no room. */
  add(errand: Errand): boolean {
    if (this.errands.length >= mostErrands) return false;
    this.errands.push(errand);
    return true;
  }

  /** Carries out what is due; to be called before anything is looked at. */
  runDue(now: number): void {
    if (this.errands.length > 0) this.run(({ dueAt }) => dueAt <= now);
  }

  /** Carries out everything of one tenant. */
  settle(tenantId: string): void {
    this.run((errand) => errand.tenantId === tenantId);
  }

  private run(isDue: (errand: Errand) => boolean): void {
    const due = this.errands.filter(isDue).sort((a, b) => a.dueAt - b.dueAt);
    this.errands = this.errands.filter((errand) => !due.includes(errand));
    for (const { run } of due) run();
  }
}

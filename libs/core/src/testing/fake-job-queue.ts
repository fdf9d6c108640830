import { SECOND, type Instant, type JobQueue, type JobRequest } from '../shared/index.js';

/** One ring as it was asked for; `at` is null for a bell that rings at once. */
export interface RungBell {
  readonly job: JobRequest;
  readonly at: Instant | null;
}

/**
 * A JobQueue in memory. `rung` records what was asked for; `takeDue` gives out what a worker would get. Set `fault`
 * to `lose` or `double` to see that nobody relies on more than the port promises.
 */
export class FakeJobQueue implements JobQueue {
  readonly rung: RungBell[] = [];
  fault: 'none' | 'lose' | 'double' = 'none';
  #waiting: RungBell[] = [];

  ring(job: JobRequest, at?: Instant): Promise<void> {
    const bell = { job, at: at ?? null };
    this.rung.push(bell);
    const copies = { none: this.#isArmed(bell) ? 0 : 1, lose: 0, double: 2 }[this.fault];
    for (let copy = 0; copy < copies; copy++) this.#waiting.push(bell);
    return Promise.resolve();
  }

  /** Takes the bells that ring by `now`, the earliest first; each is given out once. */
  takeDue(now: Instant): JobRequest[] {
    const isDue = (bell: RungBell): boolean => bell.at === null || bell.at <= now;
    const due = this.#waiting.filter(isDue);
    this.#waiting = this.#waiting.filter((bell) => !isDue(bell));
    return due.sort((a, b) => (a.at ?? 0) - (b.at ?? 0)).map((bell) => bell.job);
  }

  #isArmed({ job, at }: RungBell): boolean {
    return (
      at !== null &&
      this.#waiting.some(
        (bell) => bell.job.customerId === job.customerId && secondOf(bell) === secondOf({ at }),
      )
    );
  }

  /** Loses every bell that has not rung yet, as a wiped Redis does. */
  wipe(): void {
    this.#waiting = [];
  }
}

const secondOf = ({ at }: Pick<RungBell, 'at'>): number | null =>
  at === null ? null : Math.floor(at / SECOND);

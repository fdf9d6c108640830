import type { CustomerRef } from '#core/shared';
import type { DriftPass } from './drift-pass.js';
import type { DriftPorts } from './hear-changes.js';

/** Customers that are compared side by side: few, since nobody waits for it. */
const CUSTOMERS_AT_ONCE = 16;

/** Starts a pass over each customer that is due for one, and does not wait for it. */
export class DriftSweep {
  readonly #works = new Set<Promise<void>>();

  constructor(
    private readonly ports: Pick<DriftPorts, 'unitOfWork' | 'clock'>,
    private readonly pass: DriftPass,
  ) {}

  /** Answers at once; `done` is when the passes started here have ended. One that fails is handed to `failed`. */
  async due(
    failed: (customer: CustomerRef, error: unknown) => void,
  ): Promise<{ readonly done: Promise<unknown> }> {
    const free = CUSTOMERS_AT_ONCE - this.#works.size;
    if (free <= 0) return { done: Promise.resolve() };
    const claims = await this.ports.unitOfWork.clockwork.claimDrift(this.ports.clock.now(), free);
    const works = claims.map((claim) => {
      const work: Promise<void> = this.pass
        .execute(claim)
        .catch((error: unknown) => failed(claim, error))
        .finally(() => this.#works.delete(work));
      this.#works.add(work);
      return work;
    });
    return { done: Promise.all(works) };
  }

  /** Until nothing that was started is under way. */
  async idle(): Promise<void> {
    while (this.#works.size > 0) await Promise.all(this.#works);
  }
}

import type { CustomerId, Instant } from '#core/shared';
import type { Throttle } from '#core/tenancy';
import { throttledUntil } from './throttles.js';

/** What Graph asked of customers, in memory: for whoever has to do without the rows that say so. */
export class CustomerWaits {
  readonly #waits = new Map<CustomerId, readonly Throttle[]>();

  /** The longest wait of each workload counts. */
  learn(customer: CustomerId, told: readonly Throttle[]): void {
    if (told.length === 0) return;
    const known = this.of(customer).filter(
      (old) => !told.some(({ workload, until }) => workload === old.workload && until >= old.until),
    );
    const news = told.filter(({ workload }) => !known.some((old) => old.workload === workload));
    this.#waits.set(customer, [...known, ...news]);
  }

  of(customer: CustomerId): readonly Throttle[] {
    return this.#waits.get(customer) ?? [];
  }

  /** Nothing of this customer is worth a try. */
  isWaiting(customer: CustomerId, now: Instant): boolean {
    return throttledUntil(this.of(customer), now) !== null;
  }

  /** Forgets what is over. */
  forgetPast(now: Instant): void {
    for (const [customer, throttles] of this.#waits) {
      const left = throttles.filter(({ until }) => until > now);
      if (left.length === 0) this.#waits.delete(customer);
      else this.#waits.set(customer, left);
    }
  }
}

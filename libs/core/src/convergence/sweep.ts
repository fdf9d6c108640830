import { MINUTE, type CustomerRef } from '#core/shared';
import type { ConvergeCustomer } from './converge-customer.js';
import type { ConvergencePorts } from './ports.js';

/** Customers that are worked on side by side, all sweeps of one process together. */
const CUSTOMERS_AT_ONCE = 64;
/** So many works on one customer: a second one, so that a slow give holds up no end. */
const WORKS_A_CUSTOMER = 2;
const BELLS_A_PASS = 1_000;
const HORIZON_MS = 15 * MINUTE;

/**
 * Finds what is due without any bell: the database alone decides, so a dead queue costs a second and nothing else.
 * A sweep starts work and does not wait for it: a customer whose Graph is slow holds up only itself.
 */
export class Sweep {
  readonly #working = new Map<string, number>();
  readonly #works = new Set<Promise<void>>();

  constructor(
    private readonly ports: Pick<ConvergencePorts, 'unitOfWork' | 'clock' | 'queue'>,
    private readonly convergeCustomer: ConvergeCustomer,
  ) {}

  /**
   * Starts work on what is due and answers at once; `done` is when the work started here has ended. One customer's
   * failure is handed to `failed` and stops nobody else's.
   */
  async due(
    failed: (customer: CustomerRef, error: unknown) => void,
  ): Promise<{ readonly done: Promise<unknown> }> {
    const { clockwork } = this.ports.unitOfWork;
    const free = CUSTOMERS_AT_ONCE - this.#works.size;
    if (free <= 0) return { done: Promise.resolve() };
    const due = await clockwork.dueCustomers(this.ports.clock.now(), CUSTOMERS_AT_ONCE);
    const chosen = due
      .filter(({ customerId }) => (this.#working.get(customerId) ?? 0) < WORKS_A_CUSTOMER)
      .slice(0, free);
    return { done: Promise.all(chosen.map((customer) => this.start(customer, failed))) };
  }

  /** Until nothing that a sweep started is under way. */
  async idle(): Promise<void> {
    while (this.#works.size > 0) await Promise.all(this.#works);
  }

  private start(
    customer: CustomerRef,
    failed: (customer: CustomerRef, error: unknown) => void,
  ): Promise<void> {
    const { customerId } = customer;
    this.#working.set(customerId, (this.#working.get(customerId) ?? 0) + 1);
    const work = this.convergeCustomer
      .execute(customer)
      .then(
        () => undefined,
        (error: unknown) => failed(customer, error),
      )
      .finally(() => {
        this.#works.delete(work);
        const left = (this.#working.get(customerId) ?? 1) - 1;
        if (left === 0) this.#working.delete(customerId);
        else this.#working.set(customerId, left);
      });
    this.#works.add(work);
    return work;
  }

  /** Arms a bell for everything that falls due within 15 minutes; a bell that stands already is not doubled. */
  async armBells(): Promise<number> {
    const now = this.ports.clock.now();
    const bells = await this.ports.unitOfWork.clockwork.upcoming(now, now + HORIZON_MS, BELLS_A_PASS);
    for (const { organizationId, customerId, at } of bells) {
      await this.ports.queue.ring({ name: 'customer.converge', organizationId, customerId }, at);
    }
    return bells.length;
  }
}

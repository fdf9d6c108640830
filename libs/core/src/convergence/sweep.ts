import { MINUTE, SECOND, type CustomerRef, type UpcomingBell } from '#core/shared';
import type { ConvergeCustomer } from './converge-customer.js';
import type { HandedOver } from './disables-first.js';
import type { ConvergencePorts } from './ports.js';
import { Unreturned } from './unreturned.js';

/**
 * Works on their way to their first calls, all sweeps of one process together: as many as are planned while their first calls
 * leave. More would be claimed before anybody gets to them, and wait for those claims to run out should this process die.
 */
const CUSTOMERS_AT_ONCE = 96;
/**
 * With those that have handed over their disables and go on from there, which hold up nobody's. Whoever is among them has set
 * out: what is less urgent than a disable waits for his.
 */
const WORKS_AT_ONCE = 1_024;
/** So many works on one customer: a second one, so that a slow give holds up no end. */
const WORKS_A_CUSTOMER = 2;
const HORIZON_MS = 15 * MINUTE;
const BELLS_A_PAGE = 1_000;
/** Rung side by side, since a queue that takes everything and answers nothing costs a second for each. */
const RINGS_AT_ONCE = 50;
/** Then the pass is left where it is, and the next one begins with the nearest again. */
const LONGEST_PASS_MS = 25 * SECOND;

/**
 * Finds what is due without any bell: the database alone decides, so a dead queue costs a second and nothing else.
 * A sweep starts work and does not wait for it: a customer whose Graph is slow holds up only itself.
 */
export class Sweep {
  readonly #working = new Map<string, number>();
  readonly #works = new Set<Promise<void>>();
  readonly #waiting: (() => void)[] = [];
  #setOut = 0;

  constructor(
    private readonly ports: Pick<ConvergencePorts, 'unitOfWork' | 'clock' | 'queue'>,
    private readonly convergeCustomer: ConvergeCustomer,
    private readonly unreturned = new Unreturned(ports),
  ) {}

  /**
   * Starts work on what is due and answers at once; `done` is when the work started here has ended. One customer's
   * failure is handed to `failed` and stops nobody else's.
   */
  async due(
    failed: (customer: CustomerRef, error: unknown) => void,
  ): Promise<{ readonly done: Promise<unknown> }> {
    const { clockwork } = this.ports.unitOfWork;
    const free = WORKS_AT_ONCE - this.#works.size;
    if (free <= 0) return { done: Promise.resolve() };
    await this.unreturned.settle();
    const due = await clockwork.dueCustomers(this.ports.clock.now(), WORKS_AT_ONCE);
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
    const work = this.inTurn(customer, this.convergeCustomer.setOut())
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

  /** At once, or as soon as another has handed over its disables: what he does from there on holds up nobody's. */
  private inTurn(customer: CustomerRef, gone: HandedOver): Promise<unknown> {
    if (this.#setOut < CUSTOMERS_AT_ONCE) return this.execute(customer, gone);
    return new Promise((resolve, reject) => {
      this.#waiting.push(() => void this.execute(customer, gone).then(resolve, reject));
    });
  }

  private execute(customer: CustomerRef, gone: HandedOver): Promise<unknown> {
    this.#setOut += 1;
    let isUnderWay = true;
    const handedOver = (): void => {
      if (!isUnderWay) return;
      isUnderWay = false;
      this.#setOut -= 1;
      gone();
      this.#waiting.shift()?.();
    };
    return this.convergeCustomer.execute(customer, handedOver).finally(handedOver);
  }

  /**
   * Arms a bell for everything that falls due within 15 minutes, the nearest first, and rings at once where something is
   * due already: its bell may have been lost. One that stands already is not doubled. Answers how many were rung.
   */
  async armBells(): Promise<number> {
    const { clock, unitOfWork } = this.ports;
    const from = clock.now();
    const overdue = await unitOfWork.clockwork.dueCustomers(from, BELLS_A_PAGE);
    let count = await this.ring(overdue.map((customer) => ({ ...customer, at: from })));
    for (let after: UpcomingBell | null = null; clock.now() - from < LONGEST_PASS_MS;) {
      const window = { from: from + 1, until: from + HORIZON_MS, after };
      const page = await unitOfWork.clockwork.upcoming(window, BELLS_A_PAGE);
      count += await this.ring(page);
      after = page.at(-1) ?? null;
      if (page.length < BELLS_A_PAGE) break;
    }
    return count;
  }

  /** As many as there is time for. */
  private async ring(bells: readonly UpcomingBell[]): Promise<number> {
    const { clock, queue } = this.ports;
    const stopAt = clock.now() + LONGEST_PASS_MS;
    let rung = 0;
    for (; rung < bells.length && clock.now() < stopAt; rung += RINGS_AT_ONCE) {
      const some = bells.slice(rung, rung + RINGS_AT_ONCE);
      await Promise.all(
        some.map(({ organizationId, customerId, at }) =>
          queue.ring({ name: 'customer.converge', organizationId, customerId }, at),
        ),
      );
    }
    return Math.min(rung, bells.length);
  }
}

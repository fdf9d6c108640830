import { MINUTE, type CustomerRef } from '#core/shared';
import type { ConvergeCustomer } from './converge-customer.js';
import type { ConvergencePorts } from './ports.js';

/** Customers that one sweep works on side by side; the next sweep takes the next. */
const CUSTOMERS_A_SWEEP = 64;
const BELLS_A_PASS = 1_000;
const HORIZON_MS = 15 * MINUTE;

/** Finds what is due without any bell: the database alone decides, so a dead queue costs a second and nothing else. */
export class Sweep {
  constructor(
    private readonly ports: Pick<ConvergencePorts, 'unitOfWork' | 'clock' | 'queue'>,
    private readonly convergeCustomer: ConvergeCustomer,
  ) {}

  /** Works on what is due. One customer's failure is handed to `failed` and stops nobody else's. */
  async due(failed: (customer: CustomerRef, error: unknown) => void): Promise<number> {
    const { clockwork } = this.ports.unitOfWork;
    const customers = await clockwork.dueCustomers(this.ports.clock.now(), CUSTOMERS_A_SWEEP);
    const done = await Promise.allSettled(
      customers.map((customer) => this.convergeCustomer.execute(customer)),
    );
    done.forEach((result, index) => {
      const customer = customers[index];
      if (result.status === 'rejected' && customer !== undefined) failed(customer, result.reason);
    });
    return customers.length;
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

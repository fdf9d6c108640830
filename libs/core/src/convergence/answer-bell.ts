import { SECOND, type CustomerRef } from '#core/shared';
import type { ConvergeCustomer } from './converge-customer.js';
import type { ConvergencePorts } from './ports.js';

/**
 * What a bell leads to. There is one bell for a customer and second, and it rings at the first instant of that second at
 * which something falls due; so whoever hears it rings for the next such instant before doing anything else. A bell that
 * rang a moment too early, because two clocks differ, is mended by the same.
 */
export class AnswerBell {
  constructor(
    private readonly ports: Pick<ConvergencePorts, 'unitOfWork' | 'clock' | 'queue'>,
    private readonly convergeCustomer: Pick<ConvergeCustomer, 'execute'>,
  ) {}

  async execute(customer: CustomerRef): Promise<void> {
    const { clock, queue, unitOfWork } = this.ports;
    const { organizationId, customerId } = customer;
    const now = clock.now();
    const next = await unitOfWork.clockwork.nextDue(customer, now, now + SECOND);
    if (next !== null) await queue.ring({ name: 'customer.converge', organizationId, customerId }, next);
    await this.convergeCustomer.execute(customer);
  }
}

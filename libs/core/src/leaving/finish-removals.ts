import type { CustomerId, CustomerRef } from '#core/shared';
import { finishRemoval, type RemovalPorts } from './removal.js';

const A_PASS = 100;

/**
 * Finishes the removals whose accounts are all proven closed. It asks the rows, again and again, so that none is lost with
 * whoever began it; those that wait for a tenant are passed over, and looked at again after all others.
 */
export class FinishRemovals {
  #after: CustomerId | null = null;

  constructor(private readonly ports: Pick<RemovalPorts, 'unitOfWork' | 'clock'>) {}

  /** One pass. One customer's failure is handed to `failed` and stops nobody else's. */
  async execute(failed: (customer: CustomerRef, error: unknown) => void): Promise<void> {
    const { clockwork } = this.ports.unitOfWork;
    const removals = await clockwork.removals(this.#after, A_PASS);
    this.#after = removals.length < A_PASS ? null : (removals.at(-1)?.customerId ?? null);
    for (const customer of removals)
      await this.finish(customer).catch((error: unknown) => failed(customer, error));
  }

  private finish({ organizationId, customerId }: CustomerRef): Promise<unknown> {
    return this.ports.unitOfWork.inOrganization(organizationId, async (stores) => {
      const customer = await stores.customers.lock(customerId);
      if (customer !== null) await finishRemoval({ stores, customer, now: this.ports.clock.now() });
    });
  }
}

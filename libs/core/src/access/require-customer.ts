import type { CustomerId } from '#core/shared';
import type { TenancyStores } from '#core/tenancy';
import { accessErrors } from './access.errors.js';

/** Throws `customer.not_found`, `customer.removed`: what is only for a customer that goes could never be used. */
export const requireCustomer = async ({ customers }: TenancyStores, id: CustomerId | null): Promise<void> => {
  if (id === null) return;
  const customer = await customers.get(id);
  if (customer === null) throw accessErrors.refuse('customer.not_found');
  if (customer.state !== 'active') throw accessErrors.refuse('customer.removed');
};

import { accessErrors } from '#core/access';
import type { AuditAction } from '#core/audit';
import {
  eventOf,
  finishRemoval,
  readRemoval,
  takeAllFrom,
  type Removal,
  type RemovalCommand,
  type RemovalPorts,
  type RemovalStores,
  type UnderWay,
} from './removal.js';

/**
 * Begins to remove a customer's Entra connection: everything that hangs on it ends at once, every account of ours is deleted
 * from the tenant, and when each is proven gone, so does the credential. Until then the customer can't be connected again.
 * There is no way back: what was taken is taken.
 */
export class RemoveConnection {
  constructor(private readonly ports: RemovalPorts) {}

  /** Throws `customer.not_found`, `entra_connection.not_found`. */
  execute(command: RemovalCommand): Promise<Removal> {
    return begin(this.ports, command, async (underWay) => {
      const { connections } = underWay.stores;
      const connection = await connections.ofCustomer(underWay.customer.id);
      if (connection === null) throw accessErrors.refuse('entra_connection.not_found');
      if (!(await connections.beginRemoval(underWay.customer.id))) return null;
      await takeAllFrom(underWay, 'connection_removed');
      return {
        action: 'entra_connection.removal_begun',
        subject: { kind: 'entra_connection', id: connection.id },
      };
    });
  }
}

/** Begins to remove a customer, with its connection if there is one. Its record stays, for the log and the history. */
export class RemoveCustomer {
  constructor(private readonly ports: RemovalPorts) {}

  /** Throws `customer.not_found`. */
  execute(command: RemovalCommand): Promise<Removal> {
    return begin(this.ports, command, async (underWay) => {
      const { customer, stores } = underWay;
      if (customer.state !== 'active') return null;
      await stores.customers.setState(customer.id, 'removing');
      await stores.connections.beginRemoval(customer.id);
      await takeAllFrom(underWay, 'customer_removed');
      return { action: 'customer.removal_begun', subject: { kind: 'customer', id: customer.id } };
    });
  }
}

interface Begun {
  readonly action: AuditAction;
  readonly subject: { readonly kind: string; readonly id: string };
}

/** One transaction, under the customer's lock; `work` answers null when the removal has begun already. */
const begin = async (
  { clock, queue, unitOfWork }: RemovalPorts,
  { actor, customerId, organizationId }: RemovalCommand,
  work: (underWay: UnderWay) => Promise<Begun | null>,
): Promise<Removal> => {
  const removal = await unitOfWork.inOrganization(organizationId, async (stores) => {
    const customer = await locked(stores, customerId);
    const now = clock.now();
    const begun = await work({ stores, customer, now });
    // As it is after the work.
    const going = (await stores.customers.get(customerId)) ?? customer;
    if (begun !== null) {
      const left = await stores.accounts.unproven(customerId, MOST_NAMED);
      const details = { notClosed: left.map(({ upn }) => upn) };
      await stores.audit.append([eventOf({ customer, now }, { ...begun, actor, details })]);
    }
    return readRemoval(stores, await finishRemoval({ stores, customer: going, now }));
  });
  await queue.ring({ name: 'customer.converge', organizationId, customerId });
  return removal;
};

/** So many names stand in the audit event. */
const MOST_NAMED = 100;

/** Throws `customer.not_found`. */
export const locked = async (
  { customers }: RemovalStores,
  id: RemovalCommand['customerId'],
): Promise<UnderWay['customer']> => {
  const customer = await customers.lock(id);
  if (customer === null) throw accessErrors.refuse('customer.not_found');
  return customer;
};

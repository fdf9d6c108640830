import type { AccessStores } from '#core/access';
import type { AccountStores, ManagedAccount } from '#core/accounts';
import { CURFEW, type AuditActor, type AuditEvent, type AuditStores } from '#core/audit';
import type { GrantStores } from '#core/grants';
import type { Clock, CustomerId, Instant, JobQueue, OrganizationId, UnitOfWork } from '#core/shared';
import type { Customer, EntraConnection, TenancyStores } from '#core/tenancy';

export type RemovalStores = AccessStores & AccountStores & AuditStores & GrantStores & TenancyStores;

export interface RemovalPorts {
  readonly unitOfWork: UnitOfWork<RemovalStores>;
  readonly queue: JobQueue;
  readonly clock: Clock;
}

/** Which customer, and who asks. */
export interface RemovalCommand {
  readonly organizationId: OrganizationId;
  readonly customerId: CustomerId;
  readonly actor: AuditActor;
}

/** How far the removal of a customer, or of its connection, has come. */
export interface Removal {
  readonly customer: Customer;
  /** Null: there is no connection, or none any more. */
  readonly connection: EntraConnection['state'] | null;
  /** Accounts of ours whose end isn't proven. While there is one, the connection stays. */
  readonly notClosed: readonly ManagedAccount[];
  /** Accounts that nobody will ever prove closed; the latest that were left behind are all of them. */
  readonly leftBehind: readonly ManagedAccount[];
}

/** More than one person looks at one by one, and more accounts than any customer has technicians. */
export const MOST_LISTED = 1_000;

/** What is left at a customer at this moment. */
export const readRemoval = async (
  { accounts, connections }: AccountStores & TenancyStores,
  customer: Customer,
): Promise<Removal> => ({
  customer,
  connection: (await connections.ofCustomer(customer.id))?.state ?? null,
  notClosed: await accounts.unproven(customer.id, MOST_LISTED),
  leftBehind: await accounts.leftBehind(customer.id, MOST_LISTED),
});

/** A removal under way, its customer locked. */
export interface UnderWay {
  readonly stores: RemovalStores;
  readonly customer: Customer;
  readonly now: Instant;
}

/** Ends all that hangs on the customer, and has its accounts deleted: we can watch over none of them any longer. */
export const takeAllFrom = async (
  { stores: { accounts, grants }, customer, now }: UnderWay,
  why: 'customer_removed' | 'connection_removed',
): Promise<void> => {
  const scope = { kind: 'customer', customerId: customer.id } as const;
  await accounts.endAll(scope, now);
  await grants.forbid(scope, why);
  await accounts.retireAll(scope, why, now);
};

/**
 * When every account of ours is proven closed, or was left behind: the connection goes, its credentials with it, and so does
 * a customer that was to go. Answers the customer as it is then. Repeated, or too early, it does nothing.
 */
export const finishRemoval = async (underWay: UnderWay): Promise<Customer> => {
  const { stores, customer, now } = underWay;
  const connection = await stores.connections.ofCustomer(customer.id);
  if (connection?.state === 'active' || (connection === null && customer.state !== 'removing'))
    return customer;
  if ((await stores.accounts.unproven(customer.id, 1)).length > 0) return customer;
  const events: AuditEvent[] = [];
  await stores.accounts.close(customer.id, now);
  events.push(...(await discardPending(underWay)));
  if (connection !== null) {
    await forgetSecondCredential(underWay);
    await stores.connections.remove(customer.id);
    const { id, tenantId, clientId } = connection;
    const subject = { kind: 'entra_connection', id };
    events.push(
      eventOf(underWay, { action: 'entra_connection.removed', subject, details: { tenantId, clientId } }),
    );
  }
  const isGoing = customer.state === 'removing';
  if (isGoing) {
    await stores.customers.setState(customer.id, 'removed');
    const subject = { kind: 'customer', id: customer.id };
    events.push(eventOf(underWay, { action: 'customer.removed', subject, details: { name: customer.name } }));
  }
  await stores.audit.append(events);
  return isGoing ? { ...customer, state: 'removed' } : customer;
};

/** The certificate that waits to be activated, and its private key with it. */
const discardPending = async (underWay: UnderWay): Promise<readonly AuditEvent[]> => {
  const { pendingCertificates } = underWay.stores;
  const pending = await pendingCertificates.ofCustomer(underWay.customer.id);
  if (pending === null || !(await pendingCertificates.remove(pending.id))) return [];
  const { id, thumbprint, endsAt } = pending;
  const details = { thumbprint, endsAt: new Date(endsAt).toISOString() };
  return [
    eventOf(underWay, { action: 'certificate.discarded', subject: { kind: 'certificate', id }, details }),
  ];
};

/** The revoker's own credential is worth nothing without a connection. */
const forgetSecondCredential = async ({
  stores: { connections },
  customer,
  now,
}: UnderWay): Promise<void> => {
  const second = await connections.revokerCredential(customer.id);
  if (second === null || second.state === 'removed') return;
  const { version } = second;
  await connections.saveRevokerCredential(
    { ...second, state: 'removed', checkedAt: now, credentialEndsAt: null, version: version + 1 },
    null,
    version,
  );
};

/** An event about the removal, Curfew's own unless somebody is named. */
export const eventOf = (
  { customer, now }: Pick<UnderWay, 'customer' | 'now'>,
  event: Pick<AuditEvent, 'action' | 'subject' | 'details'> & { readonly actor?: AuditActor },
): AuditEvent => ({
  organizationId: customer.organizationId,
  at: now,
  actor: CURFEW,
  customerId: customer.id,
  ...event,
});

import { UNREAD_MS, type CustomerId, type Instant } from '#core/shared';
import type { Customer, CustomerFacts, CustomerFactsStore } from '#core/tenancy';
import { asRead } from './in-memory-organization-app-store.js';
import { pageOf } from './in-memory-page.js';
import { closedTiersOf } from './in-memory-take-back-store.js';
import type { InMemoryTransaction } from './in-memory-transaction.js';

export class InMemoryCustomerFactsStore implements CustomerFactsStore {
  constructor(private readonly tx: InMemoryTransaction) {}

  of(id: CustomerId, now: Instant): Promise<CustomerFacts | null> {
    return this.tx.run(() => {
      const customer = this.tx.database.customers.get(this.tx.organizationId, id);
      return customer === undefined ? null : this.#factsOf(customer, now);
    });
  }

  list(
    page: { readonly after: CustomerId | null; readonly limit: number },
    now: Instant,
  ): Promise<readonly CustomerFacts[]> {
    return this.tx.run(() => {
      const customers = this.tx.database.customers.of(this.tx.organizationId);
      const open = customers.filter(({ state }) => state !== 'removed');
      return pageOf(open, page, 'oldest').map((customer) => this.#factsOf(customer, now));
    });
  }

  #factsOf(customer: Customer, now: Instant): CustomerFacts {
    const { organizationId, database } = this.tx;
    const { id } = customer;
    const connection = database.connections.get(organizationId, id);
    const validation = database.validations.get(organizationId, id);
    const proofs = database.takeBack.of(organizationId).filter(({ customerId }) => customerId === id);
    const owing = database.accounts
      .of(organizationId)
      .flatMap(({ customerId, takeAt }) => (customerId === id && takeAt !== null ? [takeAt] : []));
    const unread = database.accounts
      .of(organizationId)
      .filter(
        ({ customerId, verification }) =>
          customerId === id && verification !== null && verification.nextAt < now - UNREAD_MS,
      );
    const owed = owing.filter((takeAt) => takeAt <= now);
    return {
      customer,
      connection: connection === undefined ? null : connectionIn(asRead(connection, database)),
      secondEndsAt: database.revokerCredentials.get(organizationId, id)?.credentialEndsAt ?? null,
      validation: validation === undefined ? null : validationIn(validation),
      closedTiers: closedTiersOf(proofs, connection),
      throttles: database.throttles
        .of(organizationId)
        .filter(({ customerId, until }) => customerId === id && until > now)
        .map(({ workload, until, reason }) => ({ workload, until, reason }))
        .sort((one, other) => one.workload.localeCompare(other.workload)),
      comparedAt: database.drifts.get(organizationId, id)?.comparedAt ?? null,
      accountsInUse: owing.length,
      owedEnds: owed.length,
      unproven: unread.length,
      owedSince: owed.length === 0 ? null : Math.min(...owed),
    };
  }
}

const validationIn = ({
  at,
  verdict,
  connectionVersion,
}: NonNullable<CustomerFacts['validation']>): CustomerFacts['validation'] => ({
  at,
  verdict,
  connectionVersion,
});

const connectionIn = ({
  state,
  credentialKind,
  credentialEndsAt,
  capabilities,
  version,
}: NonNullable<CustomerFacts['connection']>): CustomerFacts['connection'] => ({
  state,
  credentialKind,
  credentialEndsAt,
  capabilities,
  version,
});

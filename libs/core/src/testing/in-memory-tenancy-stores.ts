import { accessErrors } from '#core/access';
import { concerns } from '#core/grants';
import { identityErrors } from '#core/identity';
import type { CustomerId, Instant } from '#core/shared';
import type {
  Cloud,
  Customer,
  CustomerStore,
  EntraConnection,
  EntraConnectionStore,
  TenantCapabilities,
  TimedRolesRefused,
  Organization,
  OrganizationStore,
  RevokerCredential,
  RoleCeiling,
  TenantClock,
  Throttle,
  WorkConditions,
  Workload,
} from '#core/tenancy';
import { asRead } from './in-memory-organization-app-store.js';
import { pageOf } from './in-memory-page.js';
import type { InMemoryTransaction } from './in-memory-transaction.js';

const NO_CEILING: RoleCeiling = { roles: null, version: 1 };

export class InMemoryOrganizationStore implements OrganizationStore {
  constructor(private readonly tx: InMemoryTransaction) {}

  insert(organization: Organization): Promise<void> {
    return this.tx.run(() => {
      this.tx.own({ organizationId: organization.id });
      const { organizations } = this.tx.database;
      const taken = organizations
        .everything()
        .some((row) => row.id === organization.id || row.slug === organization.slug);
      if (taken) throw identityErrors.refuse('organization.exists');
      organizations.put(organization.id, organization.id, organization);
    });
  }

  get(): Promise<Organization | null> {
    const { organizations } = this.tx.database;
    return this.tx.run(() => organizations.get(this.tx.organizationId, this.tx.organizationId) ?? null);
  }

  /** One transaction at a time runs here. */
  lock(): Promise<void> {
    return this.tx.run(() => undefined);
  }

  unusedAccountDays(): Promise<number> {
    const { organizationId, database } = this.tx;
    return this.tx.run(() => database.unusedDays.get(organizationId, organizationId)?.days ?? 90);
  }

  setUnusedAccountDays(days: number): Promise<void> {
    const { organizationId, database } = this.tx;
    return this.tx.run(() => database.unusedDays.put(organizationId, organizationId, { days }));
  }

  roleCeiling(): Promise<RoleCeiling> {
    const { organizationId, database } = this.tx;
    return this.tx.run(() => database.roleCeilings.get(organizationId, organizationId) ?? NO_CEILING);
  }

  async saveRoleCeiling({ roles, version }: RoleCeiling): Promise<boolean> {
    const { organizationId, database } = this.tx;
    if ((await this.roleCeiling()).version !== version) return false;
    await this.tx.run(() => {
      database.roleCeilings.put(organizationId, organizationId, { roles, version: version + 1 });
    });
    return true;
  }
}

export class InMemoryCustomerStore implements CustomerStore {
  constructor(private readonly tx: InMemoryTransaction) {}

  insert(customer: Customer): Promise<void> {
    return this.tx.run(() => {
      const { organizations, customers } = this.tx.database;
      this.tx.insert(customers, customer);
      const missing = identityErrors.refuse('organization.not_found');
      this.tx.mustExist(organizations, customer.organizationId, missing);
    });
  }

  get(id: CustomerId): Promise<Customer | null> {
    return this.tx.run(() => this.tx.database.customers.get(this.tx.organizationId, id) ?? null);
  }

  steady(id: CustomerId): Promise<Customer | null> {
    return this.get(id);
  }

  lock(id: CustomerId): Promise<Customer | null> {
    return this.get(id);
  }

  setState(id: CustomerId, state: Customer['state']): Promise<void> {
    return this.tx.run(() => {
      const { customers } = this.tx.database;
      const known = customers.get(this.tx.organizationId, id);
      if (known !== undefined) customers.put(this.tx.organizationId, id, { ...known, state });
    });
  }

  list(page: { readonly after: CustomerId | null; readonly limit: number }): Promise<readonly Customer[]> {
    return this.tx.run(() => pageOf(this.tx.database.customers.of(this.tx.organizationId), page, 'oldest'));
  }

  throttle(id: CustomerId, throttle: Throttle): Promise<void> {
    return this.tx.run(() => {
      const { customers, throttles } = this.tx.database;
      const { organizationId } = this.tx;
      this.tx.mustExist(customers, id, accessErrors.refuse('customer.not_found'));
      const key = `${id} ${throttle.workload}`;
      const known = throttles.get(organizationId, key);
      if (known !== undefined && known.until >= throttle.until) return;
      const { workload, until, reason } = throttle;
      throttles.put(organizationId, key, { organizationId, customerId: id, workload, until, reason });
    });
  }

  lift(id: CustomerId, workload: Workload, at: Instant): Promise<void> {
    return this.tx.run(() => {
      const { throttles } = this.tx.database;
      const { organizationId } = this.tx;
      const key = `${id} ${workload}`;
      const known = throttles.get(organizationId, key);
      if (known === undefined || known.until <= at) return;
      throttles.put(organizationId, key, { ...known, until: at });
    });
  }

  throttles(id: CustomerId): Promise<readonly Throttle[]> {
    return this.tx.run(() =>
      this.tx.database.throttles
        .of(this.tx.organizationId)
        .filter((row) => row.customerId === id)
        .map(({ workload, until, reason }) => ({ workload, until, reason })),
    );
  }

  clock(id: CustomerId): Promise<TenantClock | null> {
    return this.tx.run(() => {
      const row = this.tx.database.clocks.get(this.tx.organizationId, id);
      if (row === undefined) return null;
      const { aheadMs, leadMs, measuredAt, unreached = [] } = row;
      return { aheadMs, leadMs, measuredAt, ...(unreached.length === 0 ? {} : { unreached }) };
    });
  }

  async lockClock(id: CustomerId, now: Instant): Promise<TenantClock | null> {
    if (this.tx.database.lockedClocks.has(id)) return null;
    const known = await this.clock(id);
    if (known !== null) return known;
    const none = { aheadMs: 0, leadMs: 0, measuredAt: now };
    await this.noteClock(id, none);
    return none;
  }

  async conditions(ids: readonly CustomerId[]): Promise<ReadonlyMap<CustomerId, WorkConditions>> {
    const { restoringSince } = this.tx.database.deployment;
    const holds = this.tx.database.holds.of(this.tx.organizationId);
    const known = new Map<CustomerId, WorkConditions>();
    for (const id of ids) {
      const held = holds.some(
        ({ liftedAt, scope }) =>
          liftedAt === null && concerns({ scope }, { technicianId: null, customerId: id }),
      );
      known.set(id, {
        ...{ clock: await this.clock(id), throttles: await this.throttles(id), restoringSince, held },
      });
    }
    return known;
  }

  noteClock(id: CustomerId, { aheadMs, leadMs, measuredAt, unreached = [] }: TenantClock): Promise<void> {
    return this.tx.run(() => {
      this.tx.mustExist(this.tx.database.customers, id, accessErrors.refuse('customer.not_found'));
      const { organizationId, database } = this.tx;
      if (leadMs < 0) throw new Error('No lead is negative.');
      const rounded = { aheadMs: Math.round(aheadMs), leadMs: Math.round(leadMs) };
      const row = { organizationId, customerId: id, ...rounded, measuredAt, unreached };
      database.clocks.put(organizationId, id, row);
    });
  }
}

export class InMemoryEntraConnectionStore implements EntraConnectionStore {
  /** `forRevoker`: whose role may read the second credential. */
  constructor(
    private readonly tx: InMemoryTransaction,
    private readonly forRevoker = false,
  ) {}

  ofCustomer(customerId: CustomerId): Promise<EntraConnection | null> {
    return this.tx.run(() => {
      const { connections, revokerCredentials } = this.tx.database;
      const kept = connections.get(this.tx.organizationId, customerId);
      const connection = kept === undefined ? null : asRead(kept, this.tx.database);
      const row = revokerCredentials.get(this.tx.organizationId, customerId);
      if (connection === null || row === undefined || row.sealed === null || !this.forRevoker)
        return connection;
      const { sealed: sealedCredential, ...known } = row;
      return { ...connection, second: { ...known, sealedCredential } };
    });
  }

  customersOfTenant(cloud: Cloud, tenantId: string): Promise<readonly CustomerId[]> {
    return this.tx.run(() =>
      this.tx.database.connections
        .of(this.tx.organizationId)
        .filter((row) => row.cloud === cloud && row.tenantId === tenantId)
        .map(({ customerId }) => customerId)
        .sort(),
    );
  }

  async ofCustomers(ids: readonly CustomerId[]): Promise<ReadonlyMap<CustomerId, EntraConnection>> {
    const known = new Map<CustomerId, EntraConnection>();
    for (const id of ids) {
      const connection = await this.ofCustomer(id);
      if (connection !== null) known.set(id, connection);
    }
    return known;
  }

  revokerCredential(customerId: CustomerId): Promise<RevokerCredential | null> {
    return this.tx.run(() => {
      const row = this.tx.database.revokerCredentials.get(this.tx.organizationId, customerId);
      if (row === undefined) return null;
      const { sealed: _, ...known } = row;
      return known;
    });
  }

  saveRevokerCredential(
    credential: RevokerCredential,
    sealed: string | null,
    expectedVersion: number | null,
  ): Promise<boolean> {
    return this.tx.run(() => {
      this.tx.own(credential);
      const { customers, revokerCredentials } = this.tx.database;
      this.tx.mustExist(customers, credential.customerId, accessErrors.refuse('customer.not_found'));
      const known = revokerCredentials.get(this.tx.organizationId, credential.customerId);
      if ((known?.version ?? null) !== expectedVersion) return false;
      revokerCredentials.put(this.tx.organizationId, credential.customerId, { ...credential, sealed });
      return true;
    });
  }

  save(connection: EntraConnection, expectedVersion: number | null): Promise<boolean> {
    return this.tx.run(() => {
      this.tx.own(connection);
      const { customers, connections } = this.tx.database;
      this.tx.mustExist(customers, connection.customerId, accessErrors.refuse('customer.not_found'));
      const isTaken = ({ customerId, cloud, tenantId, organizationApp }: EntraConnection): boolean =>
        connection.organizationApp !== undefined &&
        organizationApp !== undefined &&
        customerId !== connection.customerId &&
        cloud === connection.cloud &&
        tenantId === connection.tenantId;
      if (connections.of(this.tx.organizationId).some(isTaken))
        throw accessErrors.refuse('entra_connection.tenant_taken');
      const known = connections.get(this.tx.organizationId, connection.customerId);
      if ((known?.version ?? null) !== expectedVersion || known?.state === 'removing') return false;
      connections.put(this.tx.organizationId, connection.customerId, connection);
      this.#compareSoon(connection, expectedVersion === null);
      return true;
    });
  }

  learn(customerId: CustomerId, capabilities: TenantCapabilities, version: number): Promise<void> {
    return this.tx.run(() => {
      const { connections } = this.tx.database;
      const { organizationId } = this.tx;
      const known = connections.get(organizationId, customerId);
      if (known?.version !== version || known.state !== 'active') return;
      connections.put(organizationId, customerId, { ...known, capabilities });
    });
  }

  refuseTimedRoles(customerId: CustomerId, refused: TimedRolesRefused): Promise<void> {
    return this.tx.run(() => {
      const { connections } = this.tx.database;
      const { organizationId } = this.tx;
      const known = connections.get(organizationId, customerId);
      if (known === undefined) return;
      const timedRolesRefused = { ...known.timedRolesRefused, ...refused };
      connections.put(organizationId, customerId, { ...known, timedRolesRefused });
    });
  }

  beginRemoval(customerId: CustomerId): Promise<boolean> {
    return this.tx.run(() => {
      const { connections } = this.tx.database;
      const known = connections.get(this.tx.organizationId, customerId);
      if (known?.state !== 'active') return false;
      connections.put(this.tx.organizationId, customerId, { ...known, state: 'removing' });
      return true;
    });
  }

  remove(customerId: CustomerId): Promise<void> {
    return this.tx.run(() => {
      const { accounts, connections } = this.tx.database;
      const known = connections.get(this.tx.organizationId, customerId);
      if (known === undefined) return;
      const open = accounts
        .of(this.tx.organizationId)
        .some((row) => row.customerId === customerId && row.closedAt === null);
      if (known.state !== 'removing' || open) throw new Error('An Entra connection goes last.');
      connections.delete(this.tx.organizationId, customerId);
    });
  }

  #compareSoon({ customerId, checkedAt }: EntraConnection, anew: boolean): void {
    const { organizationId, database } = this.tx;
    const known = database.drifts.get(organizationId, customerId);
    const unread = { tenantId: null, cursor: null, toldAt: null, unkept: 0, unkeptAt: null };
    const begun = { ...unread, customerId, comparedAt: checkedAt, epoch: 0, claimedUntil: null };
    const dueAt = Math.min(known?.dueAt ?? checkedAt, checkedAt);
    database.drifts.put(organizationId, customerId, {
      ...begun,
      ...known,
      ...(anew ? { cursor: null } : {}),
      organizationId,
      dueAt,
    });
  }
}

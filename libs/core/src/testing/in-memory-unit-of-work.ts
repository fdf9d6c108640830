import type { TakeBackProof } from '#core/proving';
import type { AccessPolicy, AccessRequest, AllStores } from '#core/access';
import type { ManagedAccount, StrayUser } from '#core/accounts';
import type { AlarmSource } from '#core/alarms';
import type { RecordedAuditEvent } from '#core/audit';
import type { Grant, Hold } from '#core/grants';
import type { ApiToken, Doorway, Technician } from '#core/identity';
import type {
  AccountId,
  Clockwork,
  CustomerId,
  IdempotentCreate,
  OrganizationId,
  UnitOfWork,
  HoldId,
} from '#core/shared';
import type { Customer, EntraConnection, Organization, ValidationRun } from '#core/tenancy';
import { InMemoryAccessPolicyStore, InMemoryAccessRequestStore } from './in-memory-access-stores.js';
import { InMemoryManagedAccountStore } from './in-memory-account-store.js';
import { InMemoryAlarmSource } from './in-memory-alarm-source.js';
import { InMemoryClockwork } from './in-memory-clockwork.js';
import { InMemoryCustomerFactsStore } from './in-memory-customer-facts.js';
import { InMemoryDatabase, type DriftRow, type ThrottleRow } from './in-memory-database.js';
import { InMemoryDriftStore } from './in-memory-drift-store.js';
import { InMemoryGrantStore } from './in-memory-grant-store.js';
import { InMemoryHoldStore } from './in-memory-hold-store.js';
import {
  InMemoryApiTokenStore,
  InMemoryDoorway,
  InMemoryTechnicianGroupStore,
  InMemoryTechnicianStore,
} from './in-memory-identity-stores.js';
import { InMemoryAuditLog, InMemoryIdempotencyStore } from './in-memory-log-stores.js';
import {
  InMemoryCustomerStore,
  InMemoryEntraConnectionStore,
  InMemoryOrganizationStore,
} from './in-memory-tenancy-stores.js';
import { InMemoryPendingCertificateStore } from './in-memory-pending-certificate-store.js';
import { InMemoryOrganizationAppStore } from './in-memory-organization-app-store.js';
import { InMemoryValidationRunStore } from './in-memory-validation-run-store.js';
import { InMemoryConsentStore } from './in-memory-consent-store.js';
import { InMemoryTakeBackStore } from './in-memory-take-back-store.js';
import { InMemoryValidationStore } from './in-memory-validation-store.js';
import { InMemorySealedStore } from './in-memory-sealed-store.js';
import { InMemoryTransaction } from './in-memory-transaction.js';

/** Every row of every organization, for assertions. */
export interface InMemoryRows {
  readonly organizations: readonly Organization[];
  readonly technicians: readonly Technician[];
  readonly tokens: readonly ApiToken[];
  readonly customers: readonly Customer[];
  readonly throttles: readonly ThrottleRow[];
  readonly connections: readonly EntraConnection[];
  readonly policies: readonly AccessPolicy[];
  readonly requests: readonly AccessRequest[];
  readonly grants: readonly Grant[];
  readonly holds: readonly Hold[];
  readonly reachedHolds: readonly HoldId[];
  readonly accounts: readonly ManagedAccount[];
  readonly drifts: readonly DriftRow[];
  readonly strays: readonly StrayUser[];
  readonly validationRuns: readonly ValidationRun[];
  readonly takeBack: readonly TakeBackProof[];
  readonly audit: readonly RecordedAuditEvent[];
  readonly creates: readonly IdempotentCreate[];
}

/**
 * The database as a fake: one transaction at a time, in the order asked for; a throw takes every write back; rows of
 * another organization are not there; foreign keys and uniqueness are refused with the same errors as by the database.
 * What it gives out is frozen. A transaction opened inside another one waits for ever, as it would for a row lock.
 */
export class InMemoryUnitOfWork implements UnitOfWork<AllStores> {
  readonly #database = new InMemoryDatabase();
  #last: Promise<unknown> = Promise.resolve();

  /** Accounts whose rows somebody else's session holds: whoever waits for no row passes them over. */
  readonly heldRows = this.#database.heldRows;

  readonly clockwork: Clockwork = new InMemoryClockwork(this.#database, (work) =>
    this.#inTurn(() => {
      const result = work();
      this.#database.journal.commit();
      return Promise.resolve(result);
    }),
  );
  readonly doorway: Doorway = new InMemoryDoorway(this.#database);
  readonly alarms: AlarmSource = new InMemoryAlarmSource(this.#database, (work) =>
    this.#inTurn(() => Promise.resolve(work())),
  );

  inOrganization<T>(organizationId: OrganizationId, work: (stores: AllStores) => Promise<T>): Promise<T> {
    return this.#transaction(organizationId, work, false);
  }

  /**
   * Somebody from outside holds a lock on an account's row, as a person at the console would, until `letGo` is called. Who
   * passes over what is locked does; who would wait for it reads and writes it all the same.
   */
  holdRow(id: AccountId): { readonly letGo: () => void } {
    this.#database.lockedAccounts.add(id);
    return { letGo: () => void this.#database.lockedAccounts.delete(id) };
  }

  /** The same of what is known of a tenant's clock. */
  holdClock(id: CustomerId): { readonly letGo: () => void } {
    this.#database.lockedClocks.add(id);
    return { letGo: () => void this.#database.lockedClocks.delete(id) };
  }

  /** The same database for the revoker's role, which alone reads its own credentials. */
  forRevoker(): UnitOfWork<AllStores> {
    return {
      inOrganization: (organizationId, work) => this.#transaction(organizationId, work, true),
      clockwork: this.clockwork,
    };
  }

  #transaction<T>(
    organizationId: OrganizationId,
    work: (stores: AllStores) => Promise<T>,
    forRevoker: boolean,
  ): Promise<T> {
    return this.#inTurn(async () => {
      const tx = new InMemoryTransaction(this.#database, organizationId);
      try {
        const result = await work(storesOf(tx, forRevoker));
        tx.commit();
        return result;
      } catch (error) {
        tx.rollBack();
        throw error;
      }
    });
  }

  /** All rows as they are at this moment, a running transaction's writes included: look between transactions. */
  peek(): InMemoryRows {
    const database = this.#database;
    return {
      organizations: database.organizations.everything(),
      technicians: database.technicians.everything(),
      tokens: database.tokens.everything(),
      customers: database.customers.everything(),
      throttles: database.throttles.everything(),
      connections: database.connections.everything(),
      policies: database.policies.everything(),
      requests: database.requests.everything(),
      grants: database.grants.everything(),
      holds: database.holds.everything(),
      reachedHolds: database.reachedHolds.everything().map(({ id }) => id),
      accounts: database.accounts.everything(),
      drifts: database.drifts.everything(),
      strays: database.strays.everything(),
      validationRuns: database.validationRuns.everything(),
      takeBack: database.takeBack.everything(),
      audit: database.audit.everything(),
      creates: database.creates.everything(),
    };
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}

const storesOf = (tx: InMemoryTransaction, forRevoker: boolean): AllStores => ({
  organizations: new InMemoryOrganizationStore(tx),
  organizationApps: new InMemoryOrganizationAppStore(tx),
  pendingCertificates: new InMemoryPendingCertificateStore(tx),
  consents: new InMemoryConsentStore(tx),
  customers: new InMemoryCustomerStore(tx),
  connections: new InMemoryEntraConnectionStore(tx, forRevoker),
  validations: new InMemoryValidationStore(tx),
  validationRuns: new InMemoryValidationRunStore(tx),
  takeBack: new InMemoryTakeBackStore(tx),
  customerFacts: new InMemoryCustomerFactsStore(tx),
  technicians: new InMemoryTechnicianStore(tx),
  tokens: new InMemoryApiTokenStore(tx),
  groups: new InMemoryTechnicianGroupStore(tx),
  policies: new InMemoryAccessPolicyStore(tx),
  requests: new InMemoryAccessRequestStore(tx),
  accounts: new InMemoryManagedAccountStore(tx),
  grants: new InMemoryGrantStore(tx),
  drift: new InMemoryDriftStore(tx),
  holds: new InMemoryHoldStore(tx),
  audit: new InMemoryAuditLog(tx),
  idempotency: new InMemoryIdempotencyStore(tx),
  sealed: new InMemorySealedStore(tx),
});

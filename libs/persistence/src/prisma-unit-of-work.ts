import type { AllStores } from '#core/access';
import type { RefusedWrites } from '#core/alarms';
import type { Clockwork, OrganizationId, UnitOfWork, WorkLimits } from '#core/shared';
import type { PrismaClient } from './generated/client.js';
import { contended, isRetryable, settledRefusalOf, type Probe } from './refusals.js';
import { Session, type Rights } from './session.js';
import { PrismaAccessPolicyStore } from './stores/access-policy-store.prisma.js';
import { PrismaAccessRequestStore } from './stores/access-request-store.prisma.js';
import { PrismaApiTokenStore } from './stores/api-token-store.prisma.js';
import { PrismaAuditLog } from './stores/audit-log.prisma.js';
import { PrismaConsentStore } from './stores/consent-store.prisma.js';
import { PrismaCustomerFactsStore } from './stores/customer-facts.prisma.js';
import { PrismaCustomerStore } from './stores/customer-store.prisma.js';
import { PrismaDriftStore } from './stores/drift-store.prisma.js';
import { PrismaEntraConnectionStore } from './stores/entra-connection-store.prisma.js';
import { PrismaGrantStore } from './stores/grant-store.prisma.js';
import { PrismaHoldStore } from './stores/hold-store.prisma.js';
import { PrismaIdempotencyStore } from './stores/idempotency-store.prisma.js';
import { PrismaManagedAccountStore } from './stores/managed-account-store.prisma.js';
import { PrismaPendingCertificateStore } from './stores/pending-certificate-store.prisma.js';
import { PrismaOrganizationAppStore } from './stores/organization-app-store.prisma.js';
import { PrismaOrganizationStore } from './stores/organization-store.prisma.js';
import { PrismaSealedStore } from './stores/sealed-store.prisma.js';
import { PrismaTechnicianGroupStore } from './stores/technician-group-store.prisma.js';
import { PrismaTechnicianStore } from './stores/technician-store.prisma.js';
import { PrismaValidationRunStore } from './stores/validation-run-store.prisma.js';
import { PrismaTakeBackStore } from './stores/take-back-store.prisma.js';
import { PrismaValidationStore } from './stores/validation-store.prisma.js';

/** A free connection within 5 s, or the database counts as away; nothing that is right takes 15 s. */
const MAX_WAIT_MS = 5_000;
const TIMEOUT_MS = 15_000;
/**
 * Whoever falls silent in the middle of a transaction (a process that is stopped, a machine that is gone) holds its locks no
 * longer: PostgreSQL itself ends the transaction, so that neither an end nor a kill switch waits for it for ever.
 */
const IDLE_TIMEOUT = '15s';
/** Deadlocks are rare, since rows are locked in the order of their ids; whoever loses three times has met a bug. */
const ATTEMPTS = 3;

/** What its transactions may do, for how long, and whom to ask whether the database is there at all. */
export interface WorkOptions {
  readonly rights: Rights;
  /** Below the transaction's own limit, so that PostgreSQL itself stops a statement that takes too long. */
  readonly statementMs: number;
  readonly answers: Probe;
  /** Told of what it was refused, and of what went through. */
  readonly writes: RefusedWrites;
}

/**
 * One interactive transaction per unit of work, at READ COMMITTED: what must not happen twice at once is kept apart by row
 * locks, compare-and-swap and unique indexes, never by reading first.
 */
export class PrismaUnitOfWork implements UnitOfWork<AllStores> {
  constructor(
    private readonly prisma: PrismaClient,
    readonly clockwork: Clockwork,
    private readonly options: WorkOptions,
  ) {}

  async inOrganization<T>(
    organizationId: OrganizationId,
    work: (stores: AllStores) => Promise<T>,
    limits?: WorkLimits,
  ): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#transaction(organizationId, work, limits);
      } catch (error) {
        if (!isRetryable(error)) throw await this.#refused(error);
        if (attempt === ATTEMPTS) throw contended(error);
      }
    }
  }

  async #refused(error: unknown): Promise<unknown> {
    const refusal = await settledRefusalOf(error, this.options.answers);
    this.options.writes.met(refusal);
    return refusal;
  }

  async #transaction<T>(
    organizationId: OrganizationId,
    work: (stores: AllStores) => Promise<T>,
    limits?: WorkLimits,
  ): Promise<T> {
    const statementMs = Math.min(this.options.statementMs, limits?.statementMs ?? Infinity);
    const statementTimeout = `${statementMs}ms`;
    const { result, hasLogged } = await this.prisma.$transaction(
      async (tx) => {
        // Local to the transaction, so a pooled connection carries nothing over. The time zone, because the driver writes
        // instants without one.
        await tx.$queryRaw`SELECT set_config('app.org_id', ${organizationId}, true),
          set_config('TimeZone', 'UTC', true), set_config('statement_timeout', ${statementTimeout}, true),
          set_config('idle_in_transaction_session_timeout', ${IDLE_TIMEOUT}, true)`;
        const session = new Session(tx, organizationId, this.options.rights);
        const audit = new PrismaAuditLog(session);
        const result = await work({ ...storesOf(session), audit });
        await audit.flush();
        session.requireUnbroken();
        return { result, hasLogged: session.hasLogged };
      },
      { maxWait: MAX_WAIT_MS, timeout: TIMEOUT_MS },
    );
    if (hasLogged) this.options.writes.taken('work');
    return result;
  }
}

const storesOf = (session: Session): Omit<AllStores, 'audit'> => ({
  organizations: new PrismaOrganizationStore(session),
  organizationApps: new PrismaOrganizationAppStore(session),
  pendingCertificates: new PrismaPendingCertificateStore(session),
  consents: new PrismaConsentStore(session),
  customers: new PrismaCustomerStore(session),
  connections: new PrismaEntraConnectionStore(session),
  validations: new PrismaValidationStore(session),
  validationRuns: new PrismaValidationRunStore(session),
  takeBack: new PrismaTakeBackStore(session),
  customerFacts: new PrismaCustomerFactsStore(session),
  technicians: new PrismaTechnicianStore(session),
  tokens: new PrismaApiTokenStore(session),
  groups: new PrismaTechnicianGroupStore(session),
  policies: new PrismaAccessPolicyStore(session),
  requests: new PrismaAccessRequestStore(session),
  accounts: new PrismaManagedAccountStore(session),
  drift: new PrismaDriftStore(session),
  grants: new PrismaGrantStore(session),
  holds: new PrismaHoldStore(session),
  idempotency: new PrismaIdempotencyStore(session),
  sealed: new PrismaSealedStore(session),
});

import type { TakeBackProof } from '#core/proving';
import type { AccessPolicy, AccessRequest } from '#core/access';
import type { CustomerDrift, ManagedAccount, StrayUser } from '#core/accounts';
import type { RecordedAuditEvent } from '#core/audit';
import type { Bar, Grant, Hold } from '#core/grants';
import type { ApiToken, Technician, TechnicianGroup } from '#core/identity';
import type {
  AccountId,
  CustomerId,
  CustomerRef,
  HoldId,
  IdempotentCreate,
  Instant,
  OrganizationId,
  TechnicianGroupId,
  TechnicianId,
  ValidationRunId,
} from '#core/shared';
import type {
  Consent,
  Customer,
  EntraConnection,
  Organization,
  OrganizationApp,
  PendingCertificate,
  RevokerCredential,
  RoleCeiling,
  TenantClock,
  Throttle,
  Validation,
  ValidationLine,
  ValidationRun,
} from '#core/tenancy';

/** How to take back what the running transaction has written, last write first. */
export class Journal {
  #undo: (() => void)[] = [];

  note(undo: () => void): void {
    this.#undo.push(undo);
  }

  commit(): void {
    this.#undo = [];
  }

  rollBack(): void {
    for (const undo of this.#undo.reverse()) undo();
    this.#undo = [];
  }
}

/** Rows of one kind, kept apart by organization. What it keeps and gives out is deeply frozen. */
export class Table<Row extends object> {
  readonly #rows = new Map<OrganizationId, Map<string, Row>>();

  constructor(private readonly journal: Journal) {}

  get(organizationId: OrganizationId, key: string): Row | undefined {
    return this.#rows.get(organizationId)?.get(key);
  }

  put(organizationId: OrganizationId, key: string, row: Row): void {
    const rows = this.#rowsOf(organizationId);
    const before = rows.get(key);
    rows.set(key, frozen(row));
    this.journal.note(() => {
      if (before === undefined) rows.delete(key);
      else rows.set(key, before);
    });
  }

  of(organizationId: OrganizationId): readonly Row[] {
    return [...(this.#rows.get(organizationId)?.values() ?? [])];
  }

  /** Across organizations: for clockwork, doorway and assertions. */
  everything(): readonly Row[] {
    return [...this.#rows.values()].flatMap((rows) => [...rows.values()]);
  }

  delete(organizationId: OrganizationId, key: string): void {
    const rows = this.#rowsOf(organizationId);
    const before = rows.get(key);
    if (before === undefined) return;
    rows.delete(key);
    this.journal.note(() => rows.set(key, before));
  }

  #rowsOf(organizationId: OrganizationId): Map<string, Row> {
    const known = this.#rows.get(organizationId);
    if (known !== undefined) return known;
    const rows = new Map<string, Row>();
    this.#rows.set(organizationId, rows);
    return rows;
  }
}

export type ThrottleRow = Throttle & {
  readonly organizationId: OrganizationId;
  readonly customerId: CustomerId;
};

/** That a hold has found an account. */
export interface HeldAccountRow {
  readonly holdId: HoldId;
  readonly accountId: AccountId;
}

export interface MemberRow {
  readonly groupId: TechnicianGroupId;
  readonly technicianId: TechnicianId;
}

export type DriftRow = CustomerDrift & {
  readonly organizationId: OrganizationId;
  readonly dueAt: Instant;
  readonly comparedAt: Instant;
  readonly epoch: number;
  readonly claimedUntil: Instant | null;
  readonly rereadFor?: Instant;
  readonly wholeFor?: Instant;
};

/** A line of a run as it is kept. */
export type ValidationLineRow = Omit<ValidationLine, 'name'> & {
  readonly organizationId: OrganizationId;
  readonly runId: ValidationRunId;
  readonly epoch: number;
  readonly claimedUntil: Instant | null;
};

/** The one row of the deployment. */
export interface DeploymentRow {
  readonly restoringSince: Instant | null;
  readonly generation: number;
  readonly seen: { readonly mark: number; readonly generation: number } | null;
}

/** Every table of the fake, and the journal of the one transaction that may run at a time. */
export class InMemoryDatabase {
  readonly journal = new Journal();
  /** Of no organization, and of no transaction. */
  deployment: DeploymentRow = { restoringSince: null, generation: 0, seen: null };
  readonly organizations = new Table<Organization>(this.journal);
  readonly technicians = new Table<Technician>(this.journal);
  readonly groups = new Table<TechnicianGroup>(this.journal);
  readonly members = new Table<MemberRow>(this.journal);
  readonly tokens = new Table<ApiToken>(this.journal);
  readonly customers = new Table<Customer>(this.journal);
  readonly throttles = new Table<ThrottleRow>(this.journal);
  readonly connections = new Table<EntraConnection>(this.journal);
  readonly revokerCredentials = new Table<RevokerCredential & { readonly sealed: string | null }>(
    this.journal,
  );
  /** By their clouds. */
  readonly organizationApps = new Table<OrganizationApp & { readonly sealed: string | null }>(this.journal);
  /** By their customers. */
  readonly pendingCertificates = new Table<PendingCertificate>(this.journal);
  readonly consents = new Table<Consent>(this.journal);
  readonly validations = new Table<Validation>(this.journal);
  readonly validationRuns = new Table<ValidationRun>(this.journal);
  readonly validationLines = new Table<ValidationLineRow>(this.journal);
  readonly takeBack = new Table<TakeBackProof>(this.journal);
  readonly clocks = new Table<TenantClock & CustomerRef>(this.journal);
  readonly policies = new Table<AccessPolicy>(this.journal);
  readonly requests = new Table<AccessRequest>(this.journal);
  readonly grants = new Table<Grant>(this.journal);
  /** What forbids a grant for good, by the grant's id. */
  readonly forbidden = new Table<{ readonly why: Bar }>(this.journal);
  readonly holds = new Table<Hold>(this.journal);
  /** That a hold has reached all that it has to, by its id. */
  readonly reachedHolds = new Table<{ readonly id: HoldId; readonly at: Instant }>(this.journal);
  /** Since when a hold that was pulled again has had something to reach, by its id. */
  readonly reachSince = new Table<{ readonly at: Instant }>(this.journal);
  /** Accounts whose rows somebody else holds: of no transaction, as long as a spec has them held. */
  readonly heldRows = new Set<AccountId>();
  readonly heldAccounts = new Table<HeldAccountRow>(this.journal);
  readonly accounts = new Table<ManagedAccount>(this.journal);
  /** Accounts whose rows somebody from outside holds a lock on. */
  readonly lockedAccounts = new Set<AccountId>();
  /** Customers whose tenant's clock somebody from outside holds a lock on. */
  readonly lockedClocks = new Set<CustomerId>();
  readonly audit = new Table<RecordedAuditEvent>(this.journal);
  readonly unusedDays = new Table<{ readonly days: number }>(this.journal);
  readonly roleCeilings = new Table<RoleCeiling>(this.journal);
  readonly drifts = new Table<DriftRow>(this.journal);
  readonly strays = new Table<StrayUser>(this.journal);
  readonly creates = new Table<IdempotentCreate>(this.journal);
}

const kept = new WeakSet<object>();

/** A deep copy that nobody can change; what was frozen here before is taken as it is. */
const frozen = <T>(value: T): T => {
  if (typeof value !== 'object' || value === null || kept.has(value)) return value;
  const copy: unknown = Array.isArray(value)
    ? value.map(frozen)
    : Object.fromEntries(Object.entries(value).map(([key, part]) => [key, frozen<unknown>(part)]));
  kept.add(Object.freeze(copy as object));
  return copy as T;
};

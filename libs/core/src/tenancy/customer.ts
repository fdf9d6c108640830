import type { AccountId, CustomerId, Instant, OrganizationId } from '#core/shared';
import type { Cloud } from './entra-connection.js';

/** What was announced of a customer's tenant before it was connected. */
export interface ExpectedTenant {
  readonly cloud: Cloud;
  readonly tenantId: string | null;
  /** For accounts. */
  readonly domain: string | null;
}

/** A company that the MSP looks after. */
export interface Customer {
  readonly id: CustomerId;
  readonly organizationId: OrganizationId;
  readonly name: string;
  /** `removing`: everything at this customer is being taken away, and nothing new is given. */
  readonly state: 'active' | 'removing' | 'removed';
  readonly createdAt: Instant;
  /** Absent: nothing was announced. */
  readonly expected?: ExpectedTenant;
}

/** Parts of Graph that throttle apart from each other; `sign-in` is the token endpoint, a block of everything. */
export type Workload = 'directory' | 'pim' | 'authentication-methods' | 'policies' | 'reports' | 'sign-in';

/** "Not before": a fact about one customer and workload, never about a queue. */
export interface Throttle {
  readonly workload: Workload;
  readonly until: Instant;
  /** Why: Graph's 429, or a credential that is not accepted (one probe a minute). */
  readonly reason: string;
}

/** The reason of a throttle on sign-in, when Entra refuses the credential itself. */
export const credentialRefused = (message: string): string => `${CREDENTIAL_REFUSED}${message}`;

/** Whether the customer's credential was refused a moment ago: nothing can be given there. */
export const refusesCredential = (throttles: readonly Throttle[], now: Instant): boolean =>
  throttles.some(
    ({ workload, until, reason }) =>
      workload === 'sign-in' && until > now && reason.startsWith(CREDENTIAL_REFUSED),
  );

const CREDENTIAL_REFUSED = 'The credential is refused: ';

/** What Graph's clock in the customer's tenant says against ours, as last measured. */
export interface TenantClock {
  /** By the last answer that told anything new. Negative: it is behind. */
  readonly aheadMs: number;
  /** How much sooner grants end there: what no single answer says alone. Never negative. */
  readonly leadMs: number;
  readonly measuredAt: Instant;
  /** Accounts that are still to be told of the lead, since somebody held their rows; absent: none. */
  readonly unreached?: readonly AccountId[];
}

/** What bears on all work at a customer. */
export interface WorkConditions {
  /** Null: no difference was ever measured. */
  readonly clock: TenantClock | null;
  /** Past ones too. */
  readonly throttles: readonly Throttle[];
  /** Since when the whole deployment is being compared after a restoration; null: it isn't. */
  readonly restoringSince: Instant | null;
  /** A kill switch stands for the customer or for everything: nothing is given there, whoever asks. */
  readonly held: boolean;
}

export interface CustomerStore {
  insert(customer: Customer): Promise<void>;
  get(id: CustomerId): Promise<Customer | null>;
  /** As `get`; its state stays as it is until the transaction ends. */
  steady(id: CustomerId): Promise<Customer | null>;
  /** As `get`, for whoever may change its state in this transaction: others wait. */
  lock(id: CustomerId): Promise<Customer | null>;
  setState(id: CustomerId, state: Customer['state']): Promise<void>;
  /** Oldest first. */
  list(page: { readonly after: CustomerId | null; readonly limit: number }): Promise<readonly Customer[]>;
  /** Moves `until` of that workload later, never earlier. */
  throttle(id: CustomerId, throttle: Throttle): Promise<void>;
  /** From `at` on that workload is throttled no more, since its reason is gone; one that is over stays as it is. */
  lift(id: CustomerId, workload: Workload, at: Instant): Promise<void>;
  throttles(id: CustomerId): Promise<readonly Throttle[]>;
  /** Null: no difference was ever measured. */
  clock(id: CustomerId): Promise<TenantClock | null>;
  /**
   * As `clock`, none measured counting as no difference, for whoever notes another in this transaction. Null: somebody else
   * is at it, and is not waited for.
   */
  lockClock(id: CustomerId, now: Instant): Promise<TenantClock | null>;
  /** Clock, throttles, restoration and kill switches of these customers in one reading; of each that was asked for. */
  conditions(ids: readonly CustomerId[]): Promise<ReadonlyMap<CustomerId, WorkConditions>>;
  /** At most a week either way, the lead a week at most: no grant lasts longer. */
  noteClock(id: CustomerId, clock: TenantClock): Promise<void>;
}

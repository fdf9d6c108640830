import type { AuditActor } from '#core/audit';
import type { CustomerId, Instant, OrganizationId, ValidationClaim, ValidationRunId } from '#core/shared';
import type { Verdict } from './validation.js';

/** How far one customer of a run is. `running` is never stored: it waits, and somebody has claimed it. */
export const VALIDATION_LINE_STATES = [
  'waiting',
  'running',
  'pass',
  'warn',
  'fail',
  'could_not',
  'cancelled',
] as const;
export type ValidationLineState = (typeof VALIDATION_LINE_STATES)[number];

/** Validate for many customers at once: it is driven by workers, one customer at a time each, and outlives all of them. */
export interface ValidationRun {
  readonly id: ValidationRunId;
  readonly organizationId: OrganizationId;
  /** `done`: every customer has its line. */
  readonly state: 'running' | 'done' | 'cancelled';
  readonly actor: AuditActor;
  readonly begunAt: Instant;
  readonly endedAt: Instant | null;
}

export interface ValidationRunProgress {
  readonly run: ValidationRun;
  readonly counts: Readonly<Record<ValidationLineState, number>>;
}

/** Why a customer could not be validated at all. */
export interface CouldNot {
  readonly code: string;
  readonly says: string;
  readonly mend: string;
}

export interface ValidationLine {
  readonly customerId: CustomerId;
  /** Of the customer, as it is called now. */
  readonly name: string;
  readonly state: ValidationLineState;
  readonly endedAt: Instant | null;
  /** Of one that could not be validated. */
  readonly why: CouldNot | null;
}

/** What became of one customer. What Validate found there is kept at the customer. */
export type ValidationLineEnd =
  | { readonly state: Verdict; readonly why: null; readonly at: Instant }
  | { readonly state: 'could_not'; readonly why: CouldNot; readonly at: Instant };

export interface ValidationRunStore {
  /** With a line that waits for each. Throws `customer.not_found`, `validation_run.running`. */
  insert(run: ValidationRun, customerIds: readonly CustomerId[]): Promise<void>;
  /** Null: none runs. */
  running(): Promise<ValidationRunId | null>;
  /** Customers with a connection that is in use, oldest first. */
  connected(limit: number): Promise<readonly CustomerId[]>;
  get(id: ValidationRunId): Promise<ValidationRun | null>;
  /** As `get`, for whoever may end it in this transaction: others wait. */
  lock(id: ValidationRunId): Promise<ValidationRun | null>;
  progress(id: ValidationRunId, now: Instant): Promise<ValidationRunProgress | null>;
  /** In the order of the customers' ids; a state narrows it. */
  lines(
    id: ValidationRunId,
    page: {
      readonly after: CustomerId | null;
      readonly limit: number;
      readonly state?: ValidationLineState;
    },
    now: Instant,
  ): Promise<readonly ValidationLine[]>;
  /** False: the claim is somebody else's by now, or the customer waits no longer, and nothing was written. */
  finish(claim: ValidationClaim, end: ValidationLineEnd): Promise<boolean>;
  hasWaiting(id: ValidationRunId): Promise<boolean>;
  /** Ends the run; whoever still waits in it is cancelled. Answers how many did. */
  close(id: ValidationRunId, state: 'done' | 'cancelled', at: Instant): Promise<number>;
}

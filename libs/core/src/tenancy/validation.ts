import type { CustomerId, Instant, OrganizationId } from '#core/shared';

/** What Validate looks at, in the order in which people mend it. */
export const LINE_IDS = [
  'token',
  'tenant',
  'clock',
  'credential_end',
  'permissions',
  'excess_permissions',
  'directory_role',
  'take_back',
  'domain',
  'passes',
  'conditional_access',
  'licence',
  'global_administrators',
  'policies',
  'roles',
  'units',
  'groups',
] as const;
export type LineId = (typeof LINE_IDS)[number];

/** `fail`: access won't come, or won't go, as promised. `warn`: it will, and there is something to know or to better. */
export type Verdict = 'pass' | 'warn' | 'fail';

/** One line of the pre-flight. */
export interface ValidateLine {
  readonly id: LineId;
  readonly verdict: Verdict;
  /** What was found. Names of the tenant may be in it, secrets never. */
  readonly says: string;
  /** What to do about it; null where there is nothing to do. */
  readonly mend: string | null;
}

/** What Validate found at a customer, the last time. */
export interface Validation {
  readonly organizationId: OrganizationId;
  readonly customerId: CustomerId;
  /** Of the connection that was looked at: a newer one has not been. */
  readonly connectionVersion: number;
  readonly at: Instant;
  /** As grave as the gravest line. */
  readonly verdict: Verdict;
  readonly lines: readonly ValidateLine[];
}

export interface ValidationStore {
  /** Null: it never ran. */
  ofCustomer(customerId: CustomerId): Promise<Validation | null>;
  /** In place of the one before; of two at once the later one stays. */
  save(validation: Validation): Promise<void>;
}

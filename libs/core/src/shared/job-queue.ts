import type { Instant } from './clock.js';
import type { CustomerId, OrganizationId } from './ids.js';

/** The jobs the core asks for: a name and ids, nothing else. A job is an alarm; the row is the truth. */
export type JobRequest = {
  readonly name: 'customer.converge';
  readonly organizationId: OrganizationId;
  readonly customerId: CustomerId;
};

/**
 * Rings bells. Promised: nothing. A bell may be lost, late or doubled; the sweep makes up for each.
 * `ring` never throws and never waits for a broken queue: a refused bell is counted and logged by the adapter.
 */
export interface JobQueue {
  /**
   * Rings now, or at an instant within the next 15 minutes. What is armed for one customer and second is one bell, at the
   * instant for which it was armed first.
   */
  ring(job: JobRequest, at?: Instant): Promise<void>;
}

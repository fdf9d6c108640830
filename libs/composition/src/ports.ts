import type { AllStores, Certificates } from '#core/access';
import type { Directory, TenantCatalogue, TenantChanges, TenantSurveyor } from '#core/accounts';
import type { AlarmSource } from '#core/alarms';
import type { Doorway } from '#core/identity';
import type { Clock, Ids, JobQueue, SecretBox, UnitOfWork } from '#core/shared';

/** Everything outside that the core asks for, each bound to one adapter (or, in tests, to a fake). */
export interface Ports {
  readonly unitOfWork: UnitOfWork<AllStores>;
  /** The same database over connections of the sweep's own; absent where nobody sweeps. */
  readonly sweepUnitOfWork?: UnitOfWork<AllStores>;
  readonly doorway: Doorway;
  readonly alarms: AlarmSource;
  readonly directory: Directory;
  readonly changes: TenantChanges;
  readonly catalogue: TenantCatalogue;
  readonly surveyor: TenantSurveyor;
  readonly queue: JobQueue;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly box: SecretBox;
  readonly certificates: Certificates;
  /** The slug of the organization for which the workload identity vouches. */
  readonly federatedOrganization: string | null;
}

/** By which Nest hands out the ports. */
export const PORTS = Symbol('ports');
/** By which Nest hands out the process's logger. */
export const LOGGER = Symbol('logger');

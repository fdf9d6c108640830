import type { AccountStores, Directory } from '#core/accounts';
import type { AuditStores } from '#core/audit';
import type { GrantStores } from '#core/grants';
import type { ProvingStores } from '#core/proving';
import type { Clock, IdempotencyStores, Ids, JobQueue, SecretBox, UnitOfWork } from '#core/shared';
import type { TenancyStores } from '#core/tenancy';

export type ConvergenceStores = AccountStores &
  AuditStores &
  GrantStores &
  IdempotencyStores &
  ProvingStores &
  TenancyStores;

/** The outside world as convergence needs it. */
export interface ConvergencePorts {
  readonly unitOfWork: UnitOfWork<ConvergenceStores>;
  readonly directory: Directory;
  readonly queue: JobQueue;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly box: SecretBox;
}

export { isAway } from './away.js';
export { earliest, HOUR, MINUTE, SECOND, type Clock, type Instant } from './clock.js';
export {
  defineErrors,
  DomainError,
  type ErrorDefinition,
  type ErrorDetails,
  type ErrorKind,
} from './domain-error.js';
export type { DeploymentLedger, DeploymentState, Restored } from './deployment-ledger.js';
export { type Ids } from './id-source.js';
export {
  idOf,
  type AccountId,
  type ConnectionId,
  type ConsentId,
  type CustomerId,
  type GrantId,
  type GroupId,
  type HoldId,
  type Id,
  type ObjectId,
  type CertificateId,
  type OrganizationAppId,
  type OrganizationId,
  type PolicyId,
  type RequestId,
  type RoleId,
  type TechnicianGroupId,
  type TechnicianId,
  type UnitId,
  type ValidationRunId,
} from './ids.js';
export type { IdempotencyStore, IdempotencyStores, IdempotentCreate } from './idempotency.js';
export { type JobQueue, type JobRequest } from './job-queue.js';
export type { HeldKeys, KeyHolder, KeyHolders } from './key-holders.js';
export {
  SEALED_COLUMNS,
  type Resealed,
  type SealedColumn,
  type SealedStore,
  type SealedStores,
  type SealedValue,
} from './sealed-store.js';
export { Secret } from './secret.js';
export { type SealedPlace, type SecretBox } from './secret-box.js';
export { sharedErrors } from './shared.errors.js';
export {
  CLAIM_MS,
  DRIFT_CLAIM_MS,
  LOOK_KEEPS_CLEAR_MS,
  UNREAD_MS,
  VALIDATION_CLAIM_MS,
  type BellWindow,
  type Claim,
  type Clockwork,
  type CustomerRef,
  type DriftClaim,
  type HoldRef,
  type Overdue,
  type OverdueCustomer,
  type UnitOfWork,
  type UpcomingBell,
  type UpcomingEnd,
  type ValidationClaim,
  type WorkLimits,
} from './unit-of-work.js';

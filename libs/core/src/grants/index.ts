export {
  changeGrantWithin,
  retried,
  ringFor,
  type ChangeGrantPorts,
  type ChangeGrantStores,
  type GrantChange,
} from './change-grant.js';
export { EndGrant, type EndGrantCommand } from './end-grant.js';
export { ExtendGrant, type ExtendGrantCommand } from './extend-grant.js';
export { grantErrors } from './grant.errors.js';
export {
  endsAt,
  isFinal,
  isLive,
  isRunning,
  owesEnd,
  type Bar,
  type EndAction,
  type EndReason,
  type Entitlement,
  type Grant,
  type GrantCredential,
  type GrantState,
  type Proof,
} from './grant.js';
export { grantTransitions, transition, type GrantEvent } from './grant-lifecycle.js';
export {
  barOf,
  concerns,
  kills,
  type GrantSurroundings,
  type Hold,
  type HoldScope,
  type HoldStore,
} from './hold.js';
export type { GrantFilter, GrantInForce, GrantStore, GrantStores } from './grant-store.js';

export {
  isTimeZone,
  longestOpeningMs,
  openness,
  WEEKDAYS,
  type AllowedHours,
  type HoursWindow,
  type LocalTime,
  type Weekday,
} from './allowed-hours.js';
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
  common,
  endsAt,
  isFinal,
  isLive,
  isRunning,
  MOST_OPEN_GRANTS,
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
export { barOf, concerns, kills, type GrantSurroundings, type Hold, type HoldScope } from './hold.js';
export { byHand, type ByHand } from './by-hand.js';
export { hindranceOf, type Hindrance } from './hindrance.js';
export {
  closingState,
  CLOSING_STATES,
  UNFINISHED,
  type ClosingAccount,
  type ClosingState,
  type HeldAtWorst,
  type Tally,
} from './closing-account.js';
export { holdErrors } from './hold.errors.js';
export {
  CLOCKS_DIFFER_MS,
  type ClosingFilter,
  type HoldFilter,
  type HoldStore,
  type HoldToReach,
  type AccountPage,
  type GrantedAccount,
  type Reach,
  type Reached,
  type ToReach,
} from './hold-store.js';
export { LiftHold, type LiftHoldCommand } from './lift-hold.js';
export { PullKillSwitch, type PullKillSwitchCommand } from './pull-kill-switch.js';
export { HoldReach } from './hold-reach.js';
export { ReachHolds, type ReachHoldsFailed } from './reach-holds.js';
export { aboveCeiling, underCeiling } from './role-ceiling.js';
export { requireNoHold } from './require-no-hold.js';
export {
  MOST_GRANTS_READ,
  shortenedTo,
  type GrantFilter,
  type GrantInForce,
  type GrantLimit,
  type GrantStore,
  type GrantStores,
  type LiveFilter,
  type LiveGrant,
  type MovedGrant,
  type ShortenedGrant,
} from './grant-store.js';
export { grantsByAccount } from './grants-by-account.js';

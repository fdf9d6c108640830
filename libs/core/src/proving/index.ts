export { AdvanceCanaries } from './advance-canaries.js';
export {
  GLOBAL_ADMINISTRATOR,
  PRIVILEGED_AUTHENTICATION_ADMINISTRATOR,
  ROLE_TIERS,
  tierOf,
  tiersOf,
  USER_ADMINISTRATOR,
  type RoleTier,
} from './role-tiers.js';
export { provingErrors } from './proving.errors.js';
export { requireTakeBack } from './take-back-gate.js';
export { RereadTakeBack, type RereadPorts } from './reread-take-back.js';
export { startCanaries, type CanaryStores } from './start-canaries.js';
export {
  stateOfTier,
  verdictFor,
  type CanaryRun,
  type ProvenApp,
  type ProvingStores,
  type TakeBackCause,
  type TakeBackOrder,
  type TakeBackProof,
  type TakeBackState,
  type TakeBackStore,
  type TakeBackVerdict,
} from './take-back.js';

export { directoryErrors } from './directory.errors.js';
export { accountErrors } from './account.errors.js';
export { workloadOf } from './call-workload.js';
export { DirectoryError, type DirectoryErrorReason } from './directory-error.js';
export type {
  AuthenticationMethod,
  Directory,
  DirectoryAnswer,
  DirectoryCall,
  DirectoryStep,
  MethodKind,
  MintedPass,
  ObservedEligibility,
  ObservedRole,
  ObservedSchedule,
  ObservedUser,
  RoleScope,
  StepOutcome,
  TenantInspection,
} from './directory.js';
export {
  holdsAnything,
  HOLDS_NOTHING,
  isGone,
  NO_DRIFT,
  passwordPlace,
  stateOf,
  type AccountDrift,
  type AccountKind,
  type AccountState,
  type Certainty,
  type EligibleState,
  type Failure,
  type HeldRole,
  type TimedMark,
  heldRole,
  type ManagedAccount,
  type MayHold,
  type RemovalProof,
  type Retirement,
  type SealedPassword,
  type Verification,
} from './managed-account.js';
export { CANARY_MS, endingBy, ownLive, ownRunning, type OwnEntitlement } from './own-entitlement.js';
export type {
  AccountFilter,
  AccountRef,
  AccountScope,
  AccountStores,
  ManagedAccountStore,
  Settlement,
  WorkedAccount,
} from './managed-account-store.js';
export type {
  CatalogueDomain,
  CatalogueGroup,
  CatalogueList,
  CatalogueRole,
  CatalogueUnit,
  GroupWish,
  TenantCatalogue,
} from './tenant-catalogue.js';
export type {
  EntraLicence,
  ExcessPermission,
  PassPolicy,
  Reading,
  StoppingPolicy,
  SurveyWish,
  TenantSurvey,
  TenantSurveyor,
  UnmetDemand,
} from './tenant-survey.js';
export { placeOf, roleInUnit, roleKeyOf, unitOf } from './role-key.js';
export type { TenantChanges, UserChange, UserChanges } from './tenant-changes.js';
export type { CustomerDrift, DriftStore, PassEnd, StrayUser, StrayVerdict } from './drift-store.js';
export {
  accountMarked,
  accountName,
  isMarkerLike,
  localPart,
  markerOf,
  nextName,
  ownAccountMarked,
  type MarkedIn,
} from './naming.js';
export { KNOWN_SIGN_IN_CODES, knownSignInMend, signInMend } from './sign-in-mends.js';
export { generatePassword } from './password.js';

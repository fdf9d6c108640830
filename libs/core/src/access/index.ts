export {
  type AccessPolicy,
  type AccessPolicyStore,
  type FieldRule,
  type PolicyTerms,
  type Rivalry,
} from './access-policy.js';
export { type AccessRequest, type AccessRequestState, type AccessRequestStore } from './access-request.js';
export { accessErrors } from './access.errors.js';
export { certificateErrors, MOST_PFX_ITERATIONS } from './certificate.errors.js';
export {
  type CertificateFacts,
  type Certificates,
  type CertificateWish,
  type KeyedCertificate,
} from './certificates.js';
export { ActivateCertificate } from './activate-certificate.js';
export { DiscardCertificate, MakeCertificate, pendingOf } from './pending-certificate.js';
export { readOffered, toldOf, type KeptCredential, type OfferedCredential } from './offered-credential.js';
export { type AccessStores, type AllStores } from './stores.js';
export { CancelAccessRequest, type CancelAccessRequestCommand } from './cancel-access-request.js';
export { ChangeRoleCeiling, type ChangeRoleCeilingCommand } from './change-role-ceiling.js';
export { effectivePolicies } from './effective-policies.js';
export { policiesAbove } from './policies-above.js';
export { ChangeAccessPolicy, type ChangeAccessPolicyCommand } from './change-access-policy.js';
export { ConnectCustomer, type ConnectCustomerCommand } from './connect-customer.js';
export { type CustomerCredential } from './customer-credential.js';
export { CreateAccessPolicy, type CreateAccessPolicyCommand } from './create-access-policy.js';
export { inspectionRefused, judgeInspection, notesOn } from './judge-inspection.js';
export { connectable, keepConnection } from './keep-connection.js';
export { workAgain } from './work-again.js';
export {
  isUsableDomain,
  notesOnDomain,
  notesOnGroup,
  notesOnRole,
  notesOnUnit,
  type CatalogueNote,
  type CatalogueNoteCode,
} from './catalogue-notes.js';
export { type CataloguePlace } from './catalogue-page.js';
export { type CustomerEffects } from './policy-effects.js';
export { type PolicyReach, type ReachedCustomer, type ReachObstacle } from './policy-reach.js';
export { type PolicyWarning, type PolicyWarningCode } from './policy-warnings.js';
export {
  PreviewAccessPolicy,
  type PolicyPreview,
  type PreviewAccessPolicyCommand,
} from './preview-access-policy.js';
export { ReadCatalogue, type CatalogueName, type CataloguePart } from './read-catalogue.js';
export { RequestAccess, type RequestAccessCommand } from './request-access.js';
export { RemoveRevokerCredential, SetRevokerCredential } from './revoker-credential.js';

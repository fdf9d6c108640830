export { beginCreate, type CallersKey } from './begin-create.js';
export type { Consent, ConsentProblem, ConsentState, ConsentStore, ProvenTenant } from './consent.js';
export type { CustomerFacts, CustomerFactsStore } from './customer-facts.js';
export { CreateCustomer, type CreateCustomerCommand } from './create-customer.js';
export { customerImportErrors } from './customer-import.errors.js';
export {
  credentialRefused,
  refusesCredential,
  type Customer,
  type CustomerStore,
  type ExpectedTenant,
  type TenantClock,
  type Throttle,
  type WorkConditions,
  type Workload,
} from './customer.js';
export {
  appsOf,
  credentialPlace,
  openApp,
  organizationAppPlace,
  revokerCredentialPlace,
  type Cloud,
  type CredentialKind,
  type EntraApp,
  type EntraConnection,
  type EntraConnectionStore,
  type RevokerCredential,
  type TimedRolesRefused,
  type TenantCapabilities,
} from './entra-connection.js';
export {
  ImportCustomers,
  MOST_IMPORT_LINES,
  type CustomerImport,
  type ImportedLine,
} from './import-customers.js';
export {
  IMPORT_COLUMNS,
  type ImportColumn,
  type ImportFault,
  type ListedCustomer,
} from './judge-import-line.js';
export { isLocalPart, isUsablePrefix, isUsableUsername, type NamingPattern } from './naming-pattern.js';
export {
  type OrganizationApp,
  type OrganizationAppStore,
  type UsableOrganizationApp,
} from './organization-app.js';
export { type Organization, type OrganizationStore, type RoleCeiling } from './organization.js';
export {
  openPending,
  pendingCertificatePlace,
  type PendingCertificate,
  type PendingCertificateStore,
} from './pending-certificate.js';
export { type TenancyStores } from './stores.js';
export {
  LINE_IDS,
  type LineId,
  type ValidateLine,
  type Validation,
  type ValidationStore,
  type Verdict,
} from './validation.js';
export {
  VALIDATION_LINE_STATES,
  type CouldNot,
  type ValidationLine,
  type ValidationLineEnd,
  type ValidationLineState,
  type ValidationRun,
  type ValidationRunProgress,
  type ValidationRunStore,
} from './validation-run.js';

import type { ConsentStore } from './consent.js';
import type { CustomerStore } from './customer.js';
import type { CustomerFactsStore } from './customer-facts.js';
import type { EntraConnectionStore } from './entra-connection.js';
import type { OrganizationAppStore } from './organization-app.js';
import type { PendingCertificateStore } from './pending-certificate.js';
import type { OrganizationStore } from './organization.js';
import type { ValidationRunStore } from './validation-run.js';
import type { ValidationStore } from './validation.js';

export interface TenancyStores {
  readonly organizations: OrganizationStore;
  readonly organizationApps: OrganizationAppStore;
  readonly pendingCertificates: PendingCertificateStore;
  readonly consents: ConsentStore;
  readonly customers: CustomerStore;
  readonly connections: EntraConnectionStore;
  readonly validations: ValidationStore;
  readonly validationRuns: ValidationRunStore;
  readonly customerFacts: CustomerFactsStore;
}

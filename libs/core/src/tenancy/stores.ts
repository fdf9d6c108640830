import type { CustomerStore } from './customer.js';
import type { EntraConnectionStore } from './entra-connection.js';
import type { OrganizationStore } from './organization.js';

export interface TenancyStores {
  readonly organizations: OrganizationStore;
  readonly customers: CustomerStore;
  readonly connections: EntraConnectionStore;
}

import type { Cloud } from './entra-connection.js';
import type { ExpectedTenant } from './customer.js';
import type { ImportLineCode } from './customer-import.errors.js';

/** What a list of customers may say of each. */
export const IMPORT_COLUMNS = ['name', 'tenantId', 'cloud', 'domain'] as const;
export type ImportColumn = (typeof IMPORT_COLUMNS)[number];

export interface ImportFault {
  readonly code: ImportLineCode;
  /** Where in the line; null: the line as a whole. */
  readonly column: ImportColumn | null;
}

/** A line of a list as it was read: its cells, or why it can't be. */
export type ListedCustomer =
  | { readonly line: number; readonly cells: Readonly<Partial<Record<ImportColumn, string>>> }
  | { readonly line: number; readonly fault: ImportFault };

/** A customer that a line describes. */
export interface AnnouncedCustomer {
  readonly name: string;
  readonly expected: ExpectedTenant | null;
}

const MOST_NAME = 200;
const MOST_DOMAIN = 255;
/** Control characters and line separators forge lines where they are printed; U+FFFD and half a surrogate pair are what was lost on the way. */
const UNUSABLE = /[\p{Cc}\p{Cs}\u2028\u2029\ufffd]/u;
/** An id of a tenant; the one of all zeros is nobody's. */
const TENANT_ID = /^(?!0{8}-(?:0{4}-){3}0{12}$)[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;
const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const DOMAIN = new RegExp(`^${LABEL}(?:\\.${LABEL})+$`);
const CLOUDS: readonly Cloud[] = ['global', 'us-government', 'china', 'custom'];

/** The customer that the cells describe, or the first thing that is wrong with them. */
export const judgeImportLine = (
  cells: Readonly<Partial<Record<ImportColumn, string>>>,
): AnnouncedCustomer | ImportFault => {
  const name = (cells.name ?? '').trim().normalize('NFC');
  const tenantId = valueOf(cells.tenantId);
  const cloud = valueOf(cells.cloud);
  const domain = valueOf(cells.domain);
  const fault = nameFault(name) ?? tenantFault({ tenantId, cloud, domain });
  if (fault !== null) return fault;
  if (tenantId === null && cloud === null && domain === null) return { name, expected: null };
  return { name, expected: { cloud: (cloud ?? 'global') as Cloud, tenantId, domain } };
};

/** By which two names are the same customer's. */
export const nameKey = (name: string): string =>
  name.normalize('NFKC').trim().replace(/\s+/g, ' ').toLowerCase();

const valueOf = (cell: string | undefined): string | null => {
  const value = (cell ?? '').trim().toLowerCase();
  return value === '' ? null : value;
};

const nameFault = (name: string): ImportFault | null => {
  if (name === '') return { code: 'customer_import.name_missing', column: 'name' };
  if (UNUSABLE.test(name)) return { code: 'customer_import.name_unusable', column: 'name' };
  if (name.length > MOST_NAME) return { code: 'customer_import.name_too_long', column: 'name' };
  return null;
};

const tenantFault = (given: {
  readonly tenantId: string | null;
  readonly cloud: string | null;
  readonly domain: string | null;
}): ImportFault | null => {
  const { tenantId, cloud, domain } = given;
  if (tenantId !== null && !TENANT_ID.test(tenantId))
    return { code: 'customer_import.tenant_id_malformed', column: 'tenantId' };
  if (cloud !== null && !CLOUDS.some((one) => one === cloud))
    return { code: 'customer_import.cloud_unknown', column: 'cloud' };
  if (domain !== null && (domain.length > MOST_DOMAIN || !DOMAIN.test(domain)))
    return { code: 'customer_import.domain_malformed', column: 'domain' };
  return null;
};

import { defineErrors } from '#core/shared';

/** What can be wrong with a list of customers as a whole, and with a line of it. */
export const customerImportErrors = defineErrors({
  'customer_import.empty': {
    kind: 'invalid',
    title: 'The list has no line below its header.',
    remedy: 'Send a header line and at least one customer: `name,tenantId` and below it `Contoso,`.',
  },
  'customer_import.not_utf8': {
    kind: 'invalid',
    title: 'The list is not text in UTF-8.',
    remedy: 'Save it as “CSV UTF-8”.',
  },
  'customer_import.header_missing': {
    kind: 'invalid',
    title: 'The first line of the list names no column `name`.',
    remedy: 'Begin with a header: `name`, and as you like `tenantId`, `cloud` and `domain`, in any order.',
  },
  'customer_import.columns_unknown': {
    kind: 'invalid',
    title: 'The header of the list names columns that mean nothing here; `columns` says which.',
    remedy: 'Leave them out: there are `name`, `tenantId`, `cloud` and `domain`.',
  },
  'customer_import.columns_twice': {
    kind: 'invalid',
    title: 'The header of the list names a column twice; `columns` says which.',
    remedy: 'Name each once.',
  },
  'customer_import.secrets_refused': {
    kind: 'invalid',
    title: 'The list has a column for a secret. Lists are mailed and kept, so none is taken from them.',
    remedy:
      'Take the column out, and exchange what stood in it. Connect each customer by a consent link, or with ' +
      'PUT /api/v1/customers/{id}/entra-connection.',
  },
  'customer_import.too_many': {
    kind: 'invalid',
    title: 'The list has more lines than are taken at once.',
    remedy: 'Split it into lists of up to `maximum` customers. What is there already is not made again.',
  },
  'customer_import.line_too_long': {
    kind: 'invalid',
    title: 'This line is longer than any customer needs.',
    remedy: 'Look for a quote or a line break that is missing.',
  },
  'customer_import.quote_wrong': {
    kind: 'invalid',
    title: 'A quote in this line is opened and not closed, or stands where none may.',
    remedy:
      'Put the whole cell into quotes and write each quote in it twice: "Contoso ""North"" Ltd". One customer is one line.',
  },
  'customer_import.cells_wrong': {
    kind: 'invalid',
    title: 'This line has more cells than the header.',
    remedy: 'Put a cell with a comma (or whatever stands between cells) into quotes.',
  },
  'customer_import.name_missing': {
    kind: 'invalid',
    title: 'This line names no customer.',
    remedy: 'Give the name.',
  },
  'customer_import.name_unusable': {
    kind: 'invalid',
    title: 'The name has control characters in it, or signs that were lost when the list was saved.',
    remedy: 'Write it anew, and save the list as “CSV UTF-8”.',
  },
  'customer_import.name_too_long': {
    kind: 'invalid',
    title: 'The name is longer than 200 characters.',
    remedy: 'Shorten it.',
  },
  'customer_import.tenant_id_malformed': {
    kind: 'invalid',
    title: 'The tenant id is none.',
    remedy:
      'Copy “Directory (tenant) ID” from the overview of Entra: 32 digits and letters a to f, as 8-4-4-4-12.',
  },
  'customer_import.cloud_unknown': {
    kind: 'invalid',
    title: 'There is no such cloud.',
    remedy: 'Write global, us-government, china or custom, or leave it empty for global.',
  },
  'customer_import.domain_malformed': {
    kind: 'invalid',
    title: 'The domain is none.',
    remedy: 'Write it like contoso.onmicrosoft.com, without @ and https://, or leave it empty.',
  },
  'customer_import.duplicate': {
    kind: 'conflict',
    title: 'An earlier line of this list has the same name or tenant.',
    remedy: 'Take one of them out, or give the other its own name and tenant.',
  },
  'customer_import.other_tenant': {
    kind: 'conflict',
    title: 'A customer of this name is there, and it is in another tenant.',
    remedy: 'If they are two customers, give this one another name; if it is one, mend the tenant id.',
  },
});

/** Codes that a single line is told by. */
export type ImportLineCode = keyof typeof customerImportErrors.definitions;

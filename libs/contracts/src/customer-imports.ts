import { z } from 'zod';
import { createHeaders, id, text } from './fields.js';
import { route } from './route.js';

/** Within what the API reads of a body unless it is configured otherwise, with room for JSON's escapes. */
const MOST_CSV = 90_000;
const MOST_LINES = 1_000;

const importedLine = z.strictObject({
  line: z.int().meta({ description: 'In the list, the header being line 1.' }),
  name: text(200).nullable(),
  status: z.enum(['created', 'exists', 'wrong']).meta({
    description:
      'created: or would be, where nothing was `written`. exists: it was there, and stays as it was.',
  }),
  customerId: id.nullable(),
  wrong: z
    .strictObject({
      code: text(100),
      column: z.enum(['name', 'tenantId', 'cloud', 'domain']).nullable(),
      says: text(1_000),
      mend: text(1_000),
      sameAsLine: z.int().nullable().meta({ description: 'Of a duplicate: the earlier line.' }),
    })
    .nullable(),
});

const customerImport = z
  .strictObject({
    written: z.boolean().meta({
      description: 'false: it was a dry run, or all or nothing was asked for and a line is wrong.',
    }),
    counts: z.strictObject({ created: z.int(), exists: z.int(), wrong: z.int() }),
    lines: z.array(importedLine).max(MOST_LINES),
  })
  .meta({ id: 'CustomerImport', description: 'What came of a list of customers, line by line.' });
export type CustomerImportOut = z.output<typeof customerImport>;

export const customerImportRoutes = {
  importCustomers: route({
    id: 'importCustomers',
    tag: 'Customers',
    method: 'POST',
    path: '/api/v1/customer-imports',
    permission: 'customer:create',
    summary: 'Import a list of customers, or try it first',
    description:
      'CSV in UTF-8 with a header: `name`, and as you like `tenantId`, `cloud` and `domain`; commas, semicolons or tabs. Secrets are ' +
      'not taken. Good lines are taken though others are wrong; what is there is not made again, so the same list may be sent again.',
    request: {
      headers: createHeaders,
      body: z.strictObject({
        csv: z.string().min(1, 'must not be empty').max(MOST_CSV),
        dryRun: z.boolean().default(false).meta({ description: 'Tell the same, and write nothing.' }),
        allOrNothing: z
          .boolean()
          .default(false)
          .meta({ description: 'Write nothing when any line is wrong.' }),
      }),
    },
    success: { status: 200, description: 'The report.', schema: customerImport },
    refusals: [409],
  }),
};

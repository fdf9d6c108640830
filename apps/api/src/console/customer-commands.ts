import { readFile, stat } from 'node:fs/promises';
import type { Command } from 'commander';
import { CreateCustomer, customerImportErrors, ImportCustomers, MOST_IMPORT_LINES } from '#core/tenancy';
import { presentImport } from '../customers/present-import.js';
import { readCustomerList } from '../customers/read-customer-list.js';
import { given, nameOf, organizationOf } from './arguments.js';
import type { Terminal } from './terminal.js';

interface CreateOptions {
  readonly organization?: string;
  readonly name: string;
}

interface ImportOptions {
  readonly dryRun?: true;
  readonly allOrNothing?: true;
}

/** More than so many lines have. */
const MOST_BYTES = 2_000_000;

export const addCustomerCommands = (program: Command, terminal: Terminal): void => {
  const { withPorts, print } = terminal;
  const customer = program.command('customer').description('Companies that an organization looks after');
  customer
    .command('create')
    .description('Create a customer; prints its id.')
    .argument('[organization]', 'slug; or --organization')
    .option('--organization <slug>', 'slug of the organization')
    .requiredOption('--name <name>', 'full name', nameOf)
    .action((organization: string | undefined, options: CreateOptions) =>
      withPorts(async (ports) => {
        const slug = given(organization, options.organization, 'organization');
        const created = await new CreateCustomer(ports).execute({
          organizationId: await organizationOf(ports, slug),
          name: options.name,
          actor: { kind: 'console' },
          idempotency: null,
        });
        print(created.id);
      }),
    );
  customer
    .command('import')
    .description('Import a list of customers (CSV in UTF-8); prints what came of each line.')
    .argument('<organization>', 'slug')
    .argument('<file>', 'with a header: name, and as you like tenantId, cloud and domain')
    .option('--dry-run', 'tell the same, and write nothing')
    .option('--all-or-nothing', 'write nothing when any line is wrong')
    .action((organization: string, file: string, options: ImportOptions) =>
      importList(terminal, { organization, file, ...options }),
    );
};

const importList = (
  { withPorts, print, remark, unfinished }: Terminal,
  {
    organization,
    file,
    dryRun,
    allOrNothing,
  }: ImportOptions & { readonly organization: string; readonly file: string },
): Promise<void> =>
  withPorts(async (ports) => {
    const lines = readCustomerList(await textIn(file));
    const done = await new ImportCustomers(ports).execute({
      organizationId: await organizationOf(ports, organization),
      lines,
      dryRun: dryRun ?? false,
      allOrNothing: allOrNothing ?? false,
      actor: { kind: 'console' },
      idempotency: null,
    });
    const { counts, written, lines: told } = presentImport(done);
    for (const { line, status, name, customerId, wrong } of told) {
      const why = wrong === null ? '' : `${wrong.code}: ${wrong.says} ${wrong.mend}`;
      print([line, status, customerId ?? '-', name ?? '-', why].join('\t').trimEnd());
    }
    remark(`${counts.created} created, ${counts.exists} there already, ${counts.wrong} wrong.`);
    if (!written) remark('Nothing was written.');
    if (counts.wrong > 0) unfinished();
  });

/** Throws `customer_import.not_utf8`, `customer_import.too_many`. */
const textIn = async (file: string): Promise<string> => {
  if ((await stat(file)).size > MOST_BYTES)
    throw customerImportErrors.refuse('customer_import.too_many', { maximum: MOST_IMPORT_LINES });
  const bytes = await readFile(file);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw customerImportErrors.refuse('customer_import.not_utf8');
  }
};

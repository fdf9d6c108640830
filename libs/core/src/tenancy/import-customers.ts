import type { AuditActor, AuditStores } from '#core/audit';
import {
  idOf,
  type Clock,
  type CustomerId,
  type IdempotencyStores,
  type Ids,
  type OrganizationId,
  type UnitOfWork,
} from '#core/shared';
import { beginCreate, type CallersKey } from './begin-create.js';
import { newCustomer } from './create-customer.js';
import { customerImportErrors } from './customer-import.errors.js';
import type { Customer } from './customer.js';
import type { ImportFault, ListedCustomer } from './judge-import-line.js';
import { planLines, readLines, type KnownCustomer, type PlannedLine } from './plan-import.js';
import type { TenancyStores } from './stores.js';

type Stores = TenancyStores & AuditStores & IdempotencyStores;

export const MOST_IMPORT_LINES = 1_000;
/** So many lines are one transaction: what was written before a failure stays, and is known when the list is sent again. */
const A_BATCH = 100;
const A_PAGE = 200;

export interface ImportCustomersCommand {
  readonly organizationId: OrganizationId;
  readonly lines: readonly ListedCustomer[];
  /** Nothing is written. */
  readonly dryRun: boolean;
  /** Nothing is written when any line is wrong. */
  readonly allOrNothing: boolean;
  readonly actor: AuditActor;
  readonly idempotency: CallersKey | null;
}

/** What came of one line. */
export interface ImportedLine {
  readonly line: number;
  readonly name: string | null;
  /** `created`: or would be, where nothing was written. */
  readonly status: 'created' | 'exists' | 'wrong';
  readonly customerId: CustomerId | null;
  readonly fault: ImportFault | null;
  /** Of a duplicate: the line that says the same. */
  readonly sameAsLine: number | null;
}

export interface CustomerImport {
  /** False: it was a dry run, or all or nothing and a line was wrong. */
  readonly written: boolean;
  readonly lines: readonly ImportedLine[];
}

/**
 * Takes a list of customers line by line. Good lines are taken though others are wrong; what is there already is not made
 * again, however often the list is sent.
 */
export class ImportCustomers {
  constructor(
    private readonly ports: {
      readonly unitOfWork: UnitOfWork<Stores>;
      readonly clock: Clock;
      readonly ids: Ids;
    },
  ) {}

  /** Throws `customer_import.empty`, `customer_import.too_many`, `idempotency.key_reused`, `organization.not_found`. */
  async execute(command: ImportCustomersCommand): Promise<CustomerImport> {
    const { lines, dryRun, allOrNothing } = command;
    if (lines.length === 0) throw customerImportErrors.refuse('customer_import.empty');
    if (lines.length > MOST_IMPORT_LINES)
      throw customerImportErrors.refuse('customer_import.too_many', { maximum: MOST_IMPORT_LINES });
    const read = readLines(lines);
    if (dryRun) return { written: false, lines: (await this.look(command, read)).map(told) };
    const size = allOrNothing ? read.length : A_BATCH;
    const done: ImportedLine[] = [];
    for (let from = 0; from < read.length; from += size) {
      const batch = await this.batch(command, read.slice(from, from + size));
      done.push(...batch.lines);
      if (!batch.written) return { written: false, lines: done };
    }
    return { written: true, lines: done };
  }

  private look(
    { organizationId }: ImportCustomersCommand,
    read: ReturnType<typeof readLines>,
  ): Promise<readonly PlannedLine[]> {
    return this.ports.unitOfWork.inOrganization(organizationId, async (stores) =>
      planLines(read, await everyCustomer(stores)),
    );
  }

  private batch(
    command: ImportCustomersCommand,
    read: ReturnType<typeof readLines>,
  ): Promise<CustomerImport> {
    const { organizationId, idempotency, allOrNothing } = command;
    const resourceId = this.ports.ids.uuid();
    return this.ports.unitOfWork.inOrganization(organizationId, async (stores) => {
      await beginCreate(stores, idempotency, { operation: 'customer.import', resourceId });
      // Two lists at once would each miss what the other makes.
      await stores.organizations.lock();
      const planned = planLines(read, await everyCustomer(stores));
      if (allOrNothing && planned.some(({ is }) => is === 'wrong'))
        return { written: false, lines: planned.map(told) };
      const lines: ImportedLine[] = [];
      for (const line of planned) lines.push(await this.take(stores, command, line));
      return { written: true, lines };
    });
  }

  private async take(
    stores: Stores,
    { organizationId, actor }: ImportCustomersCommand,
    line: PlannedLine,
  ): Promise<ImportedLine> {
    if (line.is !== 'new') return told(line);
    const { name, expected } = line.customer;
    const customer: Customer = {
      id: idOf(this.ports.ids.uuid()),
      organizationId,
      name,
      state: 'active',
      createdAt: this.ports.clock.now(),
      ...(expected === null ? {} : { expected }),
    };
    await newCustomer(stores, customer, { actor, imported: true });
    return { ...told(line), customerId: customer.id };
  }
}

const told = (planned: PlannedLine): ImportedLine => ({
  line: planned.line,
  name: planned.name,
  status: statuses[planned.is],
  customerId: planned.is === 'known' ? planned.id : null,
  fault: planned.is === 'wrong' ? planned.fault : null,
  sameAsLine: planned.is === 'wrong' ? (planned.sameAsLine ?? null) : null,
});

const statuses = {
  new: 'created',
  known: 'exists',
  wrong: 'wrong',
} as const satisfies Record<PlannedLine['is'], ImportedLine['status']>;

/** All that are there or on their way out, with the tenant that each is in. */
const everyCustomer = async ({
  customers,
  connections,
}: TenancyStores): Promise<readonly KnownCustomer[]> => {
  const known: KnownCustomer[] = [];
  let after: CustomerId | null = null;
  do {
    const page: readonly Customer[] = await customers.list({ after, limit: A_PAGE });
    const connected = await connections.ofCustomers(page.map(({ id }) => id));
    for (const { id, name, state, expected } of page) {
      if (state === 'removed') continue;
      const { cloud, tenantId } = connected.get(id) ?? expected ?? { cloud: 'global', tenantId: null };
      known.push({ id, name, cloud, tenantId });
    }
    after = page.length === A_PAGE ? (page.at(-1)?.id ?? null) : null;
  } while (after !== null);
  return known;
};

import { aWorld, FakeClock, FakeIds, InMemoryUnitOfWork, NOON, plant } from '#core/testing';
import { ImportCustomers, MOST_IMPORT_LINES, type CustomerImport } from './import-customers.js';
import type { ImportColumn, ListedCustomer } from './judge-import-line.js';

const TENANT = '0c0470c0-1111-4000-8000-00000000c070';
const OTHER = '0c0470c0-2222-4000-8000-00000000c070';

type Cells = Partial<Record<ImportColumn, string>>;
const listOf = (...cells: readonly Cells[]): readonly ListedCustomer[] =>
  cells.map((each, index) => ({ line: index + 2, cells: each }));

/** An organization with Contoso, which is connected. */
const setUp = async () => {
  const [ids, clock, unitOfWork] = [new FakeIds(), new FakeClock(NOON), new InMemoryUnitOfWork()];
  const world = aWorld(ids);
  await plant(unitOfWork, world);
  const { organization, technician } = world;
  const actor = { kind: 'technician', id: technician.id, tokenId: null } as const;
  const take = (
    lines: readonly ListedCustomer[],
    how: { dryRun?: boolean; allOrNothing?: boolean; key?: string; bodyDigest?: string } = {},
  ): Promise<CustomerImport> => {
    const { dryRun = false, allOrNothing = false, key, bodyDigest = 'd' } = how;
    const idempotency = key === undefined ? null : { key, bodyDigest, actorId: technician.id };
    const command = { organizationId: organization.id, lines, dryRun, allOrNothing, actor, idempotency };
    return new ImportCustomers({ unitOfWork, clock, ids }).execute(command);
  };
  const customers = () => unitOfWork.peek().customers.filter(({ id }) => id !== world.customer.id);
  return { take, customers, unitOfWork, world, actor };
};

const statusesIn = ({ lines }: CustomerImport) => lines.map(({ status }) => status);
const codesIn = ({ lines }: CustomerImport) => lines.map(({ fault }) => fault?.code ?? null);

describe('ImportCustomers', () => {
  it('makes a customer of each line, remembers what was announced of its tenant, and says so in the audit log', async () => {
    const { take, customers, unitOfWork, actor } = await setUp();

    const { written, lines } = await take(
      listOf({ name: 'Fabrikam', tenantId: TENANT, domain: 'fabrikam.example' }, { name: 'Northwind' }),
    );

    expect(written).toBe(true);
    const [fabrikam, northwind] = customers();
    expect(lines).toMatchObject([
      { line: 2, name: 'Fabrikam', status: 'created', customerId: fabrikam?.id, fault: null },
      { line: 3, name: 'Northwind', status: 'created', customerId: northwind?.id },
    ]);
    expect(fabrikam).toMatchObject({
      state: 'active',
      expected: { cloud: 'global', tenantId: TENANT, domain: 'fabrikam.example' },
    });
    expect(northwind).not.toHaveProperty('expected');
    const told = unitOfWork.peek().audit.filter(({ action }) => action === 'customer.created');
    expect(told).toMatchObject([
      {
        actor,
        customerId: fabrikam?.id,
        details: { name: 'Fabrikam', imported: true, expectedTenantId: TENANT },
      },
      { customerId: northwind?.id, details: { expectedTenantId: null } },
    ]);
  });

  it('makes nothing twice, however often the same list is sent', async () => {
    const { take, customers } = await setUp();
    const list = listOf({ name: 'Fabrikam', tenantId: TENANT }, { name: 'Northwind' });

    const first = await take(list);
    const again = await take(list);

    expect(statusesIn(again)).toEqual(['exists', 'exists']);
    expect(again.lines.map(({ customerId }) => customerId)).toEqual(
      first.lines.map(({ customerId }) => customerId),
    );
    expect(customers()).toHaveLength(2);
  });

  it('knows a customer by its tenant, connected or announced, and else by its name', async () => {
    const { take, world } = await setUp();
    const { tenantId } = world.connection;
    await take(listOf({ name: 'Fabrikam', tenantId: TENANT }, { name: 'Northwind' }));

    const known = await take(
      listOf(
        { name: 'Contoso (Zürich)', tenantId },
        { name: 'FABRIKAM ' },
        { name: 'Northwind', tenantId: OTHER },
        { name: 'Fabrikam China', tenantId: TENANT, cloud: 'china' },
      ),
    );

    expect(statusesIn(known)).toEqual(['exists', 'exists', 'exists', 'created']);
    expect(known.lines[0]?.customerId).toBe(world.customer.id);
  });

  it('takes the good lines though others are wrong, and says of each what is', async () => {
    const { take, customers } = await setUp();

    const done = await take([
      ...listOf(
        { name: 'Fabrikam', tenantId: TENANT },
        { name: '' },
        { name: 'fabrikam' },
        { name: 'Elsewhere', tenantId: TENANT },
        { name: 'Contoso', tenantId: OTHER },
        { name: 'Northwind' },
      ),
      { line: 9, fault: { code: 'customer_import.quote_wrong', column: null } },
    ]);

    expect(codesIn(done)).toEqual([
      null,
      'customer_import.name_missing',
      'customer_import.duplicate',
      'customer_import.duplicate',
      'customer_import.other_tenant',
      null,
      'customer_import.quote_wrong',
    ]);
    expect(done.lines.map(({ sameAsLine }) => sameAsLine)).toEqual([null, null, 2, 2, null, null, null]);
    expect(customers().map(({ name }) => name)).toEqual(['Fabrikam', 'Northwind']);
  });

  it('writes nothing in a dry run, and tells the same', async () => {
    const { take, customers, unitOfWork } = await setUp();
    const list = listOf({ name: 'Fabrikam' }, { name: '' }, { name: 'Contoso' });

    const tried = await take(list, { dryRun: true, key: 'k' });

    expect(tried.written).toBe(false);
    expect([customers(), unitOfWork.peek().creates]).toEqual([[], []]);
    const done = await take(list, { key: 'k' });
    expect(statusesIn(tried)).toEqual(statusesIn(done));
    expect(codesIn(tried)).toEqual(codesIn(done));
  });

  it('writes all or nothing when that is asked for', async () => {
    const { take, customers } = await setUp();
    const good = listOf({ name: 'Fabrikam' }, { name: 'Northwind' });

    const refused = await take([...good, ...listOf({ name: '' })], { allOrNothing: true });
    expect([refused.written, statusesIn(refused)]).toEqual([false, ['created', 'created', 'wrong']]);
    expect(refused.lines.map(({ customerId }) => customerId)).toEqual([null, null, null]);
    expect(customers()).toEqual([]);

    expect((await take(good, { allOrNothing: true })).written).toBe(true);
    expect(customers()).toHaveLength(2);
  });

  it('takes a thousand lines in batches, each known to the next', async () => {
    const { take, customers } = await setUp();
    const names = Array.from({ length: MOST_IMPORT_LINES }, (_, index) => ({ name: `Customer ${index}` }));

    const done = await take(listOf(...names));

    expect(new Set(statusesIn(done))).toEqual(new Set(['created']));
    expect(customers()).toHaveLength(MOST_IMPORT_LINES);
    await expect(take(listOf(...names, { name: 'one more' }))).rejects.toMatchObject({
      code: 'customer_import.too_many',
      details: { maximum: MOST_IMPORT_LINES },
    });
    await expect(take([])).rejects.toMatchObject({ code: 'customer_import.empty' });
  });

  it('takes a name again whose customer was removed', async () => {
    const { take, unitOfWork, world } = await setUp();
    await unitOfWork.inOrganization(world.organization.id, ({ customers }) =>
      customers.setState(world.customer.id, 'removed'),
    );

    expect(statusesIn(await take(listOf({ name: 'Contoso' })))).toEqual(['created']);
  });

  it('refuses another list under the same key', async () => {
    const { take } = await setUp();
    await take(listOf({ name: 'Fabrikam' }), { key: 'k' });

    expect(statusesIn(await take(listOf({ name: 'Fabrikam' }), { key: 'k' }))).toEqual(['exists']);
    const other = take(listOf({ name: 'Northwind' }), { key: 'k', bodyDigest: 'other' });
    await expect(other).rejects.toMatchObject({ code: 'idempotency.key_reused' });
  });
});

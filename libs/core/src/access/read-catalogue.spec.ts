import { DirectoryError, type CatalogueGroup, type DirectoryErrorReason } from '#core/accounts';
import { idOf, MINUTE, Secret, SECOND } from '#core/shared';
import { credentialPlace } from '#core/tenancy';
import { ConvergenceWorld } from '../testing/convergence-world.js';
import {
  fakeCatalogueGroup,
  FakeTenantCatalogue,
  type FakeCatalogueSpec,
} from '../testing/fake-tenant-catalogue.js';
import { ReadCatalogue, type CatalogueName, type ReadCatalogueCommand } from './read-catalogue.js';

const groupsNamed = (count: number): readonly CatalogueGroup[] =>
  Array.from({ length: count }, (_, at) => fakeCatalogueGroup(`Group ${String(at).padStart(5, '0')}`));

const setUp = async (spec: Partial<FakeCatalogueSpec> = {}) => {
  const world = await ConvergenceWorld.create();
  const catalogue = new FakeTenantCatalogue();
  const { tenantId } = world.tenant;
  const tenant = (change: Partial<FakeCatalogueSpec>) => catalogue.addTenant({ tenantId, ...change });
  tenant({ groups: groupsNamed(5), ...spec });
  const asked: string[] = [];
  catalogue.onRead = (list, app) => void asked.push(`${list} v${app.version}`);
  const { unitOfWork, clock, box, customer } = world;
  const useCase = new ReadCatalogue({ unitOfWork, catalogue, clock, box });
  const read = <Name extends CatalogueName>(list: Name, change: Partial<ReadCatalogueCommand<Name>> = {}) =>
    useCase.execute<Name>({
      ...customer,
      list,
      search: null,
      fresh: false,
      after: null,
      limit: 100,
      ...change,
    });
  return { world, catalogue, tenant, asked, read };
};

const failure = (reason: DirectoryErrorReason, retryAfterSeconds: number | null = null): DirectoryError =>
  new DirectoryError(reason, `No: ${reason}.`, {
    retry: 'later',
    workload: 'directory',
    status: 400,
    code: 'Code',
    retryAfterSeconds,
    requestId: null,
  });

/** Another credential of the same tenant, under the next version. */
const exchange = async ({ unitOfWork, box, customer, tenant }: ConvergenceWorld): Promise<void> => {
  await unitOfWork.inOrganization(customer.organizationId, async ({ connections }) => {
    const known = await connections.ofCustomer(customer.customerId);
    if (known === null) throw new Error('No connection.');
    const next = { ...known, version: known.version + 1 };
    const sealedCredential = box.seal(new Secret(tenant.credential), credentialPlace(next));
    await connections.save({ ...next, sealedCredential }, known.version);
  });
};

describe('Reading a catalogue', () => {
  it('tells each list in the order of names, whole, and with when it was asked for', async () => {
    const { world, read } = await setUp({
      groups: [fakeCatalogueGroup('zebra'), fakeCatalogueGroup('Apple')],
      units: [{ id: idOf('u'), displayName: 'Berlin', restricted: false }],
      domains: [
        { name: 'b.example', verified: true, managed: true, isDefault: true, initial: false },
        { name: 'a.example', verified: false, managed: true, isDefault: false, initial: false },
      ],
    });

    const groups = await read('groups');
    expect(groups).toMatchObject({ total: 2, gap: null, next: null, askedAt: world.clock.now() });
    expect(groups.items.map(({ displayName }) => displayName)).toEqual(['Apple', 'zebra']);
    expect((await read('domains')).items.map(({ name }) => name)).toEqual(['a.example', 'b.example']);
    expect((await read('units')).items).toHaveLength(1);
    expect(await read('roles')).toMatchObject({ items: [], total: 0, gap: null });
  });

  it('asks once a minute for each question, page by page', async () => {
    const { world, asked, read } = await setUp();

    const first = await read('groups', { limit: 2 });
    const second = await read('groups', { limit: 2, after: first.next });
    const third = await read('groups', { limit: 2, after: second.next });
    await read('groups', { search: 'group' });

    expect([first, second, third].map(({ items }) => items.length)).toEqual([2, 2, 1]);
    expect(third.next).toBeNull();
    expect(asked).toEqual(['groups v1', 'groups v1']);
    world.clock.advance(MINUTE);
    await read('groups');
    expect(asked).toHaveLength(3);
  });

  it('asks anew on demand, and goes on paging in what is new', async () => {
    const { tenant, asked, read } = await setUp();
    const first = await read('groups', { limit: 2 });
    tenant({ groups: groupsNamed(7).slice(1) });

    const anew = await read('groups', { limit: 100, after: first.next, fresh: true });

    expect(asked).toHaveLength(2);
    expect(anew.items.map(({ displayName }) => displayName.slice(-1))).toEqual(['2', '3', '4', '5', '6']);
  });

  it('waits ten seconds for a list, and no longer', async () => {
    const { catalogue, read } = await setUp();
    const waits: unknown[] = [];
    const empty = { items: [], complete: true, brokenOff: null };
    const listed = (timeoutMs: number) => {
      waits.push(timeoutMs);
      return Promise.resolve(empty);
    };
    catalogue.listGroups = (_app, _wish, timeoutMs) => listed(timeoutMs);
    catalogue.listRoles = (_app, timeoutMs) => listed(timeoutMs);
    catalogue.listUnits = (_app, timeoutMs) => listed(timeoutMs);
    catalogue.listDomains = (_app, timeoutMs) => listed(timeoutMs);

    for (const list of ['groups', 'roles', 'units', 'domains'] as const) await read(list);

    expect(waits).toEqual(Array(4).fill(10 * SECOND));
  });

  it('lets two who ask at once share one call', async () => {
    const { catalogue, read } = await setUp();
    let calls = 0;
    // Nobody is answered before all have asked.
    catalogue.onRead = () => {
      calls += 1;
      return new Promise((resolve) => setImmediate(resolve));
    };

    await Promise.all([read('groups'), read('groups'), read('groups', { fresh: true })]);

    expect(calls).toBe(1);
  });

  it('reads 999 groups and no more, and says so', async () => {
    const { tenant, read } = await setUp({ groups: groupsNamed(999) });
    expect(await read('groups')).toMatchObject({ total: 999, gap: null });
    tenant({ groups: groupsNamed(1_000) });

    const { total, gap } = await read('groups', { fresh: true });

    expect([total, gap?.code]).toEqual([999, 'more_than_read']);
    expect(gap?.message).toContain('999');
    expect(await read('groups', { search: '00999' })).toMatchObject({ total: 1, gap: null });
  });

  it('says why a list broke off, and soon asks again', async () => {
    const { world, catalogue, read } = await setUp();
    const broken = { items: groupsNamed(3), complete: false, brokenOff: failure('throttled', 7) };
    let calls = 0;
    catalogue.listGroups = () => {
      calls += 1;
      return Promise.resolve(broken);
    };

    expect(await read('groups')).toMatchObject({ total: 3, gap: { code: 'directory.unavailable' } });
    await read('groups');
    expect(calls).toBe(1);
    world.clock.advance(5 * SECOND);
    await read('groups');
    expect(calls).toBe(2);
  });

  it('never answers from what an earlier credential saw', async () => {
    const { world, tenant, asked, read } = await setUp();
    await read('groups');
    tenant({ groups: [] });

    await exchange(world);

    expect((await read('groups')).items).toEqual([]);
    expect(asked).toEqual(['groups v1', 'groups v2']);
  });

  it('never answers to another organization or customer, not even for the same tenant', async () => {
    const { asked, read } = await setUp();
    await read('groups');

    for (const other of [
      { organizationId: idOf<'organization'>('other') },
      { customerId: idOf<'customer'>('other') },
    ])
      await expect(read('groups', other)).rejects.toMatchObject({ code: 'customer.not_found' });
    expect(asked).toHaveLength(1);
  });

  it.each<[DirectoryErrorReason, string]>([
    ['credential_bad', 'directory.credential_bad'],
    ['consent_missing', 'directory.consent_missing'],
    ['directory_role_missing', 'directory.directory_role_missing'],
    ['licence_missing', 'directory.licence_missing'],
    ['throttled', 'directory.unavailable'],
    ['unanswered', 'directory.unavailable'],
    ['unknown', 'directory.unavailable'],
  ])('tells %s as %s, and asks again the next time', async (reason, code) => {
    const { catalogue, asked, read } = await setUp();
    const counts = catalogue.onRead;
    catalogue.onRead = () => Promise.reject(failure(reason, 7));

    const facts = { reason: `No: ${reason}.`, entraCode: 'Code' };
    await expect(read('groups')).rejects.toMatchObject({ code, details: facts });

    catalogue.onRead = counts;
    expect(await read('groups')).toMatchObject({ total: 5 });
    expect(asked).toHaveLength(1);
  });

  it('names the consent that opens the list, and how long a throttle lasts', async () => {
    const { catalogue, read } = await setUp({ closed: ['groups', 'units', 'roles', 'domains'] });
    const missing = async (list: CatalogueName): Promise<unknown> =>
      read(list).catch(
        (error: { details?: Record<string, unknown> }) => error.details?.['missingPermissions'],
      );

    expect(await missing('groups')).toEqual(['Group.Read.All']);
    expect(await missing('units')).toEqual(['AdministrativeUnit.Read.All']);
    expect(await missing('roles')).toEqual(['RoleManagement.ReadWrite.Directory']);
    expect(await missing('domains')).toEqual(['Domain.Read.All']);
    catalogue.onRead = () => Promise.reject(failure('throttled', 7));
    await expect(read('groups')).rejects.toMatchObject({ details: { retryAfterSeconds: 7 } });
  });

  it('asks for a customer, for a connection, and for one that is not being removed, each time', async () => {
    const { world, asked, read } = await setUp();
    const { organizationId, customerId } = world.customer;
    const inside = world.unitOfWork.inOrganization.bind(world.unitOfWork, organizationId);
    await read('groups');
    const bare = idOf<'customer'>('bare');
    await inside(({ customers }) =>
      customers.insert({ id: bare, organizationId, name: 'Bare', state: 'active', createdAt: 0 }),
    );

    await expect(read('groups', { customerId: bare })).rejects.toMatchObject({
      code: 'customer.not_connected',
    });
    await inside(({ connections }) => connections.beginRemoval(customerId));
    await expect(read('groups')).rejects.toMatchObject({ code: 'entra_connection.removing' });
    expect(asked).toHaveLength(1);
  });
});

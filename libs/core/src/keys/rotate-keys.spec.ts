import { type DomainError, MINUTE, Secret, type KeyHolder, type OrganizationId } from '#core/shared';
import { credentialPlace, revokerCredentialPlace } from '#core/tenancy';
import { passwordPlace } from '#core/accounts';
import {
  aRevokerCredential,
  aWorld,
  FakeClock,
  FakeIds,
  FakeKeyRing,
  InMemoryUnitOfWork,
  plant,
  type World,
} from '#core/testing';
import { RotateKeys, type RotationProgress } from './rotate-keys.js';

/** Two organizations, with everything that can be sealed under the first key. */
const setUp = async () => {
  const unitOfWork = new InMemoryUnitOfWork();
  const clock = new FakeClock();
  const ring = new FakeKeyRing();
  const { box } = ring;
  const ids = new FakeIds();
  const worlds = [aWorld(ids), aWorld(ids)];
  for (const world of worlds) await plantSealed(unitOfWork, box, world);
  const told: RotationProgress[] = [];
  const meanwhile: { onPause: () => unknown } = { onPause: () => undefined };
  const rotation = new RotateKeys({
    ...{ ring, box, unitOfWork, sealed: unitOfWork.forRevoker(), clock },
    pause: async (ms) => {
      clock.advance(ms);
      await meanwhile.onPause();
    },
    elapsed: () => clock.now(),
    tell: (progress) => told.push(progress),
  });
  const { keyHolders } = unitOfWork.clockwork;
  const holds = (instance: string, held: Pick<KeyHolder, 'sealing' | 'readable'>) =>
    keyHolders.report({ instance, ...held, at: clock.now() });
  return { unitOfWork, clock, ring, box, worlds, rotation, told, meanwhile, holds, keyHolders };
};

const plantSealed = async (
  unitOfWork: InMemoryUnitOfWork,
  box: FakeKeyRing['box'],
  world: World,
): Promise<void> => {
  const { account, connection } = world;
  const sealed = box.seal(new Secret(`password of ${account.id}`), passwordPlace(account, 4));
  const sealedCredential = box.seal(new Secret(`secret of ${connection.id}`), credentialPlace(connection));
  await plant(unitOfWork, {
    ...world,
    connection: { ...connection, sealedCredential },
    account: { ...account, password: { sealed, state: 'set', generation: 4 } },
  });
  const second = aRevokerCredential(world);
  const own = box.seal(new Secret(`second of ${connection.id}`), revokerCredentialPlace(second));
  await unitOfWork.inOrganization(world.organization.id, ({ connections }) =>
    connections.saveRevokerCredential(second, own, null),
  );
};

type SetUp = Awaited<ReturnType<typeof setUp>>;

/** Everything that is sealed, opened. */
const valuesOf = async ({ unitOfWork, box, worlds }: SetUp) => {
  const values: string[] = [];
  for (const { organization, customer, account } of worlds)
    await unitOfWork.forRevoker().inOrganization(organization.id, async ({ accounts, connections }) => {
      const row = await accounts.get(account.id);
      const connection = await connections.ofCustomer(customer.id);
      if (row?.password == null || connection?.second === undefined) throw new Error('Something is missing.');
      const { password } = row;
      const { second } = connection;
      values.push(box.open(password.sealed, passwordPlace(row, password.generation)).expose());
      values.push(box.open(connection.sealedCredential, credentialPlace(connection)).expose());
      values.push(box.open(second.sealedCredential, revokerCredentialPlace(second)).expose());
    });
  return values;
};

const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.catch((error: unknown) => (error as DomainError).code);

describe('Rotating keys', () => {
  it('seals everything anew under a new key, and the old one can go', async () => {
    const setup = await setUp();
    const { rotation, ring } = setup;
    const before = await valuesOf(setup);

    expect(await rotation.rotate()).toEqual({ resealed: 6, left: 0, unreadable: 0, named: [] });

    const { keys, lost } = await rotation.status();
    expect(keys).toMatchObject([
      { id: 'k1', values: 0, seals: false },
      { id: 'k2', values: 6, seals: true },
    ]);
    expect(lost).toBe(0);
    await rotation.retire('k1');
    expect(await ring.keys()).toHaveLength(1);
    expect(await valuesOf(setup)).toEqual(before);
  });

  it('leaves versions and everything else of the rows as they are', async () => {
    const { rotation, unitOfWork } = await setUp();
    const texts = /v1\.k\d\.[^"]*/g;
    const rows = () => {
      const { accounts, connections } = unitOfWork.peek();
      return JSON.stringify({ accounts, connections }).replace(texts, 'sealed');
    };
    const before = rows();

    await rotation.rotate();

    expect(rows()).toBe(before);
  });

  it('is written into the audit log of each organization', async () => {
    const { rotation, unitOfWork, worlds } = await setUp();

    await rotation.rotate();

    const told = unitOfWork.peek().audit.filter(({ action }) => action === 'organization.resealed');
    expect(told.map(({ organizationId }) => organizationId)).toEqual(
      worlds.map(({ organization }) => organization.id),
    );
    expect(told[0]).toMatchObject({ actor: { kind: 'console' }, details: { key: 'k2', values: 3 } });
  });

  it('goes on with the key that a killed one has added, used, or begun to seal with', async () => {
    const setup = await setUp();
    const { rotation, ring, unitOfWork, box, worlds } = setup;
    const before = await valuesOf(setup);
    await rotation.add();

    await ring.use('k2');
    const [first] = worlds;
    await unitOfWork.inOrganization(first?.organization.id as OrganizationId, async ({ sealed }) => {
      for (const { place, text } of await sealed.page('managed_account', { after: null, limit: 1 }))
        await sealed.replace('managed_account', [
          { rowId: place.rowId, before: text, after: box.seal(box.open(text, place), place) },
        ]);
    });
    const { resealed } = await rotation.rotate();

    expect(resealed).toBe(5);
    expect((await ring.keys()).map(({ id }) => id)).toEqual(['k1', 'k2']);
    expect(await valuesOf(setup)).toEqual(before);
    await rotation.rotate();
    expect((await ring.keys()).map(({ id }) => id)).toEqual(['k1', 'k2', 'k3']);
  });

  it('has the new key seal only when every process opens with it, and seals anew only when every process seals with it', async () => {
    const { rotation, ring, holds, meanwhile, told } = await setUp();
    await holds('worker-1', { sealing: 'k1', readable: ['k1'] });
    await holds('api-1', { sealing: 'k1', readable: ['k1', 'k2'] });
    const seals = async () => (await ring.keys()).find((key) => key.seals)?.id;
    const steps: unknown[] = [];
    const acts = [
      async () => steps.push(await seals()),
      () => holds('worker-1', { sealing: 'k1', readable: ['k1', 'k2'] }),
      async () => steps.push(await seals(), told.filter(({ kind }) => kind === 'resealing').length),
      () => holds('worker-1', { sealing: 'k2', readable: ['k1', 'k2'] }),
      () => holds('api-1', { sealing: 'k2', readable: ['k1', 'k2'] }),
    ];
    meanwhile.onPause = () => acts.shift()?.();

    await rotation.rotate();

    expect(steps).toEqual(['k1', 'k2', 0]);
    expect(told).toMatchObject([
      { kind: 'added', id: 'k2' },
      { kind: 'waiting', instances: ['worker-1'] },
      { kind: 'waiting', instances: ['api-1', 'worker-1'] },
      { kind: 'waiting', instances: ['api-1'] },
      { kind: 'seals', id: 'k2' },
      ...Array.from({ length: 6 }, () => ({ kind: 'resealing' })),
    ]);
  });

  it('stops before anything is sealed with a key that a process does not take up, and goes on later', async () => {
    const { rotation, ring, clock, holds, keyHolders, meanwhile } = await setUp();
    const report = () => holds('worker-1', { sealing: 'k1', readable: ['k1'] });
    await report();
    meanwhile.onPause = report;

    expect(await codeOf(rotation.rotate())).toBe('keys.held_back');
    expect(await ring.keys()).toMatchObject([{ seals: true }, { seals: false }]);

    // It was killed: nobody waits for it for ever.
    meanwhile.onPause = () => undefined;
    clock.advance(2 * MINUTE + 1);
    expect(await keyHolders.since(clock.now() - 2 * MINUTE)).toEqual([]);
    expect((await rotation.rotate()).resealed).toBe(6);
    expect(await ring.keys()).toHaveLength(2);
  });

  it('lets whoever changes a value meanwhile win, and comes back for it', async () => {
    const setup = await setUp();
    const { rotation, unitOfWork, worlds, box, ring } = setup;
    const [first] = worlds as [World];
    await ring.use(await ring.add(0));
    const page = unitOfWork.forRevoker();
    // Between reading and putting back.
    let isChanged = false;
    const racing = new RotateKeys({
      ...{ ring, box, unitOfWork, clock: new FakeClock() },
      sealed: {
        clockwork: page.clockwork,
        inOrganization: async (id, work) => {
          const result = await page.inOrganization(id, work);
          if (!isChanged) {
            isChanged = true;
            await unitOfWork.inOrganization(first.organization.id, async ({ connections }) => {
              const connection = await connections.ofCustomer(first.customer.id);
              if (connection === null) throw new Error('There is no connection.');
              const next = { ...connection, version: connection.version + 1 };
              const sealedCredential = box.seal(new Secret('exchanged'), credentialPlace(next));
              await connections.save({ ...next, sealedCredential }, connection.version);
            });
          }
          return result;
        },
      },
      pause: () => Promise.resolve(),
      elapsed: () => 0,
      tell: () => undefined,
    });

    expect(await racing.reseal()).toMatchObject({ left: 0, unreadable: 0 });
    await rotation.retire('k1');
    expect(await valuesOf(setup)).toContain('exchanged');
  });

  it('names what no key opens, leaves it, and seals all else anew', async () => {
    const { rotation, unitOfWork, worlds, ring } = await setUp();
    const [{ organization, account }] = worlds as [World];
    const bent = 'v1.k0.bent';
    await unitOfWork.inOrganization(organization.id, async ({ sealed }) => {
      for (const { place, text } of await sealed.page('managed_account', { after: null, limit: 1 }))
        await sealed.replace('managed_account', [{ rowId: place.rowId, before: text, after: bent }]);
    });

    const { resealed, unreadable, named } = await rotation.rotate();

    expect([resealed, unreadable]).toEqual([5, 1]);
    expect(named).toMatchObject([{ table: 'managed_account', rowId: account.id }]);
    expect((await rotation.status()).lost).toBe(1);
    await rotation.retire('k1');
    expect(await ring.keys()).toHaveLength(1);
  });

  it('keeps a key in the ring while it seals, a value stands under it, or a process seals with it', async () => {
    const { rotation, ring, holds, meanwhile, unitOfWork } = await setUp();
    expect(await codeOf(rotation.retire('k1'))).toBe('keys.sealing');
    expect(await codeOf(rotation.retire('k0'))).toBe('keys.not_found');
    expect(await codeOf(rotation.use('k0'))).toBe('keys.not_found');
    await ring.use(await ring.add(0));
    expect(await codeOf(rotation.retire('k1'))).toBe('keys.in_use');
    await rotation.reseal();
    await holds('api-1', { sealing: 'k1', readable: ['k1', 'k2'] });
    expect(await codeOf(rotation.retire('k1'))).toBe('keys.in_use');
    await holds('api-1', { sealing: 'k2', readable: ['k1', 'k2'] });
    // Written at the last moment by a process that has changed over by now.
    meanwhile.onPause = async () => {
      const [organization] = unitOfWork.peek().organizations;
      await unitOfWork.inOrganization(organization?.id as OrganizationId, async ({ sealed }) => {
        const [value] = await sealed.page('managed_account', { after: null, limit: 1 });
        if (value === undefined) throw new Error('Nothing is sealed.');
        const { place, text: before } = value;
        await sealed.replace('managed_account', [{ rowId: place.rowId, before, after: 'v1.k1.late' }]);
      });
    };

    expect(await codeOf(rotation.retire('k1'))).toBe('keys.in_use');
    expect(await ring.keys()).toHaveLength(2);
  });
});

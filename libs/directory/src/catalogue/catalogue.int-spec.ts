import type { ObjectId } from '#core/shared';
import { tenantCatalogueContract, type CatalogueWish, type CatalogueWorld } from '#core/testing';
import {
  startTestSimulator,
  type TenantSpec,
  type TestSimulator,
} from '../../../../test/support/simulator.js';
import { BUDGET_MS, createCall, Rig } from '../testing/rig.js';
import {
  appFor,
  CLIENT_ID,
  CLIENT_SECRET,
  directoryTo,
  manyGroups,
  PERMISSIONS,
} from '../testing/simulated-tenant.js';

jest.setTimeout(90_000);

const DELTA = { method: 'GET', path: '/users/delta' };

const specFor = ({ closed = false }: CatalogueWish): TenantSpec => ({
  displayName: 'Acme',
  licence: 'P2',
  domains: [
    { name: 'acme.example', isVerified: true, authenticationType: 'Managed', isDefault: true },
    { name: 'elsewhere.example', isVerified: true, authenticationType: 'Federated' },
  ],
  apps: [
    {
      clientId: CLIENT_ID,
      secrets: [{ value: CLIENT_SECRET }],
      permissions: closed
        ? ['User.RevokeSessions.All']
        : [...PERMISSIONS, 'AdministrativeUnit.Read.All', 'User.DeleteRestore.All'],
    },
  ],
  groups: [
    { displayName: 'Helpers' },
    { displayName: 'Readers' },
    { displayName: 'Protected', isAssignableToRole: true },
    { displayName: 'Everybody', dynamic: true },
    { displayName: 'From the office', onPremises: true },
    { displayName: 'Newsletter', mailEnabled: true },
    { displayName: 'Project', microsoft365: true },
  ],
  administrativeUnits: [
    { displayName: 'Berlin' },
    { displayName: 'Vault', isMemberManagementRestricted: true },
  ],
});

let shared: TestSimulator;
let tenants = 0;
beforeAll(async () => {
  shared = await startTestSimulator({ validation: 'all' });
});
afterAll(() => shared.stopSimulator());

const makeWorld = async (wish: CatalogueWish): Promise<CatalogueWorld> => {
  tenants += 1;
  const tenantId = `0e0e0e0e-0000-4000-8000-${String(tenants).padStart(12, '0')}`;
  await shared.makeTenant(tenantId, specFor(wish));
  const directory = directoryTo(shared);
  const app = appFor(tenantId);
  const made = new Map<ObjectId, string>();
  const call = async (method: string, path: string): Promise<void> => {
    const token = await shared.token(tenantId, { clientId: CLIENT_ID, secret: CLIENT_SECRET });
    const { status, body } = await shared.call(method, path, { token });
    if (status >= 300) throw new Error(JSON.stringify(body));
  };
  return {
    catalogue: directory,
    app,
    makeUser: async (upn, marker) => {
      const step = { ref: 'only', call: { ...createCall(upn), marker } as ReturnType<typeof createCall> };
      const [outcome] = await directory.perform(app, [step], BUDGET_MS);
      if (outcome?.ok !== true || outcome.answer.did !== 'createUser') throw new Error('No user.');
      made.set(outcome.answer.objectId, upn);
      await shared.settle(tenantId);
      return outcome.answer.objectId;
    },
    enable: async (userId) => {
      await shared.portal(tenantId, { do: 'patchUser', userId, changes: { accountEnabled: true } });
      await shared.settle(tenantId);
    },
    remove: async (userId) => {
      await shared.portal(tenantId, { do: 'deleteUser', userId });
      await shared.settle(tenantId);
    },
    purge: async (userId) => {
      await call('DELETE', `/v1.0/directory/deletedItems/${userId}`);
      await shared.settle(tenantId);
    },
    losePlace: async () => {
      await shared.addFault({ tenantId, match: DELTA, times: 1, effect: { status: 410 } });
    },
    close: async () => {
      await directory.close();
      await shared.clearFaults();
    },
  };
};

tenantCatalogueContract('EntraDirectory', makeWorld);

it('never asked for a list in a way that Microsoft has not documented', async () => {
  expect((await shared.violations()).requests).toEqual([]);
});

describe('EntraDirectory reads a long catalogue', () => {
  const MANY = 20_000;
  let rig: Rig;

  beforeAll(async () => {
    rig = await Rig.start();
  });
  afterEach(() => rig.leave());
  afterAll(() => rig.stop());

  const enter = async (count = MANY): Promise<void> => {
    await rig.enter();
    await rig.simulator.makeTenant(rig.tenantId, manyGroups(count));
    await rig.countFromHere();
  };
  const list = (limit: number, search?: string) =>
    rig.world.directory.listGroups(
      rig.world.app,
      { limit, ...(search === undefined ? {} : { search }) },
      60_000,
    );

  it('of twenty thousand groups to its end, each once, by full pages', async () => {
    await enter();

    const { items, complete, brokenOff } = await list(25_000);

    expect([complete, brokenOff]).toEqual([true, null]);
    expect(new Set(items.map(({ id }) => id)).size).toBe(MANY);
    expect(items).toHaveLength(MANY);
    expect(await rig.graphCalls()).toHaveLength(Math.ceil(MANY / 999));
  });

  it('through a search too, whose every page asks the index', async () => {
    await enter(2_500);

    const { items, complete } = await list(25_000, 'group');

    // A page without its header would have been refused.
    expect(items).toHaveLength(2_500);
    expect(complete).toBe(true);
  });

  it('without losing or doubling anything when pages fail once', async () => {
    await enter(5_000);
    const page = { method: 'GET', path: '/groups' };
    await rig.fault({ match: page, after: 1, effect: { status: 503 } });
    await rig.fault({ match: page, after: 4, effect: { cut: 'after-commit' } });
    await rig.fault({ match: page, after: 6, effect: { status: 500 } });

    const { items, complete } = await list(25_000);

    expect(complete).toBe(true);
    expect(items).toHaveLength(5_000);
    expect(new Set(items.map(({ id }) => id)).size).toBe(5_000);
  });

  it('and says so when it breaks off, with what it has and why', async () => {
    await enter(5_000);
    const effect = { status: 429, retryAfter: 7 };
    await rig.fault({ match: { method: 'GET', path: '/groups' }, after: 2, effect });

    const { items, complete, brokenOff } = await list(25_000);

    expect(items).toHaveLength(2 * 999);
    expect(complete).toBe(false);
    expect(brokenOff).toMatchObject({ reason: 'throttled', facts: { retryAfterSeconds: 7 } });
  });

  it('and is back in time with what it has', async () => {
    await enter(5_000);
    const hook = await rig.simulator.hold({
      match: { method: 'GET', path: '/groups' },
      at: 'after-commit',
    });
    const before = Date.now();

    await expect(rig.world.directory.listGroups(rig.world.app, { limit: 9 }, 400)).rejects.toMatchObject({
      reason: 'unanswered',
    });

    expect(Date.now() - before).toBeLessThan(2_000);
    await rig.simulator.release(hook, 'cut');
  });

  it('with words that would end the phrase of a search', async () => {
    await enter(10);

    for (const search of ['a"b', 'back\\slash', 'R&D #1 + 50%', "O'Neill"]) {
      expect(await list(10, search)).toMatchObject({ items: [], complete: true });
    }
  });
});

import type { ConvergencePorts, ConvergenceStores } from '#core/convergence';
import type { Grant } from '#core/grants';
import { SECOND, type OrganizationId, type WorkLimits } from '#core/shared';
import { ProvingGround, type GroundCustomer } from './testing/proving-ground.js';

jest.setTimeout(60_000);

const NAMES = ['contoso', 'fabrikam', 'northwind', 'tailspin', 'wingtip'];

interface Scene {
  readonly customer: GroundCustomer;
  readonly grant: Grant;
}

let ground: ProvingGround;
let scenes: readonly Scene[];
beforeEach(async () => {
  ground = await ProvingGround.open();
  const worker = ground.worker();
  scenes = await Promise.all(
    NAMES.map(async (name) => {
      const customer = await ground.customer(name);
      const grant = await ground.request(customer);
      await worker.execute(customer);
      return { customer, grant };
    }),
  );
  ground.clock.forwardTo(Math.max(...scenes.map(({ grant }) => grant.expiresAt)));
});
afterEach(() => ground.close());

/** Ports that count the transactions asked for. */
const counted = () => {
  const { unitOfWork } = ground.ports;
  const work = { count: 0, limited: 0 };
  const ports: ConvergencePorts = {
    ...ground.ports,
    unitOfWork: {
      clockwork: unitOfWork.clockwork,
      inOrganization: <T>(
        id: OrganizationId,
        run: (stores: ConvergenceStores) => Promise<T>,
        limits?: WorkLimits,
      ) => {
        work.count += 1;
        if (limits !== undefined) work.limited += 1;
        return unitOfWork.inOrganization(id, run, limits);
      },
    },
  };
  return { ports, work };
};

const isEnabled = async ({ customer, grant }: Scene): Promise<boolean | undefined> =>
  (await ground.user(customer, grant))?.enabled;

/** While somebody else's session holds the grant's row, as a person at the console would. */
const whileHeld = ({ grant }: Scene, work: () => Promise<void>) =>
  ground.asAdmin(async (client) => {
    await client.query('BEGIN');
    await client.query('SELECT FROM access_grant WHERE id = $1 FOR UPDATE', [grant.id]);
    try {
      await work();
    } finally {
      await client.query('ROLLBACK');
    }
  });

const until = async (isSo: () => Promise<boolean>): Promise<void> => {
  const deadline = Date.now() + 20 * SECOND;
  while (!(await isSo())) if (Date.now() > deadline) throw new Error('It did not become so in time.');
};

const executeAll = (worker: ReturnType<ProvingGround['worker']>) =>
  Promise.allSettled(scenes.map(({ customer }) => worker.execute(customer)));

const [odd, ...others] = NAMES.keys();
const sceneAt = (at = 0): Scene => {
  const scene = scenes[at];
  if (scene === undefined) throw new Error('No such scene.');
  return scene;
};

describe('Rounds of many customers', () => {
  it('are prepared in few transactions, and end what each of them owes', async () => {
    const { ports, work } = counted();

    const done = await executeAll(ground.worker(ports));

    expect(done).toEqual(scenes.map(() => ({ status: 'fulfilled', value: 1 })));
    for (const scene of scenes) expect(await isEnabled(scene)).toBe(false);
    expect(work.limited).toBeGreaterThan(0);
    // Two rounds for each of them, at the least, when each is alone.
    expect(work.count).toBeLessThan(2 * NAMES.length);
  });

  it('wait two seconds for a row that somebody holds, and are prepared apart from it then', async () => {
    const worker = ground.worker();
    await whileHeld(sceneAt(odd), async () => {
      const startedAt = Date.now();
      const ended = others.map((at) => worker.execute(sceneAt(at).customer));
      const held = worker.execute(sceneAt(odd).customer);
      const refused = expect(held).rejects.toMatchObject({ code: 'database.locked' });

      for (const at of others) await until(async () => (await isEnabled(sceneAt(at))) === false);
      expect(Date.now() - startedAt).toBeLessThan(4 * SECOND);
      await refused;
      await Promise.all(ended);
      expect(await isEnabled(sceneAt(odd))).toBe(true);
    });

    const row = await ground.within(({ accounts }) => accounts.get(sceneAt(odd).grant.accountId));
    ground.clock.forwardTo(row?.dueAt ?? 0);
    await worker.execute(sceneAt(odd).customer);
    expect(await isEnabled(sceneAt(odd))).toBe(false);
  });

  it('wait for nobody who is apart already, however many there are', async () => {
    const worker = ground.worker();
    const [first, second, third, ...free] = NAMES.keys();
    const held = [first, second, third].map((at) => sceneAt(at));
    const works: Promise<unknown>[] = [];
    const nest = async ([scene, ...rest]: readonly Scene[]): Promise<void> => {
      if (scene !== undefined) return whileHeld(scene, () => nest(rest));
      works.push(...held.map(({ customer }) => worker.execute(customer).catch(() => undefined)));
      await Promise.all(works);
      for (const { grant } of held) {
        const row = await ground.within(({ accounts }) => accounts.get(grant.accountId));
        ground.clock.forwardTo(row?.dueAt ?? 0);
      }
      // These are known by now to be stuck.
      works.push(...held.map(({ customer }) => worker.execute(customer).catch(() => undefined)));
      const startedAt = Date.now();
      works.push(...free.map((at) => worker.execute(sceneAt(at).customer)));
      for (const at of free) await until(async () => (await isEnabled(sceneAt(at))) === false);
      expect(Date.now() - startedAt).toBeLessThan(1.5 * SECOND);
    };

    await nest(held);
    await Promise.all(works);
  });

  it('end all but the one whose row nobody can understand', async () => {
    await ground.asAdmin((client) =>
      client.query(`UPDATE managed_account SET may_hold = '{"roles": 7}' WHERE id = $1`, [
        sceneAt(odd).grant.accountId,
      ]),
    );

    const done = await executeAll(ground.worker());

    expect(done.map(({ status }) => status)).toEqual(
      NAMES.map((_, at) => (at === odd ? 'rejected' : 'fulfilled')),
    );
    for (const at of others) expect(await isEnabled(sceneAt(at))).toBe(false);
  });

  it('write nothing for a claim that somebody has taken over, and what is meant for all others', async () => {
    const { ports } = counted();
    const worker = ground.worker({
      ...ports,
      unitOfWork: {
        ...ports.unitOfWork,
        clockwork: Object.assign(
          Object.create(ports.unitOfWork.clockwork) as typeof ports.unitOfWork.clockwork,
          {
            claimDue: async (...asked: Parameters<typeof ports.unitOfWork.clockwork.claimDue>) => {
              const claims = await ports.unitOfWork.clockwork.claimDue(...asked);
              await ground.asAdmin((client) =>
                client.query('UPDATE managed_account SET epoch = epoch + 1 WHERE id = $1', [
                  sceneAt(odd).grant.accountId,
                ]),
              );
              return claims;
            },
          },
        ),
      },
    });

    const done = await executeAll(worker);

    expect(done.every(({ status }) => status === 'fulfilled')).toBe(true);
    for (const at of others) expect(await isEnabled(sceneAt(at))).toBe(false);
    expect(await isEnabled(sceneAt(odd))).toBe(true);
    expect(await ground.grant(sceneAt(odd).grant.id)).toMatchObject({ state: 'active' });
  });
});

import { AnswerBell, Sweep } from '#core/convergence';
import { SECOND } from '#core/shared';
import { ProvingGround } from './testing/proving-ground.js';

jest.setTimeout(60_000);

/** Below PostgreSQL's own limit for a statement: so long the queries keep their connections. */
const SLOW_MS = 12_000;

describe('A worker whose connections are used up by two hundred slow queries', () => {
  let ground: ProvingGround;
  beforeEach(async () => {
    ground = await ProvingGround.open();
  });
  afterEach(() => ground.close());

  /** Queries of the app's pool that take as long as a lock is held that they need, as `pg_sleep` would. */
  const useUpThePool = async (): Promise<{ readonly isUsedUp: () => boolean; end(): Promise<void> }> => {
    let end = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      end = resolve;
    });
    let isHeld = true;
    const holder = ground.asAdmin(async (client) => {
      await client.query('BEGIN');
      await client.query('LOCK TABLE api_token IN ACCESS EXCLUSIVE MODE');
      const slow = Array.from({ length: 200 }, () =>
        ground
          .within(({ tokens }) => tokens.byDigest('of nobody'))
          .then(
            () => undefined,
            () => undefined,
          ),
      );
      await Promise.race([held, new Promise((resolve) => setTimeout(resolve, SLOW_MS))]);
      isHeld = false;
      await client.query('COMMIT');
      await Promise.all(slow);
    });
    const waiting = async (): Promise<number> =>
      ground.asAdmin(async (client) => {
        const { rowCount } = await client.query(
          "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()",
        );
        return rowCount ?? 0;
      });
    while ((await waiting()) < 10) await new Promise((resolve) => setTimeout(resolve, 20));
    return {
      isUsedUp: () => isHeld,
      end: async () => {
        end();
        await holder;
      },
    };
  };

  it('sweeps and ends what is due all the same, on connections of its own', async () => {
    const customer = await ground.customer('contoso');
    const grants = [await ground.request(customer), await ground.request(customer)];
    await ground.worker().execute(customer);
    ground.clock.forwardTo(Math.max(...grants.map(({ expiresAt }) => expiresAt)));
    const { sweepUnitOfWork } = ground.database;
    const ports = ground.with(sweepUnitOfWork);
    const sweep = new Sweep(ports, ground.worker(ports));
    const failures: unknown[] = [];
    const slow = await useUpThePool();

    const startedAt = Date.now();
    const { done } = await sweep.due((_customer, error) => failures.push(error));
    await done;
    const tookMs = Date.now() - startedAt;
    const wasUsedUp = slow.isUsedUp();
    await slow.end();

    expect(failures).toEqual([]);
    expect(wasUsedUp).toBe(true);
    expect(tookMs).toBeLessThan(5 * SECOND);
    for (const grant of grants) expect((await ground.user(customer, grant))?.enabled).toBe(false);
  });

  it('sweeps what a bell has claimed and found no connection for', async () => {
    const customer = await ground.customer('contoso');
    const grant = await ground.request(customer);
    await ground.worker().execute(customer);
    ground.clock.forwardTo(grant.expiresAt);
    const ports = ground.with(ground.database.sweepUnitOfWork);
    const sweep = new Sweep(ports, ground.worker(ports));
    const slow = await useUpThePool();

    const bell = new AnswerBell(ground.ports, ground.worker()).execute(customer);
    await expect(bell).rejects.toMatchObject({ kind: 'unavailable' });
    await (
      await sweep.due((_customer, error) => expect(error).toBeUndefined())
    ).done;
    const wasUsedUp = slow.isUsedUp();
    await slow.end();

    expect(wasUsedUp).toBe(true);
    expect((await ground.user(customer, grant))?.enabled).toBe(false);
  });
});

import type pg from 'pg';
import type { Grant } from '../support/stack-api.js';
import { TestMsp, type ConnectedCustomer } from '../support/stack-msp.js';
import { TestStack } from '../support/stack.js';
import { until } from '../support/stack-until.js';

/** The bound of the promise. */
const LATEST_MS = 60_000;
const LASTS_SECONDS = 30;
/** The mirror is refreshed every five seconds. */
const MIRRORED_MS = 7_000;

interface Running {
  readonly customer: ConnectedCustomer;
  readonly grant: Grant;
}

describe('the revoker', () => {
  let stack: TestStack;
  let msp: TestMsp;

  beforeAll(async () => {
    stack = await TestStack.start();
    msp = await TestMsp.create(stack);
  }, 90_000);

  afterAll(() => stack.stop(), 60_000);

  const active = async (name: string): Promise<Running> => {
    const customer = await msp.customer(name);
    const policy = await msp.policy(customer, { groups: [customer.groupId] });
    return { customer, grant: await msp.activeGrant(customer, policy, LASTS_SECONDS) };
  };

  const disabledAt = ({ customer: { tenantId } }: Running): Promise<number> =>
    until(
      async () => {
        const history = await stack.simulator.history({ tenantId });
        return Date.parse(history.filter(({ what }) => what === 'user.disabled').at(-1)?.at ?? '');
      },
      (at) => !Number.isNaN(at),
      { what: `the account in ${tenantId} is disabled`, timeoutMs: (LASTS_SECONDS + 70) * 1_000 },
    );

  it('keeps the ends of the next quarter of an hour from memory while the database is away', async () => {
    const running = [await active('adatum'), await active('litware')];
    const activeAt = Date.now();
    await until(
      () => Promise.resolve(Date.now()),
      (now) => now > activeAt + MIRRORED_MS,
      {
        what: 'the mirror has been refreshed since',
        timeoutMs: 2 * MIRRORED_MS,
      },
    );
    await stack.database(shutDoors);

    for (const each of running) {
      const lateMs = (await disabledAt(each)) - Date.parse(each.grant.expiresAt);
      expect(lateMs).toBeGreaterThanOrEqual(0);
      expect(lateMs).toBeLessThan(LATEST_MS);
    }

    await stack.database(openDoors);
    for (const { grant } of running) {
      const { proofs } = await msp.reaches(grant.id, 'ended', 120_000);
      expect(proofs[0]).toMatchObject({ enabled: false, roles: [], groups: [] });
    }
    const recorded = await stack.database((client) =>
      client.query("SELECT FROM audit_event WHERE action = 'account.taken_from_memory'"),
    );
    expect(recorded.rowCount).toBe(running.length);
  }, 300_000);
});

const LOGINS = ['app', 'clockwork', 'revoker', 'queue'].map((role) => `curfew_${role}_login`);

/** Nobody of Curfew's gets into the database any more, and who was in is thrown out. */
const shutDoors = async (client: pg.Client): Promise<void> => {
  for (const login of LOGINS) await client.query(`ALTER ROLE ${login} NOLOGIN`);
  await client.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = ANY($1)', [
    LOGINS,
  ]);
};

const openDoors = async (client: pg.Client): Promise<void> => {
  for (const login of LOGINS) await client.query(`ALTER ROLE ${login} LOGIN`);
};

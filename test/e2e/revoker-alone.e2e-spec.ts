import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { silence } from '../support/silence.js';
import type { Grant } from '../support/stack-api.js';
import { CONSENTED, TestMsp, type ConnectedCustomer } from '../support/stack-msp.js';
import { until } from '../support/stack-until.js';
import { TestStack } from '../support/stack.js';

/** The bound of the promise. */
const LATEST_MS = 60_000;
/** The mirror is refreshed every five seconds. */
const MIRRORED_MS = 7_000;
const LOGINS = ['app', 'clockwork', 'revoker', 'queue'].map((role) => `curfew_${role}_login`);

interface Running {
  readonly customer: ConnectedCustomer;
  readonly policyId: string;
  readonly grant: Grant;
}

describe('the revoker, when others are gone', () => {
  let stack: TestStack;
  let msp: TestMsp;

  beforeAll(async () => {
    stack = await TestStack.start();
    msp = await TestMsp.create(stack);
  }, 120_000);

  afterAll(() => stack.stop(), 60_000);

  const active = async (name: string, seconds: number): Promise<Running> => {
    const customer = await msp.customer(name);
    const policyId = await msp.policy(customer, { groups: [customer.groupId] });
    return { customer, policyId, grant: await msp.activeGrant(customer, policyId, seconds) };
  };

  const lateMs = async ({ customer: { tenantId }, grant }: Running): Promise<number> => {
    const endsAt = Date.parse(grant.expiresAt);
    const disabledAt = await until(
      async () => {
        const history = await stack.simulator.history({ tenantId });
        return Date.parse(history.filter(({ what }) => what === 'user.disabled').at(-1)?.at ?? '');
      },
      (at) => !Number.isNaN(at),
      {
        what: `the account in ${tenantId} is disabled`,
        timeoutMs: endsAt - Date.now() + LATEST_MS + 10_000,
      },
    );
    return disabledAt - endsAt;
  };

  const passed = (instant: number, what: string): Promise<number> =>
    until(
      () => Date.now(),
      (now) => now > instant,
      { what, timeoutMs: instant - Date.now() + 10_000 },
    );

  it('keeps several ends in a row while the database accepts connections and never answers', async () => {
    const running = await Promise.all([active('adatum', 45), active('litware', 55), active('proseware', 65)]);
    await passed(Date.now() + MIRRORED_MS, 'the mirror has been refreshed since');
    const goOn = await stack.database((client) => silence(client, LOGINS));

    try {
      for (const each of running) {
        const late = await lateMs(each);
        expect(late).toBeGreaterThanOrEqual(0);
        expect(late).toBeLessThan(LATEST_MS);
      }
    } finally {
      goOn();
    }

    for (const { grant } of running) {
      const { proofs } = await msp.reaches(grant.id, 'ended', 120_000);
      expect(proofs[0]).toMatchObject({ enabled: false, roles: [], groups: [] });
    }
    const told = () =>
      stack.database(async (client) => {
        const { rowCount } = await client.query(
          "SELECT FROM audit_event WHERE action = 'account.taken_from_memory'",
        );
        return rowCount;
      });
    await until(told, (count) => count === running.length, {
      what: 'each is told of once',
      timeoutMs: 30_000,
    });
  }, 420_000);

  it('takes away with a credential of its own where the first one has run out', async () => {
    const running = await active('fabrikam', 45);
    const { customerId, tenantId, clientId, secret } = running.customer;
    const own = { clientId: randomUUID(), secret: `planted-revoker-${randomUUID()}` };
    await stack.simulator.patchTenant(tenantId, {
      apps: [
        {
          clientId: own.clientId,
          secrets: [{ value: own.secret }],
          permissions: [...CONSENTED],
          directoryRoles: ['Privileged Authentication Administrator'],
        },
      ],
    });
    await msp.owner.put(`/customers/${customerId}/entra-connection/revoker-credential`, {
      clientId: own.clientId,
      credential: { kind: 'secret', value: own.secret },
    });
    await stack.simulator.patchTenant(tenantId, {
      apps: [{ clientId, secrets: [{ value: secret, endDateTime: '2020-01-01T00:00:00Z' }] }],
    });
    // Whoever has a token still has it for an hour.
    for (const name of ['worker', 'revoker'] as const) {
      await stack.kill(name);
      await stack.start(name);
    }

    const late = await lateMs(running);
    expect(late).toBeGreaterThanOrEqual(0);
    expect(late).toBeLessThan(LATEST_MS);

    const { policyId } = running;
    const refused = () =>
      stack.database(async (client) => {
        const { rowCount } = await client.query(
          `SELECT FROM customer_throttle WHERE customer_id = $1 AND workload = 'sign-in' AND until > now() + interval '3 s'`,
          [customerId],
        );
        return rowCount;
      });
    // The read-back is a worker's, with the first credential: tried about once a minute.
    await until(refused, (count) => count === 1, {
      what: 'a worker was refused a moment ago',
      timeoutMs: 75_000,
    });
    const asked = await msp.technician
      .request({ customerId, policyId, durationSeconds: 30 })
      .then(String, String);
    expect(asked).toContain('customer.credential_refused');
  }, 240_000);

  it('waits for a database that is away when it starts, and takes away what it finds then', async () => {
    const running = await active('contoso', 40);
    await stack.kill('revoker');
    await stack.kill('worker');
    await stack.database(shutDoors);
    const started = stack.start('revoker');

    await passed(Math.max(Date.now() + 25_000, Date.parse(running.grant.expiresAt)), 'it has waited');
    const openedAt = Date.now();
    await stack.database(openDoors);
    await started;

    const late = await lateMs(running);
    expect(Date.parse(running.grant.expiresAt) + late - openedAt).toBeLessThan(15_000);
    await stack.start('worker');
  }, 240_000);
});

const shutDoors = async (client: pg.Client): Promise<void> => {
  for (const login of LOGINS) await client.query(`ALTER ROLE ${login} NOLOGIN`);
  await client.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = ANY($1)', [
    LOGINS,
  ]);
};

const openDoors = async (client: pg.Client): Promise<void> => {
  for (const login of LOGINS) await client.query(`ALTER ROLE ${login} LOGIN`);
};

import { Refusal, type CurfewApi } from '../support/stack-api.js';
import { TestMsp, type ConnectedCustomer } from '../support/stack-msp.js';
import { TestStack } from '../support/stack.js';
import { until } from '../support/stack-until.js';

const CUSTOMERS = 30;
const TECHNICIANS = 10;
const GRANTS = CUSTOMERS * TECHNICIANS;
/** Requests that are sent side by side while the scene is set. */
const AT_ONCE = 10;
/** "In seconds", on a machine that has other things to do too. */
const SOON_MS = 30_000;
const RETRY_AFTER_SECONDS = 5;
/** All that the console may need in an emergency. */
const DATABASE_AND_KEY = [
  'DATABASE_URL',
  'CLOCKWORK_DATABASE_URL',
  'CURFEW_KEY_FILE',
  'CURFEW_CUSTOM_CLOUD_AUTHORITY',
  'CURFEW_CUSTOM_CLOUD_GRAPH',
  'CURFEW_CUSTOM_CLOUD_CA_FILE',
];

interface Place {
  readonly customer: ConnectedCustomer;
  readonly policyId: string;
}

interface KillSwitch {
  readonly id: string;
  readonly liftedAt: string | null;
  readonly accounts: { readonly total: number; readonly ending: number; readonly closed: number };
  readonly items: readonly {
    readonly customerName: string;
    readonly upn: string;
    readonly state: string;
    readonly cause: { readonly reason: string } | null;
  }[];
}

interface ByHand {
  readonly items: readonly { readonly customerName: string; readonly commands: readonly string[] }[];
}

describe('the kill switch', () => {
  let stack: TestStack;
  let msp: TestMsp;
  let technicians: readonly CurfewApi[];
  let places: readonly Place[];

  beforeAll(async () => {
    stack = await TestStack.start();
    msp = await TestMsp.create(stack);
    technicians = await msp.technicians(numbered('tech', TECHNICIANS));
    places = await sideBySide(numbered('customer', CUSTOMERS), async (name) => {
      const customer = await msp.customer(name);
      return { customer, policyId: await msp.policy(customer) };
    });
  }, 150_000);

  afterAll(() => stack.stop(), 60_000);

  /** Everybody named has an active grant at each of the places. */
  const giveAll = async (people: readonly CurfewApi[], at: readonly Place[]): Promise<void> => {
    const wishes = at.flatMap(({ customer: { customerId }, policyId }) =>
      people.map((technician) => ({ technician, wish: { customerId, policyId, durationSeconds: 3_000 } })),
    );
    await sideBySide(wishes, ({ technician, wish }) => technician.post('/access-requests', wish));
    await until(
      () => stack.database((client) => client.query(`SELECT FROM access_grant WHERE state = 'active'`)),
      ({ rowCount }) => rowCount === wishes.length,
      { what: `${wishes.length} grants are active`, timeoutMs: 120_000 },
    );
  };

  const throttle = async ({ customer: { tenantId } }: Place): Promise<string> => {
    const effect = { status: 429, retryAfter: RETRY_AFTER_SECONDS };
    return (await stack.simulator.addFault({ tenantId, match: { path: '/**' }, effect })).id;
  };

  const read = (id: string, query = 'limit=1'): Promise<KillSwitch> =>
    msp.owner.get(`/kill-switch/${id}?${query}`);

  /** When each account of a tenant was disabled, by the simulator's own record; those that are not are missing. */
  const disabledAt = async ({ customer: { tenantId } }: Place, since: number): Promise<readonly number[]> =>
    (await stack.simulator.history({ tenantId }))
      .filter(({ what }) => what === 'user.disabled')
      .map(({ at }) => Date.parse(at))
      .filter((at) => at >= since);

  const enabledIn = async ({ customer: { tenantId } }: Place): Promise<number> =>
    (await stack.simulator.truth(tenantId)).users.filter(({ accountEnabled }) => accountEnabled).length;

  it('closes 300 grants over 30 customers in seconds, names the one that is throttled, and closes it too', async () => {
    await giveAll(technicians, places);
    const [stormy, ...quiet] = places;
    if (stormy === undefined) throw new Error('There is no customer.');
    const fault = await throttle(stormy);
    const pulledAt = Date.now();

    const { id, accounts } = await msp.owner.post<KillSwitch>('/kill-switch', { scope: 'organization' });

    expect(accounts.total).toBe(GRANTS);
    await until(
      () => read(id),
      ({ accounts: { closed } }) => closed === GRANTS - TECHNICIANS,
      {
        what: 'everybody else is closed',
        timeoutMs: 120_000,
      },
    );
    for (const place of quiet) {
      const times = await disabledAt(place, pulledAt);
      expect(times).toHaveLength(TECHNICIANS);
      expect(Math.max(...times) - pulledAt).toBeLessThan(SOON_MS);
      expect(await enabledIn(place)).toBe(0);
    }
    const { items } = await until(
      () => read(id, 'limit=100&state=ending'),
      ({ items: ending }) => ending.length === TECHNICIANS && ending.every(({ cause }) => cause !== null),
      { what: 'each account of the throttled customer is named with its cause', timeoutMs: SOON_MS },
    );
    expect(new Set(items.map(({ customerName, cause }) => `${customerName} ${cause?.reason}`))).toEqual(
      new Set(['customer-0 throttled']),
    );
    const byHand = await msp.owner.get<ByHand>(`/kill-switch/${id}/by-hand?limit=100`);
    expect(byHand.items.map(({ customerName }) => customerName)).toEqual(
      Array.from({ length: TECHNICIANS }, () => 'customer-0'),
    );

    await stack.simulator.clearFaults(fault);
    await until(
      () => read(id),
      ({ accounts: { closed } }) => closed === GRANTS,
      {
        what: 'the throttled customer is closed too',
        timeoutMs: 90_000,
      },
    );
    expect(await disabledAt(stormy, pulledAt)).toHaveLength(TECHNICIANS);
    expect(await enabledIn(stormy)).toBe(0);

    await nothingIsGivenUntilLifted(id, stormy);
    expect((await stack.simulator.violations()).requests).toEqual([]);
  }, 300_000);

  const nothingIsGivenUntilLifted = async (id: string, { customer, policyId }: Place): Promise<void> => {
    const wish = { customerId: customer.customerId, policyId, durationSeconds: 600 };
    const refusal = await msp.technician.request(wish).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(Refusal);
    expect((refusal as Refusal).problem).toMatchObject({ status: 409, code: 'access.held', holdId: id });

    await msp.owner.post(`/kill-switch/${id}/lift`);
    const { id: grantId } = await msp.technician.request(wish);
    await msp.reaches(grantId, 'active');
    await msp.technician.end(grantId);
    await msp.reaches(grantId, 'ended');
  };

  it('is pulled and carried out by the console alone, with PostgreSQL and the key', async () => {
    const [stormy, quiet] = places;
    if (stormy === undefined || quiet === undefined) throw new Error('There are no customers.');
    await giveAll(technicians.slice(0, 3), [stormy, quiet]);
    for (const name of ['api', 'worker', 'revoker'] as const) await stack.kill(name);
    const fault = await throttle(stormy);
    const revoke = (...args: readonly string[]) =>
      stack.consoleKnowing(DATABASE_AND_KEY, 'revoke', '--all', ...args);

    const first = await revoke('--reason', 'a laptop was stolen', '--wait', '10');

    expect(first.stderr).toBe('');
    expect(first.code).toBe(4);
    expect(await enabledIn(quiet)).toBe(0);
    expect(first.stdout.match(/^closed +customer-1 /gm)).toHaveLength(3);
    expect(first.stdout).toContain('customer-0  jit-tech-0@customer-0.example: throttled');
    expect(first.stdout).toContain(
      `Connect-MgGraph -Environment <your cloud> -TenantId ${stormy.customer.tenantId}`,
    );
    expect(first.stdout).not.toContain(stormy.customer.secret);

    await stack.simulator.clearFaults(fault);
    const second = await revoke('--wait', '60');
    expect([second.code, second.stderr]).toEqual([0, '']);
    expect(second.stdout).toContain(' 0 not done.');
    expect(await enabledIn(stormy)).toBe(0);
    const ended = await stack.database((client) =>
      client.query(`SELECT FROM access_grant WHERE state = 'ended' AND end_reason = 'killed'`),
    );
    expect(ended.rowCount).toBe(GRANTS + 6);
  }, 180_000);
});

const numbered = (name: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${name}-${index}`);

/** A few at a time. */
const sideBySide = async <Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> => {
  const results: Result[] = [];
  for (let index = 0; index < items.length; index += AT_ONCE)
    results.push(...(await Promise.all(items.slice(index, index + AT_ONCE).map(work))));
  return results;
};

import { TestMsp, type ConnectedCustomer } from '../support/stack-msp.js';
import { until } from '../support/stack-until.js';
import { TestStack } from '../support/stack.js';

interface Tier {
  readonly tier: string;
  readonly state: 'unproven' | 'running' | 'proven' | 'failed' | 'lost';
  readonly cause: { readonly code: string; readonly mend: string } | null;
}
interface TakeBack {
  readonly tiers: readonly Tier[];
}

const GLOBAL_ADMINISTRATOR = '62e90394-69f5-4237-9190-012177145e10';
const PRIVILEGED = 'Privileged Authentication Administrator';
const PROVEN_WITHIN_MS = 90_000;

describe('The canary, by the API and the simulator', () => {
  let stack: TestStack;
  let msp: TestMsp;
  let customer: ConnectedCustomer;
  let policyId: string;

  beforeAll(async () => {
    stack = await TestStack.start();
    msp = await TestMsp.create(stack);
    customer = await msp.customer('contoso');
    policyId = await msp.policy(customer, { roles: [GLOBAL_ADMINISTRATOR] });
  }, 90_000);
  afterAll(() => stack.stop(), 60_000);

  const path = () => `/customers/${customer.customerId}/entra-connection/canary`;
  const admin = async (): Promise<Tier> => {
    const { tiers } = await msp.owner.get<TakeBack>(path());
    const found = tiers.find(({ tier }) => tier === 'admin');
    if (found === undefined) throw new Error('There is no such tier.');
    return found;
  };
  const becomes = (state: Tier['state']): Promise<Tier> =>
    until(admin, (tier) => tier.state === state, {
      what: `admin roles are ${state}`,
      timeoutMs: PROVEN_WITHIN_MS,
    });
  const hold = async (directoryRoles: readonly string[]): Promise<void> => {
    const { clientId, secret, tenantId } = customer;
    await stack.simulator.patchTenant(tenantId, {
      apps: [{ clientId, secrets: [{ value: secret }], directoryRoles: [...directoryRoles] }],
    });
    await stack.simulator.settle(tenantId);
  };
  const ask = () =>
    msp.technician.request({ customerId: customer.customerId, policyId, durationSeconds: 60 });
  const refused = () =>
    expect(ask()).rejects.toMatchObject({ problem: { status: 409, code: 'customer.take_back_unproven' } });
  const usersLeft = async (): Promise<readonly string[]> => {
    const { users } = await stack.simulator.truth(customer.tenantId);
    return users.map(({ userPrincipalName }) => userPrincipalName).filter((name) => name.includes('canary'));
  };
  /** The night comes at once. */
  const nightfall = () =>
    stack.database(async (client) => {
      await client.query(`UPDATE take_back_proof SET reread_at = now() - interval '1 minute'`);
      await client.query(`UPDATE customer_drift SET due_at = now() - interval '1 minute'`);
    });

  it('proves that admin roles can be taken back, and leaves nothing in the tenant', async () => {
    expect(await msp.owner.post<TakeBack>(path(), {})).toMatchObject({
      tiers: expect.arrayContaining([
        expect.objectContaining({ tier: 'admin', state: 'running' }),
      ]) as unknown,
    });
    await becomes('proven');
    expect(await usersLeft()).toEqual([]);
  }, 120_000);

  it('fails without the directory role, and nothing is given until it is proven again', async () => {
    await hold([]);
    await msp.owner.post(path(), {});
    const { cause } = await becomes('failed');
    expect(cause).toMatchObject({
      code: 'directory.directory_role_missing',
      mend: expect.stringContaining(PRIVILEGED) as string,
    });
    await refused();
    await until(usersLeft, (names) => names.length === 0, {
      what: 'canaries are gone',
      timeoutMs: PROVEN_WITHIN_MS,
    });

    await hold([PRIVILEGED]);
    await msp.owner.post(path(), {});
    await becomes('proven');
    const grant = await msp.activeGrant(customer, policyId, 60);
    await msp.technician.end(grant.id);
    await msp.reaches(grant.id, 'ended');
  }, 300_000);

  it('closes the customer when take-back is lost at night, alarms, and opens it when it is back', async () => {
    await hold([]);
    await nightfall();
    expect((await becomes('lost')).cause).toMatchObject({ code: 'directory.directory_role_missing' });
    await refused();
    const { items } = await msp.owner.get<{ items: readonly { kind: string; customerId: string }[] }>(
      '/alarms',
    );
    expect(items).toContainEqual(
      expect.objectContaining({ kind: 'take_back.lost', customerId: customer.customerId }),
    );
    expect(await msp.owner.get(`/customers/${customer.customerId}/health`)).toMatchObject({
      status: 'bad',
      reasons: expect.arrayContaining([expect.objectContaining({ cause: 'take_back_lost' })]) as unknown,
    });

    await hold([PRIVILEGED]);
    await nightfall();
    await becomes('proven');
    const { id } = await ask();
    await msp.reaches(id, 'active');
    expect(await usersLeft()).toEqual([]);
  }, 300_000);
});

import { randomUUID } from 'node:crypto';
import type { TrueUser } from '../support/simulator.js';
import {
  HELPDESK_ADMINISTRATOR,
  TestMsp,
  USER_ADMINISTRATOR,
  type ConnectedCustomer,
} from '../support/stack-msp.js';
import { TestStack } from '../support/stack.js';

/** Can't be held in a unit. */
const EXCHANGE_ADMINISTRATOR = '29232cdf-9323-42fd-ade2-1d097af3e4de';

describe('a role in an administrative unit', () => {
  let stack: TestStack;
  let msp: TestMsp;

  beforeAll(async () => {
    stack = await TestStack.start();
    msp = await TestMsp.create(stack);
  }, 90_000);

  afterAll(() => stack.stop(), 60_000);

  const withUnit = async (name: string, isRestricted = false) => {
    const unitId = randomUUID();
    const unit = { id: unitId, displayName: 'North', isMemberManagementRestricted: isRestricted };
    const customer = await msp.customer(name, { administrativeUnits: [unit] });
    return { customer, unitId };
  };

  const account = async ({ tenantId }: ConnectedCustomer, upn: string): Promise<TrueUser | undefined> =>
    (await stack.simulator.truth(tenantId)).users.find((user) => user.userPrincipalName === upn);

  it.each([
    ['a plain unit', false],
    ['a restricted one', true],
  ])(
    'is held in %s alone, and gone with the grant',
    async (_, isRestricted) => {
      const { customer, unitId } = await withUnit(`unit-${String(isRestricted)}`, isRestricted);
      const unitRoles = [{ roleId: HELPDESK_ADMINISTRATOR, unitId }];
      const policy = await msp.policy(customer, { roles: [USER_ADMINISTRATOR], unitRoles });

      const grant = await msp.activeGrant(customer, policy);
      const roles = (await account(customer, grant.upn))?.roles ?? [];
      expect(new Map(roles.map(({ id, directoryScopeId = '/' }) => [id, directoryScopeId]))).toEqual(
        new Map([
          [HELPDESK_ADMINISTRATOR, `/administrativeUnits/${unitId}`],
          [USER_ADMINISTRATOR, '/'],
        ]),
      );

      await msp.technician.end(grant.id);
      const ended = await msp.reaches(grant.id, 'ended');
      expect(await account(customer, grant.upn)).toMatchObject({ accountEnabled: false, roles: [] });
      expect(ended.proofs[0]).toMatchObject({ enabled: false, roles: [] });
    },
    120_000,
  );

  it('fails with the words of Entra where the role can only be held in the whole tenant', async () => {
    const { customer, unitId } = await withUnit('not-in-a-unit');
    const unitRoles = [{ roleId: EXCHANGE_ADMINISTRATOR, unitId }];
    const policy = await msp.policy(customer, { roles: [], unitRoles });

    const { customerId } = customer;
    const asked = await msp.technician.request({ customerId, policyId: policy, durationSeconds: 600 });
    const failed = await msp.reaches(asked.id, 'ended', 120_000);

    expect(failed).toMatchObject({ endReason: 'failed', failure: { code: 'directory.invalid' } });
    expect(failed.failure?.message).toContain('single resource scope');
    expect(await account(customer, failed.upn)).toMatchObject({ accountEnabled: false, roles: [] });
  }, 180_000);
});

import { randomUUID } from 'node:crypto';
import type { TenantPatch } from '../support/simulator.js';
import { CONSENTED, TestMsp, type ConnectedCustomer, type PolicyTerms } from '../support/stack-msp.js';
import { until } from '../support/stack-until.js';
import { TestStack } from '../support/stack.js';

interface Line {
  readonly id: string;
  readonly verdict: 'pass' | 'warn' | 'fail';
  readonly says: string;
  readonly mend: string | null;
}

interface Validation {
  readonly verdict: Line['verdict'];
  readonly lines: readonly Line[];
}

const GLOBAL_ADMINISTRATOR = '62e90394-69f5-4237-9190-012177145e10';
const PHISHING_RESISTANT = '00000000-0000-0000-0000-000000000004';
const READ_WITHIN_MS = 20_000;
const DAY = 86_400_000;
const KEYS_ONLY = {
  displayName: 'Keys only',
  state: 'enabled' as const,
  conditions: {
    applications: { includeApplications: ['All'] },
    users: { includeRoles: [GLOBAL_ADMINISTRATOR] },
  },
  grantControls: { operator: 'OR', authenticationStrength: { id: PHISHING_RESISTANT } },
};

interface Provoked {
  readonly id: string;
  readonly provoked: TenantPatch;
  readonly mended: TenantPatch;
  readonly words: RegExp;
}

const PERMITTED = [...CONSENTED, 'Policy.Read.All'];

describe('Validate, by the API and the simulator', () => {
  let stack: TestStack;
  let msp: TestMsp;
  let customer: ConnectedCustomer;

  beforeAll(async () => {
    stack = await TestStack.start();
    msp = await TestMsp.create(stack);
    customer = await msp.customer('contoso', {
      licence: 'P2',
      groups: [{ displayName: 'Operators' }, { displayName: 'Turning' }],
      users: [
        { userPrincipalName: 'one@contoso.example', roles: ['Global Administrator'] },
        { userPrincipalName: 'two@contoso.example', roles: ['Global Administrator'] },
      ],
    });
    await app({ permissions: PERMITTED });
    await msp.policy(customer, { roles: [GLOBAL_ADMINISTRATOR], groups: [customer.groupId] });
  }, 90_000);
  afterAll(() => stack.stop(), 60_000);

  const change = (patch: TenantPatch): Promise<unknown> =>
    stack.simulator.patchTenant(customer.tenantId, patch);
  /** Curfew's app in the tenant is like this from now on. A fresh credential brings a fresh token. */
  const app = async (changes: NonNullable<TenantPatch['apps']>[number] | object): Promise<void> => {
    const secret = `planted-${Math.random()}`;
    await change({ apps: [{ clientId: customer.clientId, secrets: [{ value: secret }], ...changes }] });
    customer = { ...customer, secret };
  };
  const validate = async (at = customer): Promise<Validation> =>
    msp.owner.post<Validation>(`/customers/${at.customerId}/entra-connection/validate`);
  /** Conditional Access may be asked once a second. */
  const line = async (id: string): Promise<Line> => {
    const found = await until(
      async () => (await validate()).lines.find((each) => each.id === id),
      (seen) => seen?.says.includes('TooManyRequests') === false,
      { what: `the line ${id} is read`, timeoutMs: READ_WITHIN_MS },
    );
    if (found === undefined) throw new Error(`There is no line ${id}.`);
    return found;
  };
  const verdict = async (id: string): Promise<Line['verdict']> => (await line(id)).verdict;

  it('passes line by line where all is as it should be, and is kept', async () => {
    await msp.connect(customer.customerId, customer);
    const { lines } = await validate();

    // Nobody told when the secret ends.
    expect(lines.filter(({ verdict: own }) => own !== 'pass').map(({ id }) => id)).toEqual([
      'credential_end',
    ]);
    const kept = await msp.owner.get<Validation>(
      `/customers/${customer.customerId}/entra-connection/validation`,
    );
    expect(kept.lines).toEqual(lines);
  });

  it('asks all side by side: a token and three calls, whatever the policies give', async () => {
    const seen = await stack.simulator.requests();
    await validate();
    const calls = (await stack.simulator.requests())
      .slice(seen.length)
      .filter(({ tenantId, kind }) => tenantId === customer.tenantId && kind !== 'discovery');

    expect(calls.length).toBeLessThanOrEqual(4);
  });

  const PROVOKED: readonly Provoked[] = [
    {
      id: 'passes',
      provoked: { passPolicy: { state: 'disabled' } },
      mended: { passPolicy: { state: 'enabled' } },
      words: /switched off/,
    },
    {
      id: 'domain',
      provoked: { domains: [{ name: 'contoso.example', authenticationType: 'Federated' }] },
      mended: { domains: [{ name: 'contoso.example', authenticationType: 'Managed' }] },
      words: /federated/,
    },
    {
      id: 'conditional_access',
      provoked: { conditionalAccess: [KEYS_ONLY] },
      mended: { conditionalAccess: [] },
      words: /Keys only/,
    },
  ];

  it.each(PROVOKED)('$id: provoked, then mended', async ({ id, provoked, mended, words }) => {
    await change(provoked);
    await stack.simulator.settle(customer.tenantId);
    expect(await line(id)).toMatchObject({ verdict: 'fail', says: expect.stringMatching(words) as string });
    await change(mended);
    await stack.simulator.settle(customer.tenantId);
    expect(await verdict(id)).toBe('pass');
  });

  it('permissions and directory role: provoked, then mended, and what was learned counts', async () => {
    const connection = () =>
      msp.owner.get<{ capabilities: { mayTouchRoleHolders: boolean } }>(
        `/customers/${customer.customerId}/entra-connection`,
      );
    const before = customer.secret;
    await change({
      apps: [
        {
          clientId: customer.clientId,
          secrets: [{ value: before }],
          permissions: [...PERMITTED, 'User.Invite.All'],
          directoryRoles: [],
        },
      ],
    });
    await stack.simulator.settle(customer.tenantId);

    expect(await verdict('directory_role')).toBe('warn');
    expect(await connection()).toMatchObject({ capabilities: { mayTouchRoleHolders: false } });

    await app({ permissions: PERMITTED, directoryRoles: ['Privileged Authentication Administrator'] });
    await msp.connect(customer.customerId, customer);
    await stack.simulator.settle(customer.tenantId);
    expect(await verdict('directory_role')).toBe('pass');
    expect(await connection()).toMatchObject({ capabilities: { mayTouchRoleHolders: true } });
  });

  it('permissions that Curfew has no use for are named, until they are gone', async () => {
    await app({ permissions: [...PERMITTED, 'User.Invite.All'] });
    await msp.connect(customer.customerId, customer);
    expect(await line('excess_permissions')).toMatchObject({
      verdict: 'warn',
      says: expect.stringMatching(/User\.Invite\.All/) as string,
    });

    await app({ permissions: PERMITTED });
    await msp.connect(customer.customerId, customer);
    expect(await verdict('excess_permissions')).toBe('pass');
  });

  it('a permission that is needed and was withdrawn is named, until it is given again', async () => {
    const { clientId, secret } = customer;
    const permitted = (permissions: readonly string[]) =>
      change({ apps: [{ clientId, secrets: [{ value: secret }], permissions: [...permissions] }] });
    await permitted(PERMITTED.filter((name) => name !== 'User.EnableDisableAccount.All'));
    expect(await line('permissions')).toMatchObject({
      verdict: 'fail',
      says: expect.stringMatching(/User\.EnableDisableAccount\.All/) as string,
    });

    await permitted(PERMITTED);
    expect(await verdict('permissions')).toBe('pass');
  });

  it('the token: a secret that was withdrawn is named as such until another one is entered', async () => {
    await change({ apps: [{ clientId: customer.clientId, secrets: [{ value: 'another' }] }] });
    expect(await line('token')).toMatchObject({
      verdict: 'fail',
      mend: expect.stringMatching(/secret/i) as string,
    });

    await app({});
    await msp.connect(customer.customerId, customer);
    expect(await verdict('token')).toBe('pass');
  });

  it('the end of the credential: soon, and far away', async () => {
    const ends = async (days: number): Promise<Line['verdict']> => {
      const endsAt = new Date(Date.now() + days * DAY).toISOString();
      const { tenantId, clientId, domain, secret } = customer;
      await msp.owner.put(`/customers/${customer.customerId}/entra-connection`, {
        cloud: 'custom',
        tenantId,
        clientId,
        domain,
        credential: { kind: 'secret', value: secret },
        credentialEndsAt: endsAt,
      });
      return verdict('credential_end');
    };
    expect(await ends(20)).toBe('warn');
    expect(await ends(400)).toBe('pass');
  });

  it('Global Administrators: one alone is too few', async () => {
    const { users } = await stack.simulator.truth(customer.tenantId);
    const two = users.find(({ userPrincipalName }) => userPrincipalName === 'two@contoso.example')?.id ?? '';
    const portal = async (what: 'addRole' | 'removeRole'): Promise<void> => {
      await stack.simulator.portal(customer.tenantId, {
        do: what,
        userId: two,
        roleId: GLOBAL_ADMINISTRATOR,
      });
      await stack.simulator.settle(customer.tenantId);
    };
    await portal('removeRole');
    expect(await line('global_administrators')).toMatchObject({
      verdict: 'warn',
      mend: expect.stringMatching(/break-glass/) as string,
    });
    await portal('addRole');
    expect(await verdict('global_administrators')).toBe('pass');
  });

  it('the licence is told as it is', async () => {
    await change({ licence: 'free' });
    expect(await line('licence')).toMatchObject({
      verdict: 'pass',
      says: expect.stringMatching(/Entra ID Free/) as string,
    });
    await change({ licence: 'P2' });
    expect(await line('licence')).toMatchObject({
      verdict: 'pass',
      says: expect.stringMatching(/P2/) as string,
    });
  });

  it('what policies give and the tenant has not: role, unit, group; and a group that turned dynamic', async () => {
    const { groups } = await stack.simulator.truth(customer.tenantId);
    const turning = groups.find(({ displayName }) => displayName === 'Turning')?.id ?? '';
    const nowhere = randomUUID();
    const unitRole = { roleId: GLOBAL_ADMINISTRATOR, unitId: nowhere };
    const wrong: readonly [string, PolicyTerms, RegExp][] = [
      ['roles', { roles: [nowhere] }, /Not in this tenant/],
      ['units', { roles: [], unitRoles: [unitRole] }, /not in this tenant/],
      ['groups', { roles: [], groups: [nowhere] }, /is not in this tenant/],
      ['groups', { roles: [], groups: [turning] }, /dynamic/],
    ];
    await stack.simulator.portal(customer.tenantId, { do: 'makeDynamic', groupId: turning });
    await stack.simulator.settle(customer.tenantId);
    for (const [id, terms, words] of wrong) {
      const wanted = { name: 'Wrong', defaultDurationSeconds: 30, maximumDurationSeconds: 3_600, ...terms };
      const policyId = await msp.policy(customer, wanted);
      expect(await line(id)).toMatchObject({ verdict: 'fail', says: expect.stringMatching(words) as string });
      await msp.owner.put(`/access-policies/${policyId}`, { ...wanted, version: 1, state: 'archived' });
      expect(await verdict(id)).toBe('pass');
    }
  });

  it('a policy for all customers, until one of the customer itself stands in its place', async () => {
    const terms = { defaultDurationSeconds: 30, maximumDurationSeconds: 3_600 };
    const roles = [randomUUID()];
    const wide = { ...terms, name: 'Everywhere', roles };
    const { id } = await msp.owner.post<{ id: string }>('/access-policies', { customerId: null, ...wide });
    expect(await verdict('roles')).toBe('fail');

    await msp.policy(customer, { name: 'everywhere', roles: [GLOBAL_ADMINISTRATOR] });
    expect(await verdict('roles')).toBe('pass');
    await msp.owner.put(`/access-policies/${id}`, { ...wide, version: 1, state: 'archived' });
  });

  it('a customer that no policy reaches', async () => {
    const other = await msp.customer('fabrikam', { licence: 'P1' });
    const told = async () => (await validate(other)).lines.find(({ id }) => id === 'policies')?.verdict;
    expect(await told()).toBe('warn');
    await msp.policy(other);
    expect(await told()).toBe('pass');
  });

  it('is for admins, and for customers that are connected', async () => {
    const path = `/customers/${customer.customerId}/entra-connection/validate`;
    await expect(msp.technician.post(path)).rejects.toMatchObject({ problem: { status: 403 } });
    const { id } = await msp.owner.post<{ id: string }>('/customers', { name: 'Unconnected' });
    await expect(msp.owner.post(`/customers/${id}/entra-connection/validate`)).rejects.toMatchObject({
      problem: { code: 'customer.not_connected' },
    });
    await expect(msp.owner.get(`/customers/${id}/entra-connection/validation`)).rejects.toMatchObject({
      problem: { code: 'validation.not_found' },
    });
  });

  // Last, since no clock goes back.
  it("Graph's clock: a little ahead, and so far that nothing is enabled", async () => {
    expect(await verdict('clock')).toBe('pass');
    await stack.simulator.advance(10_000);
    expect(await verdict('clock')).toBe('warn');
    await stack.simulator.advance(30_000);
    expect(await line('clock')).toMatchObject({
      verdict: 'fail',
      mend: expect.stringMatching(/NTP/) as string,
    });
  });
});

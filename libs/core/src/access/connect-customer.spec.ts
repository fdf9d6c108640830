import { DirectoryError, type Directory, type TenantInspection } from '#core/accounts';
import { idOf, MINUTE, Secret } from '#core/shared';
import { openApp, type EntraConnection } from '#core/tenancy';
import {
  aWorld,
  FAKE_CLIENT_ID,
  FAKE_CREDENTIAL,
  FakeCertificates,
  FakeClock,
  FakeDirectory,
  FakeIds,
  FakeJobQueue,
  FakeSecretBox,
  InMemoryUnitOfWork,
  NOON,
  plant,
} from '#core/testing';
import { ConnectCustomer, type ConnectCustomerCommand } from './connect-customer.js';
import { notesOn } from './judge-inspection.js';

const TENANT = '99999999-2222-4333-8444-555555555555';
const DOMAIN = 'fabrikam.onmicrosoft.com';

/** A directory that says of the tenant what a test wants to hear. */
class TellingDirectory extends FakeDirectory {
  told: Partial<TenantInspection> = {};
  /** What happens while it is asked. */
  meanwhile: () => Promise<void> = () => Promise.resolve();
  readonly asked: Parameters<Directory['inspect']>[0][] = [];

  override async inspect(...args: Parameters<Directory['inspect']>): Promise<TenantInspection> {
    this.asked.push(args[0]);
    await this.meanwhile();
    return { ...(await super.inspect(...args)), ...this.told };
  }
}

/** A customer without a connection, and a tenant to connect it to. */
const setUp = async (federated: 'own' | 'another' | null = 'own') => {
  const [ids, clock, queue, box] = [
    new FakeIds(),
    new FakeClock(NOON),
    new FakeJobQueue(),
    new FakeSecretBox(),
  ];
  const unitOfWork = new InMemoryUnitOfWork();
  const directory = new TellingDirectory(() => clock.now());
  const tenant = directory.addTenant({ tenantId: TENANT, domains: [DOMAIN] });
  const world = aWorld(ids);
  await unitOfWork.inOrganization(world.organization.id, async (stores) => {
    await stores.organizations.insert(world.organization);
    await stores.customers.insert(world.customer);
  });
  const certificates = new FakeCertificates();
  const useCase = new ConnectCustomer({
    ...{ unitOfWork, directory, queue, clock, ids, box, certificates },
    federatedOrganization: federated === 'own' ? world.organization.slug : federated,
  });
  const connect = (wish: Partial<ConnectCustomerCommand> = {}): Promise<EntraConnection> =>
    useCase.execute({
      organizationId: world.organization.id,
      customerId: world.customer.id,
      cloud: 'global',
      tenantId: TENANT,
      clientId: FAKE_CLIENT_ID,
      credential: { kind: 'secret', value: new Secret(FAKE_CREDENTIAL) },
      credentialEndsAt: null,
      domain: DOMAIN,
      actor: { kind: 'console' },
      ...wish,
    });
  return { ...world, ids, clock, queue, box, unitOfWork, directory, tenant, certificates, connect };
};

describe('ConnectCustomer', () => {
  it('keeps the credential sealed to its place, with what the tenant allows', async () => {
    const { connect, unitOfWork, box, tenant } = await setUp();

    const connection = await connect({ domain: DOMAIN.toUpperCase() });

    expect(unitOfWork.peek().connections).toEqual([connection]);
    expect(connection).toMatchObject({
      version: 1,
      domain: DOMAIN,
      checkedAt: NOON,
      capabilities: { mayTouchRoleHolders: true, pass: tenant.pass, timedRoles: true },
      timedRolesRefused: {},
    });
    expect(openApp(connection, box).credential.value.expose()).toBe(FAKE_CREDENTIAL);
  });

  it('tells the audit log what was connected, and nothing of the credential', async () => {
    const { connect, unitOfWork } = await setUp();

    await connect();

    expect(unitOfWork.peek().audit).toMatchObject([
      { action: 'entra_connection.changed', details: { tenantId: TENANT, domain: DOMAIN, version: 1 } },
    ]);
    expect(JSON.stringify(unitOfWork.peek().audit)).not.toContain(FAKE_CREDENTIAL);
  });

  it('exchanges the credential under a new version, to which it is sealed', async () => {
    const { connect, unitOfWork, tenant, box } = await setUp();
    const first = await connect();
    tenant.credential = 'another-secret';

    const second = await connect({ credential: { kind: 'secret', value: new Secret('another-secret') } });

    expect(second).toMatchObject({ id: first.id, version: 2 });
    expect(openApp(second, box).credential.value.expose()).toBe('another-secret');
    expect(unitOfWork.peek().connections).toEqual([second]);
  });

  it('keeps nothing where the workload identity of the deployment vouches for us', async () => {
    const { connect, tenant, box } = await setUp();
    tenant.credential = '';

    const connection = await connect({ credential: { kind: 'federated' } });

    expect(connection.credentialKind).toBe('federated');
    expect(openApp(connection, box).credential).toMatchObject({ kind: 'federated' });
    expect(openApp(connection, box).credential.value.expose()).toBe('');
  });

  it.each(['another', null] as const)(
    'lets nobody in by a workload identity that vouches for %s',
    async (federated) => {
      const { connect, tenant, directory, unitOfWork } = await setUp(federated);
      tenant.credential = '';

      await expect(connect({ credential: { kind: 'federated' } })).rejects.toMatchObject({
        code: 'entra_connection.federation_unavailable',
      });

      expect(directory.asked).toEqual([]);
      expect(unitOfWork.peek().connections).toEqual([]);
    },
  );

  it('asks the tenant each time under a name of its own, so that no kept token vouches for a wrong credential', async () => {
    const { connect, directory } = await setUp();
    const kept = await connect();
    await connect();

    const names = directory.asked.map(({ connectionId }) => connectionId);

    expect(new Set([kept.id, ...names]).size).toBe(3);
  });

  it.each<[string, Partial<ConnectCustomerCommand>, Partial<TenantInspection>]>([
    ['directory.credential_bad', { credential: { kind: 'secret', value: new Secret('wrong') } }, {}],
    ['directory.credential_bad', { tenantId: '88888888-2222-4333-8444-555555555555' }, {}],
    ['directory.consent_missing', {}, { missingPermissions: ['User.ReadWrite.All'] }],
    ['directory.tenant_mismatch', {}, { tenantId: '77777777-2222-4333-8444-555555555555' }],
    ['directory.domain_unknown', { domain: 'elsewhere.example' }, {}],
    ['directory.domain_unverified', {}, { domains: [{ name: DOMAIN, verified: false, managed: true }] }],
    ['directory.domain_federated', {}, { domains: [{ name: DOMAIN, verified: true, managed: false }] }],
    ['customer.not_found', { customerId: idOf('0190a000-0000-7000-8000-0000000000aa') }, {}],
  ])('refuses with %s and stores nothing', async (code, wish, told) => {
    const { connect, unitOfWork, directory } = await setUp();
    directory.told = told;

    await expect(connect(wish)).rejects.toMatchObject({ code });

    expect(unitOfWork.peek().connections).toEqual([]);
    expect(unitOfWork.peek().audit).toEqual([]);
  });

  it('keeps what was there when the new one is refused', async () => {
    const { connect, unitOfWork } = await setUp();
    const first = await connect();

    await expect(
      connect({ credential: { kind: 'secret', value: new Secret('wrong') } }),
    ).rejects.toMatchObject({ code: 'directory.credential_bad' });

    expect(unitOfWork.peek().connections).toEqual([first]);
  });

  it('says how to mend a credential that Entra refuses', async () => {
    const { connect } = await setUp();

    await expect(
      connect({ credential: { kind: 'secret', value: new Secret('wrong') } }),
    ).rejects.toMatchObject({ details: { mend: expect.any(String) as string } });
  });

  it('names the missing permissions, and the domains that can be used', async () => {
    const { connect, directory } = await setUp();
    directory.told = { missingPermissions: ['Domain.Read.All'] };
    await expect(connect()).rejects.toMatchObject({ details: { missingPermissions: ['Domain.Read.All'] } });

    directory.told = {};
    await expect(connect({ domain: 'elsewhere.example' })).rejects.toMatchObject({
      details: { domains: [DOMAIN] },
    });
  });

  it('says "try again" when Entra does not answer', async () => {
    const { connect, directory } = await setUp();
    const away = new DirectoryError('unanswered', 'No answer in time.', {
      retry: 'later',
      workload: 'sign-in',
      status: null,
      code: null,
      retryAfterSeconds: null,
      requestId: null,
    });
    directory.inspect = () => Promise.reject(away);

    await expect(connect()).rejects.toMatchObject({ code: 'directory.unavailable', kind: 'unavailable' });
  });

  it('refuses when somebody else changed the connection while the tenant was asked', async () => {
    const { connect, directory } = await setUp();
    directory.meanwhile = async () => {
      directory.meanwhile = () => Promise.resolve();
      await connect();
    };

    await expect(connect()).rejects.toMatchObject({ code: 'entra_connection.changed_meanwhile' });
  });
});

describe('ConnectCustomer, once accounts were made', () => {
  const setUpInUse = async () => {
    const setup = await setUp();
    const { unitOfWork, directory } = setup;
    const used = aWorld(setup.ids);
    const running = { ...used.grant, state: 'active' as const, endedAt: null, proofs: [] };
    await plant(unitOfWork, { ...used, grant: running });
    directory.addTenant({ tenantId: used.connection.tenantId, domains: [DOMAIN] });
    const connectUsed = (wish: Partial<ConnectCustomerCommand>) =>
      setup.connect({ organizationId: used.organization.id, customerId: used.customer.id, ...wish });
    return { ...setup, used, connectUsed };
  };

  it('refuses another tenant', async () => {
    const { connectUsed, used, unitOfWork } = await setUpInUse();

    await expect(connectUsed({ tenantId: TENANT })).rejects.toMatchObject({
      code: 'entra_connection.tenant_fixed',
    });

    expect(unitOfWork.peek().connections).toContainEqual(used.connection);
  });

  it('has every account in use looked at with the new credential', async () => {
    const { connectUsed, used, unitOfWork, queue } = await setUpInUse();

    await connectUsed({ tenantId: used.connection.tenantId });

    const account = unitOfWork.peek().accounts.find(({ id }) => id === used.account.id);
    expect(account).toMatchObject({ dueAt: NOON, version: used.account.version + 1 });
    expect(queue.rung).toMatchObject([{ at: null, job: { customerId: used.customer.id } }]);
  });

  const throttleBoth = ({ unitOfWork, used }: Awaited<ReturnType<typeof setUpInUse>>) =>
    unitOfWork.inOrganization(used.organization.id, async ({ customers }) => {
      await customers.throttle(used.customer.id, {
        workload: 'sign-in',
        until: NOON + MINUTE,
        reason: 'refused',
      });
      await customers.throttle(used.customer.id, { workload: 'pim', until: NOON + MINUTE, reason: '429' });
    });

  it('lets the bell find the customer at once whose old credential was refused a moment ago', async () => {
    const setup = await setUpInUse();
    const { connectUsed, used, unitOfWork } = setup;
    const customer = { organizationId: used.organization.id, customerId: used.customer.id };
    await throttleBoth(setup);

    await connectUsed({ tenantId: used.connection.tenantId });

    expect(unitOfWork.peek().throttles).toMatchObject([
      { workload: 'sign-in', until: NOON },
      { workload: 'pim', until: NOON + MINUTE },
    ]);
    expect(await unitOfWork.clockwork.dueCustomers(NOON, 9)).toEqual([customer]);
    expect(await unitOfWork.clockwork.claimDue([customer], NOON, 9)).toMatchObject([
      { accountId: used.account.id },
    ]);
  });

  it('leaves the customer throttled when the new credential is refused too', async () => {
    const setup = await setUpInUse();
    const { connectUsed, used, unitOfWork } = setup;
    await throttleBoth(setup);

    await expect(
      connectUsed({
        tenantId: used.connection.tenantId,
        credential: { kind: 'secret', value: new Secret('wrong') },
      }),
    ).rejects.toMatchObject({ code: 'directory.credential_bad' });

    expect(unitOfWork.peek().throttles[0]).toMatchObject({ workload: 'sign-in', until: NOON + MINUTE });
  });
});

describe('notesOn', () => {
  it('warns where accounts can be disabled only after their roles are gone', () => {
    const pass = { minimumMinutes: 10, maximumMinutes: 60, onceOnly: false };

    expect(notesOn({ mayTouchRoleHolders: true, pass, timedRoles: true })).toEqual([]);
    expect(notesOn({ mayTouchRoleHolders: false, pass, timedRoles: true })).toEqual([
      expect.stringContaining('Privileged Authentication Administrator'),
    ]);
    expect(notesOn({ mayTouchRoleHolders: true, pass: null, timedRoles: true })).toEqual([
      expect.stringContaining('Temporary Access Passes'),
    ]);
  });
});

import { idOf, Secret } from '#core/shared';
import { appsOf } from '#core/tenancy';
import { ConvergenceWorld } from '../testing/convergence-world.js';
import { FakeCertificates } from '../testing/fake-certificates.js';
import { FAKE_CLIENT_ID, FAKE_CREDENTIAL } from '../testing/fake-directory.js';
import { RemoveRevokerCredential, SetRevokerCredential } from './revoker-credential.js';

const OWN_APP = '22222222-2222-4222-8222-222222222222';
const OWN_SECRET = "the-revoker's-own-secret";

const setUp = async () => {
  const world = await ConvergenceWorld.create();
  world.tenant.otherApps.set(OWN_APP, OWN_SECRET);
  const { unitOfWork, directory, clock, ids, box, customer } = world;
  const certificates = new FakeCertificates();
  const ports = { unitOfWork, directory, clock, ids, box, certificates, federatedOrganization: null };
  const by = { ...customer, actor: { kind: 'console' } as const };
  const set = (clientId = OWN_APP, value = OWN_SECRET, at = {}) =>
    new SetRevokerCredential(ports).execute({
      ...by,
      clientId,
      credential: { kind: 'secret', value: new Secret(value) },
      credentialEndsAt: null,
      ...at,
    });
  const remove = () => new RemoveRevokerCredential(ports).execute(by);
  const second = async () => {
    const connection = await unitOfWork
      .forRevoker()
      .inOrganization(customer.organizationId, ({ connections }) =>
        connections.ofCustomer(customer.customerId),
      );
    return connection?.second === undefined ? null : appsOf(connection, box)[0];
  };
  const audit = () => unitOfWork.peek().audit.map(({ action, details }) => ({ action, details }));
  return { world, set, remove, second, audit };
};

describe("the revoker's own credential", () => {
  it('is sealed for the revoker, and told to the audit log without what it is', async () => {
    const { world, set, second, audit } = await setUp();

    const known = await set(OWN_APP.toUpperCase());

    expect(known).toMatchObject({ clientId: OWN_APP, tenantId: world.tenant.tenantId, version: 1 });
    expect((await second())?.credential.value.expose()).toBe(OWN_SECRET);
    expect(audit().map(({ action }) => action)).toEqual(['revoker_credential.changed']);
    expect(JSON.stringify(audit())).not.toContain(OWN_SECRET);
  });

  it('is exchanged under a new version, and can be another secret of the same app', async () => {
    const { world, set, second } = await setUp();
    await set();
    world.tenant.credential = 'a second secret';

    await set(FAKE_CLIENT_ID, 'a second secret');

    expect(await second()).toMatchObject({ clientId: FAKE_CLIENT_ID, version: 2 });
  });

  it('is refused when it is the very one of the connection', async () => {
    const { set, second } = await setUp();

    await expect(set(FAKE_CLIENT_ID.toUpperCase(), FAKE_CREDENTIAL)).rejects.toMatchObject({
      code: 'revoker_credential.same',
    });
    expect(await second()).toBeNull();
  });

  it('is refused when the tenant refuses it, or lets it do less than is needed; what was there stays', async () => {
    const { world, set, second, audit } = await setUp();
    await set();

    await expect(set(OWN_APP, 'wrong')).rejects.toMatchObject({ code: 'directory.credential_bad' });
    world.tenant.permissions.delete('GroupMember.ReadWrite.All');
    await expect(set()).rejects.toMatchObject({ code: 'directory.consent_missing' });

    expect(await second()).toMatchObject({ version: 1 });
    expect(audit()).toHaveLength(1);
  });

  it('asks for a customer, and for a connection', async () => {
    const { world, set } = await setUp();
    const nobody = set(OWN_APP, OWN_SECRET, { customerId: idOf(world.ids.uuid()) });
    await expect(nobody).rejects.toMatchObject({ code: 'customer.not_found' });

    const { organizationId } = world.customer;
    const id = idOf<'customer'>(world.ids.uuid());
    await world.unitOfWork.inOrganization(organizationId, ({ customers }) =>
      customers.insert({ id, organizationId, name: 'New', state: 'active', createdAt: world.clock.now() }),
    );
    await expect(set(OWN_APP, OWN_SECRET, { customerId: id })).rejects.toMatchObject({
      code: 'entra_connection.not_found',
    });
  });

  it('is not kept when the connection was changed while the tenant was asked', async () => {
    const { world, set, second } = await setUp();
    const [connection] = world.unitOfWork.peek().connections;
    const inspect = world.directory.inspect.bind(world.directory);
    world.directory.inspect = async (...asked) => {
      if (connection !== undefined)
        await world.unitOfWork.inOrganization(connection.organizationId, ({ connections }) =>
          connections.save({ ...connection, version: 2 }, 1),
        );
      return inspect(...asked);
    };

    await expect(set()).rejects.toMatchObject({ code: 'revoker_credential.changed_meanwhile' });
    expect(await second()).toBeNull();
  });

  it('is removed, once, and may come back under a version that was never used', async () => {
    const { set, remove, second, audit } = await setUp();
    await set();

    expect(await remove()).toMatchObject({ state: 'removed' });
    expect(await second()).toBeNull();
    await expect(remove()).rejects.toMatchObject({ code: 'revoker_credential.not_found' });
    expect(await set()).toMatchObject({ state: 'active', version: 3 });

    expect(audit().map(({ action }) => action)).toEqual([
      'revoker_credential.changed',
      'revoker_credential.removed',
      'revoker_credential.changed',
    ]);
  });
});

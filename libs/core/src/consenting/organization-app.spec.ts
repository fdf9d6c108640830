import { HOUR, idOf, MINUTE, SECOND, Secret, type CustomerId } from '#core/shared';
import { openApp, type EntraConnection } from '#core/tenancy';
import { ConsentWorld, HOME, OTHER_TENANT, SHARED_APP, SHARED_SECRET } from '../testing/consent-world.js';
import { RemoveOrganizationApp } from './organization-app.js';

const secret = (value: string) => ({ kind: 'secret' as const, value: new Secret(value) });

describe("The organization's app", () => {
  it('is kept sealed to its place, and told to the audit log without what it is', async () => {
    const world = await ConsentWorld.create();

    const app = await world.setApp({ clientId: SHARED_APP.toUpperCase() });

    expect(app).toMatchObject({ clientId: SHARED_APP, tenantId: HOME, version: 1, state: 'active' });
    expect(world.actions()).toEqual(['organization_app.changed']);
    expect(JSON.stringify(world.unitOfWork.peek())).not.toContain(SHARED_SECRET);
  });

  it.each([
    ['directory.credential_bad', { credential: secret('wrong') }],
    ['directory.credential_bad', { tenantId: '99999999-0000-4000-8000-000000000099' }],
    ['organization_app.credential_end_past', { credentialEndsAt: 1 }],
  ])('is refused with %s and nothing is stored', async (code, wish) => {
    const world = await ConsentWorld.create();

    await expect(world.setApp(wish)).rejects.toMatchObject({ code });

    expect(await world.app()).toBeNull();
  });

  it('is proven by a token alone: its own tenant need not have consented to anything', async () => {
    const world = await ConsentWorld.create();
    world.home.permissions.clear();

    expect(await world.setApp()).toMatchObject({ version: 1 });
  });

  it('connects a customer whose tenant has consented, by no credential of its own', async () => {
    const world = await ConsentWorld.create();
    await world.setApp();

    const connection = await world.connect();

    expect(openApp(connection, world.box)).toMatchObject({ clientId: SHARED_APP, tenantId: world.tenantId });
    expect(openApp(connection, world.box).credential.value.expose()).toBe(SHARED_SECRET);
    expect(world.unitOfWork.peek().audit.at(-1)).toMatchObject({
      action: 'entra_connection.changed',
      details: { app: 'organization', clientId: SHARED_APP, tenantId: world.tenantId },
    });
  });

  it('connects nobody where it has no consent, or half of it, or there is no app', async () => {
    const world = await ConsentWorld.create();
    await expect(world.connect()).rejects.toMatchObject({ code: 'organization_app.not_found' });
    await world.setApp();
    world.tenant.permissions.delete('Domain.Read.All');
    await expect(world.connect()).rejects.toMatchObject({
      code: 'directory.consent_missing',
      details: { missingPermissions: ['Domain.Read.All'] },
    });
    world.tenant.otherApps.clear();
    await expect(world.connect()).rejects.toMatchObject({ code: 'directory.credential_bad' });

    expect(await world.connection()).toBeNull();
  });

  it('opens a tenant for one customer alone, whatever the other is connected by', async () => {
    const world = await ConsentWorld.create();
    await world.setApp();
    const first = await world.connect();
    const another = await world.newCustomer();

    await expect(world.connect({ customerId: another })).rejects.toMatchObject({
      code: 'entra_connection.tenant_taken',
      details: { customerId: first.customerId },
    });
  });

  it('counts at once with a new credential, for every customer that uses it', async () => {
    const world = await ConsentWorld.create();
    await world.setApp();
    await world.connect();
    await world.throttleSignIn();
    world.accept('the next secret');

    const app = await world.setApp({ credential: secret('the next secret') });

    expect(app).toMatchObject({ version: 2 });
    const used = (await world.connection()) as EntraConnection;
    expect(openApp(used, world.box).credential.value.expose()).toBe('the next secret');
    expect(world.unitOfWork.peek().throttles).toMatchObject([
      { workload: 'sign-in', until: world.clock.now() },
    ]);
    expect(world.queue.rung.at(-1)).toMatchObject({ job: { customerId: world.customerId } });
  });

  describe('once its new credential is stored', () => {
    const NEXT = 'the next secret';
    /** Two customers are connected by it; `ringing` happens whenever one of them is rung. */
    const exchanged = async (ringing: (world: ConsentWorld, customerId: CustomerId) => Promise<void>) => {
      const world = await ConsentWorld.create();
      await world.setApp();
      const domain = 'other.onmicrosoft.com';
      const tenant = world.directory.addTenant({ tenantId: OTHER_TENANT, domains: [domain] });
      tenant.otherApps.set(SHARED_APP, SHARED_SECRET);
      await world.connect();
      const other = await world.newCustomer();
      await world.connect({ customerId: other, tenantId: OTHER_TENANT, domain });
      const rung: CustomerId[] = [];
      world.queue.ring = async ({ customerId }) => {
        await ringing(world, customerId);
        rung.push(customerId);
      };
      world.accept(NEXT);
      const app = await world.setApp({ credential: secret(NEXT) });
      return { world, app, rung, other };
    };

    it('has taken effect, also when one customer can’t be woken; the others are', async () => {
      const { world, app, rung, other } = await exchanged((at, customerId) =>
        customerId === at.customerId ? Promise.reject(new Error('away')) : Promise.resolve(),
      );

      expect(app).toMatchObject({ version: 2 });
      expect(await world.app()).toMatchObject({ version: 2 });
      expect(rung).toEqual([other]);
    });

    it('lets nobody wait for long: who is not woken in time is tried by itself', async () => {
      const { world, app, rung } = await exchanged((at) => {
        at.clock.advance(5 * SECOND);
        return Promise.resolve();
      });

      expect(app).toMatchObject({ version: 2 });
      expect(rung).toEqual([world.customerId]);
    });
  });

  it('keeps the old credential while the new one is refused', async () => {
    const world = await ConsentWorld.create();
    await world.setApp();
    await world.connect();
    await world.throttleSignIn();

    await expect(world.setApp({ credential: secret('wrong') })).rejects.toMatchObject({
      code: 'directory.credential_bad',
    });

    const used = (await world.connection()) as EntraConnection;
    expect(openApp(used, world.box).credential.value.expose()).toBe(SHARED_SECRET);
    expect(world.unitOfWork.peek().throttles).toMatchObject([{ until: world.clock.now() + MINUTE }]);
  });

  it('stays the app to which customers have consented', async () => {
    const world = await ConsentWorld.create();
    await world.setApp();
    world.home.otherApps.set(OTHER_TENANT, 'another');
    const another = { clientId: OTHER_TENANT, credential: secret('another') };
    expect(await world.setApp(another)).toMatchObject({ clientId: OTHER_TENANT });
    await world.setApp();
    await world.connect();

    await expect(world.setApp(another)).rejects.toMatchObject({
      code: 'organization_app.client_fixed',
      details: { clientId: SHARED_APP, customers: 1 },
    });
  });

  it('is not exchanged beneath a customer that is being connected by it', async () => {
    const world = await ConsentWorld.create();
    await world.setApp();
    world.meanwhile = async () => {
      world.accept('the next secret');
      await world.setApp({ credential: secret('the next secret') });
      world.accept(SHARED_SECRET);
    };

    await expect(world.connect()).rejects.toMatchObject({ code: 'entra_connection.changed_meanwhile' });
  });

  it('goes when nobody uses it, and its row keeps the version', async () => {
    const world = await ConsentWorld.create();
    const remove = () => new RemoveOrganizationApp(world).execute(world.ofApp);
    await expect(remove()).rejects.toMatchObject({ code: 'organization_app.not_found' });
    await world.setApp();
    await world.connect();
    await expect(remove()).rejects.toMatchObject({
      code: 'organization_app.in_use',
      details: { customers: 1 },
    });
    await world.connectByOwnApp();

    expect(await remove()).toMatchObject({ state: 'removed', version: 2 });
    await expect(remove()).rejects.toMatchObject({ code: 'organization_app.not_found' });
    await expect(world.connect()).rejects.toMatchObject({ code: 'organization_app.not_found' });
    expect(await world.setApp()).toMatchObject({ version: 3 });
  });

  it('is nobody else’s', async () => {
    const world = await ConsentWorld.create();
    await world.setApp();

    const foreign = world.connect({ organizationId: idOf('0190a000-0000-7000-8000-0000000000aa') });

    await expect(foreign).rejects.toMatchObject({ code: 'customer.not_found' });
  });

  it('tells when its credential ends', async () => {
    const world = await ConsentWorld.create();
    const credentialEndsAt = world.clock.now() + HOUR;
    await world.setApp({ credentialEndsAt });

    expect(await world.connect()).toMatchObject({ credentialEndsAt });
  });
});

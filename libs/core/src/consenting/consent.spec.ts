import { HOUR, MINUTE, SECOND } from '#core/shared';
import { openApp, type EntraConnection } from '#core/tenancy';
import { ConsentWorld, DOMAIN, OTHER_TENANT, SHARED_APP, SHARED_SECRET } from '../testing/consent-world.js';
import { RemoveOrganizationApp } from './organization-app.js';

const setUp = async (): Promise<ConsentWorld> => {
  const world = await ConsentWorld.create();
  await world.setApp();
  return world;
};
const UNNAMED = { tenantId: null, domain: null };

describe('A consent link', () => {
  it('carries a secret that is kept nowhere, and told to no log', async () => {
    const world = await setUp();

    const state = await world.link();

    expect(state).toMatch(/^[0-9a-f]{96}$/);
    expect(JSON.stringify(world.unitOfWork.peek())).not.toContain(state);
    expect(await world.consent()).toMatchObject({
      state: 'open',
      clientId: SHARED_APP,
      expectedTenantId: world.tenantId,
      domain: DOMAIN,
      expiresAt: world.clock.now() + HOUR,
    });
    expect(JSON.stringify(await world.consent())).not.toContain(state);
    expect(world.actions().at(-1)).toBe('consent.link_made');
  });

  it('is another one each time, and only the last is good', async () => {
    const world = await setUp();
    const first = await world.link();
    const second = await world.link();

    expect(second).not.toBe(first);
    expect(await world.comeBack(first)).toBe('no_link');
    expect(await world.comeBack(second)).toBe('told_yes');
  });

  it('is made for nobody without an app, a customer, or a tenant of its own', async () => {
    const world = await ConsentWorld.create();
    await expect(world.link()).rejects.toMatchObject({ code: 'organization_app.not_found' });
    await world.setApp();
    const another = await world.newCustomer();
    await world.connectByOwnApp(another);

    await expect(world.link()).rejects.toMatchObject({ code: 'entra_connection.tenant_taken' });
  });

  it('of a customer that is connected is for the tenant and the domain that it has', async () => {
    const world = await setUp();
    await world.connectByOwnApp();

    await world.link(UNNAMED);

    expect(await world.consent()).toMatchObject({ expectedTenantId: world.tenantId, domain: DOMAIN });
    await expect(world.link({ ...UNNAMED, cloud: 'china' })).rejects.toMatchObject({
      code: 'entra_connection.tenant_fixed',
    });
  });
});

describe('A consent link of a customer of whom a tenant was announced', () => {
  it('is for that tenant alone, unless an admin names another', async () => {
    const world = await setUp();
    const expected = { cloud: 'global', tenantId: world.tenantId.toUpperCase(), domain: DOMAIN } as const;
    const customerId = await world.newCustomer({ expected });

    await world.link({ ...UNNAMED, customerId });
    expect(await world.consent(customerId)).toMatchObject({
      expectedTenantId: world.tenantId,
      domain: DOMAIN,
    });
    await world.link({ tenantId: OTHER_TENANT, domain: null, customerId });
    expect(await world.consent(customerId)).toMatchObject({ expectedTenantId: OTHER_TENANT, domain: null });
  });
});

describe('Whoever comes back', () => {
  it('saying yes connects nobody: Entra has to say so, to the app itself', async () => {
    const world = await setUp();
    const state = await world.link();
    world.directory.asked = [];

    expect(await world.comeBack(state)).toBe('told_yes');

    expect(world.directory.asked).toEqual([]);
    expect(await world.connection()).toBeNull();
    expect(await world.consent()).toMatchObject({ state: 'waiting', claimedTenantId: world.tenantId });
    await world.prove();
    expect(await world.consent()).toMatchObject({ state: 'connected', proven: { displayName: 'Fabrikam' } });
    const connection = (await world.connection()) as EntraConnection;
    expect(openApp(connection, world.box).credential.value.expose()).toBe(SHARED_SECRET);
    expect(world.actions().slice(-3)).toEqual(['consent.told', 'entra_connection.changed', 'consent.proven']);
  });

  it('saying no is told to the MSP in words of ours', async () => {
    const world = await setUp();
    const state = await world.link();

    const told = await world.comeBack(state, {
      error: 'access_denied',
      errorDescription: 'AADSTS65004: <b>User declined</b>',
    });

    expect(told).toBe('told_no');
    expect(await world.consent()).toMatchObject({
      state: 'failed',
      problem: { code: 'consent.declined', entraCode: 'AADSTS65004' },
    });
    expect(JSON.stringify(world.unitOfWork.peek())).not.toContain('User declined');
    await world.prove();
    expect(await world.connection()).toBeNull();
  });

  it.each(['', 'x', 'f'.repeat(96), `${'0'.repeat(32)}${'f'.repeat(64)}`, 'F'.repeat(96), "' OR 1=1 --"])(
    'without a secret of ours (%j) leaves no trace',
    async (state) => {
      const world = await setUp();
      await world.link();
      const before = JSON.stringify([await world.consent(), world.unitOfWork.peek().audit]);

      expect(await world.comeBack(state)).toBe('no_link');

      expect(JSON.stringify([await world.consent(), world.unitOfWork.peek().audit])).toBe(before);
    },
  );

  it("with another organization's name before our secret finds nothing", async () => {
    const world = await setUp();
    const state = await world.link();

    expect(await world.comeBack(`${'1'.repeat(32)}${state.slice(32)}`)).toBe('no_link');
  });

  it('a second time changes nothing, whatever he says then', async () => {
    const world = await setUp();
    const state = await world.link();
    await world.comeBack(state);

    expect(await world.comeBack(state, { error: 'access_denied' })).toBe('used');
    expect(await world.comeBack(state, { tenant: OTHER_TENANT })).toBe('used');

    await world.prove();
    expect(await world.consent()).toMatchObject({ state: 'connected' });
    expect(await world.comeBack(state)).toBe('used');
  });

  it('at the same moment as somebody else is one of them', async () => {
    const world = await setUp();
    const state = await world.link();

    const told = await Promise.all([world.comeBack(state), world.comeBack(state)]);

    expect([...told].sort()).toEqual(['told_yes', 'used']);
  });

  it('too late, or after the link was withdrawn or the app taken away, is told that there is none', async () => {
    const world = await setUp();
    const late = await world.link();
    world.clock.advance(HOUR);
    expect(await world.comeBack(late)).toBe('no_link');
    const withdrawn = await world.link();
    await world.withdraw();
    expect(await world.comeBack(withdrawn)).toBe('no_link');
    const without = await world.link();
    await new RemoveOrganizationApp(world).execute(world.ofApp);
    expect(await world.comeBack(without)).toBe('no_link');

    await world.prove();
    expect(await world.connection()).toBeNull();
  });
});

describe('A tenant that was named beforehand', () => {
  it('is the only one that counts, whoever has the link and whatever tenant has consented', async () => {
    const world = await setUp();
    const other = world.directory.addTenant({ tenantId: OTHER_TENANT, displayName: 'The attacker' });
    other.otherApps.set(SHARED_APP, SHARED_SECRET);
    const state = await world.link();
    world.directory.asked = [];

    expect(await world.comeBack(state, { tenant: OTHER_TENANT })).toBe('other_tenant');

    await world.prove();
    expect(world.directory.asked).toEqual([]);
    expect(await world.connection()).toBeNull();
    expect(await world.consent()).toMatchObject({
      state: 'failed',
      claimedTenantId: OTHER_TENANT,
      problem: { code: 'consent.other_tenant' },
    });
  });

  it('is connected only when it has consented, however often anybody says so', async () => {
    const world = await setUp();
    world.tenant.otherApps.clear();
    world.directory.refusing = 'AADSTS700016';
    await world.comeBack(await world.link());

    for (let minutes = 0; minutes < 20; minutes += 1) {
      await world.prove();
      world.clock.advance(MINUTE);
    }

    expect(await world.consent()).toMatchObject({
      state: 'failed',
      dueAt: null,
      problem: { code: 'directory.credential_bad', entraCode: 'AADSTS700016' },
    });
    expect(await world.connection()).toBeNull();
    expect(world.directory.asked.length).toBeLessThan(25);
  });
});

describe('A tenant that nobody had named', () => {
  it('is shown to an admin by what the app has read, and counts when he confirms it', async () => {
    const world = await setUp();
    await world.comeBack(await world.link(UNNAMED));
    await world.prove();

    expect(await world.consent()).toMatchObject({
      state: 'to_confirm',
      claimedTenantId: world.tenantId,
      proven: { displayName: 'Fabrikam', domains: [DOMAIN] },
    });
    expect(await world.connection()).toBeNull();

    await world.confirm();
    expect(await world.connection()).toMatchObject({ tenantId: world.tenantId, domain: DOMAIN });
    expect(await world.consent()).toMatchObject({ state: 'connected' });
  });

  it('is not confirmed under another name than it was shown', async () => {
    const world = await setUp();
    await expect(world.confirm()).rejects.toMatchObject({ code: 'consent.not_found' });
    const state = await world.link(UNNAMED);
    await expect(world.confirm()).rejects.toMatchObject({ code: 'consent.not_to_confirm' });
    await world.comeBack(state);
    await world.prove();

    await expect(world.confirm(OTHER_TENANT)).rejects.toMatchObject({ code: 'consent.tenant_differs' });

    expect(await world.connection()).toBeNull();
  });

  it('is not bound to a customer by a link that went to the admin of another customer', async () => {
    const world = await setUp();
    await world.connect();
    const another = await world.newCustomer();
    const state = await world.link({ ...UNNAMED, customerId: another });

    // The first customer's admin, or anybody who knows that its tenant has consented.
    expect(await world.comeBack(state)).toBe('told_yes');
    await world.prove();

    expect(await world.consent(another)).toMatchObject({
      state: 'failed',
      problem: { code: 'entra_connection.tenant_taken' },
    });
    await expect(world.confirm(world.tenantId, DOMAIN, another)).rejects.toMatchObject({
      code: 'consent.not_to_confirm',
    });
    expect(await world.connection(another)).toBeNull();
  });

  it('goes to one of two customers that both wait for it', async () => {
    const world = await setUp();
    const another = await world.newCustomer();
    const first = await world.link(UNNAMED);
    const second = await world.link({ ...UNNAMED, customerId: another });
    await Promise.all([world.comeBack(first), world.comeBack(second)]);
    await world.prove();
    await world.confirm();

    await expect(world.confirm(world.tenantId, DOMAIN, another)).rejects.toMatchObject({
      code: 'entra_connection.tenant_taken',
    });
  });

  it('stays unbound when the admin says that it is not the customer', async () => {
    const world = await setUp();
    await world.comeBack(await world.link(UNNAMED));
    await world.prove();

    await world.withdraw();

    await expect(world.confirm()).rejects.toMatchObject({ code: 'consent.not_to_confirm' });
    await expect(world.withdraw()).rejects.toMatchObject({ code: 'consent.not_found' });
  });

  it('is asked anew when it is confirmed: consent may be gone by then', async () => {
    const world = await setUp();
    await world.comeBack(await world.link(UNNAMED));
    await world.prove();
    world.tenant.otherApps.clear();

    await expect(world.confirm()).rejects.toMatchObject({ code: 'directory.credential_bad' });

    expect(await world.connection()).toBeNull();
    expect(await world.consent()).toMatchObject({ state: 'to_confirm' });
  });
});

describe('A proof', () => {
  it.each(['AADSTS700016', 'AADSTS7000112'])(
    'waits while Entra does not know the app everywhere (%s)',
    async (code) => {
      const world = await setUp();
      world.directory.refusing = code;
      await world.comeBack(await world.link());

      await world.prove();
      expect(await world.consent()).toMatchObject({
        state: 'waiting',
        attempts: 1,
        dueAt: world.clock.now() + 5 * SECOND,
        problem: { entraCode: code },
      });
      await world.prove();
      expect(await world.consent()).toMatchObject({ attempts: 1 });
      world.directory.refusing = null;
      world.clock.advance(5 * SECOND);
      await world.prove();

      expect(await world.consent()).toMatchObject({ state: 'connected', attempts: 2, problem: null });
    },
  );

  it('names what half a consent lacks, connects nobody, and goes on when the rest is given', async () => {
    const world = await setUp();
    world.tenant.permissions.delete('Domain.Read.All');
    await world.comeBack(await world.link());

    await world.prove();
    expect(await world.consent()).toMatchObject({
      state: 'waiting',
      problem: { code: 'directory.consent_missing', missingPermissions: ['Domain.Read.All'] },
    });
    expect(await world.connection()).toBeNull();
    world.tenant.permissions.add('Domain.Read.All');
    world.clock.advance(MINUTE);
    await world.prove();

    expect(await world.consent()).toMatchObject({ state: 'connected' });
  });

  it('ends at once where time mends nothing', async () => {
    const world = await setUp();
    world.directory.refusing = 'AADSTS7000222';
    await world.comeBack(await world.link());

    await world.prove();

    expect(await world.consent()).toMatchObject({
      state: 'failed',
      dueAt: null,
      problem: { code: 'directory.credential_bad', mend: expect.any(String) as string },
    });
  });

  it('asks an admin for another domain where accounts can not be made on the one that was named', async () => {
    const world = await setUp();
    await world.comeBack(await world.link({ domain: 'elsewhere.example' }));

    await world.prove();

    expect(await world.consent()).toMatchObject({
      state: 'to_confirm',
      proven: { domains: [DOMAIN] },
      problem: { code: 'directory.domain_unknown' },
    });
    expect(await world.confirm()).toMatchObject({ domain: DOMAIN });
  });

  it('is given by one worker at a time, and taken up again where one died', async () => {
    const world = await setUp();
    await world.comeBack(await world.link());
    world.meanwhile = () => world.prove();
    world.directory.asked = [];
    await world.prove();
    expect(world.directory.asked).toHaveLength(2);

    await world.comeBack(await world.link());
    world.meanwhile = () => Promise.reject(new Error('The worker died.'));
    await expect(world.prove()).rejects.toThrow('died');
    expect(await world.consent()).toMatchObject({ state: 'waiting', attempts: 1 });
    world.clock.advance(MINUTE);
    await world.prove();
    expect(await world.consent()).toMatchObject({ state: 'connected', attempts: 2 });
  });

  it('is nobody’s concern once a new link was made meanwhile', async () => {
    const world = await setUp();
    await world.comeBack(await world.link(UNNAMED));
    world.meanwhile = async () => {
      await world.link(UNNAMED);
    };

    await world.prove();

    expect(await world.consent()).toMatchObject({ state: 'open', proven: null });
  });
});

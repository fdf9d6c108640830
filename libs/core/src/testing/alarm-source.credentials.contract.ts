import type { AlarmSource, FactsAsked } from '#core/alarms';
import type { RevokerCredential } from '#core/tenancy';
import { anOrganizationApp } from './unit-of-work.organization-app.contract.js';
import { aConnection, aCustomer, NOON, type Planted } from './unit-of-work.samples.js';
import { aRevokerCredential } from './unit-of-work.tenancy.contract.js';

interface Scene extends Planted {
  readonly ofWorld: () => ReturnType<AlarmSource['ofOrganization']>;
}

/** What is told of credentials that end. */
export const describeCredentialFacts = (scene: () => Promise<Scene>, later: FactsAsked): void => {
  it("tells of the credential of the organization's app at each customer that uses it", async () => {
    const { within, ofWorld, world, ids } = await scene();
    const app = { ...anOrganizationApp(ids, world), credentialEndsAt: NOON };
    const customer = aCustomer(ids, world);
    const organizationApp = { id: app.id, version: app.version };
    await within(async ({ customers, connections, organizationApps }) => {
      await organizationApps.save(app, 'v1.k1.iv.app', null);
      await customers.insert(customer);
      await connections.save({ ...aConnection(ids, customer), organizationApp }, null);
    });

    expect((await ofWorld()).credentialEnds).toMatchObject([
      { customerId: customer.id, endsAt: NOON, ofOrganizationApp: true },
    ]);
  });

  it("tells of the revoker's own credential, until it is removed", async () => {
    const { within, ofWorld, world } = await scene();
    const own = { ...aRevokerCredential(world), credentialEndsAt: NOON };
    const save = (next: RevokerCredential, sealed: string | null, expected: number | null) =>
      within(({ connections }) => connections.saveRevokerCredential(next, sealed, expected));
    await save(own, 'v1.sealed', null);

    expect((await ofWorld()).credentialEnds).toEqual([
      { organizationId: world.organization.id, customerId: world.customer.id, endsAt: NOON, ofRevoker: true },
    ]);

    await save({ ...own, state: 'removed', credentialEndsAt: null, version: 2 }, null, 1);
    expect((await ofWorld()).credentialEnds).toEqual([]);
  });

  it('tells of credentials that end before the horizon, the soonest first', async () => {
    const { within, ofWorld, world, ids } = await scene();
    const endingAt = async (credentialEndsAt: number | null): Promise<string> => {
      const customer = aCustomer(ids, world);
      await within(async ({ customers, connections }) => {
        await customers.insert(customer);
        await connections.save({ ...aConnection(ids, customer), credentialEndsAt }, null);
      });
      return customer.id;
    };
    const second = await endingAt(later.credentialsUntil - 1);
    const first = await endingAt(NOON);
    await endingAt(later.credentialsUntil);
    await endingAt(null);

    const organizationId = world.organization.id;
    expect((await ofWorld()).credentialEnds).toEqual([
      { organizationId, customerId: first, endsAt: NOON },
      { organizationId, customerId: second, endsAt: later.credentialsUntil - 1 },
    ]);
  });
};

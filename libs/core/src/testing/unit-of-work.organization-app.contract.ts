import type { OrganizationApp } from '#core/tenancy';
import { idOf, type Ids } from '../shared/index.js';
import { organizationAppPlace } from '../tenancy/index.js';
import {
  aConnection,
  aCustomer,
  NOON,
  type Plant,
  type Planted,
  type World,
} from './unit-of-work.samples.js';

/** The organization's own app in the cloud of the world's connection. */
export const anOrganizationApp = (
  ids: Ids,
  { organization }: Pick<World, 'organization'>,
): OrganizationApp => ({
  id: idOf(ids.uuid()),
  organizationId: organization.id,
  cloud: 'global',
  tenantId: '55555555-2222-4333-8444-555555555555',
  clientId: '88888888-7777-4888-8999-000000000000',
  credentialKind: 'secret',
  state: 'active',
  checkedAt: NOON,
  credentialEndsAt: NOON + 9,
  version: 1,
});

const SEALED = 'v1.k1.iv.app';
const TENANT = 'aaaaaaaa-2222-4333-8444-555555555555';

export const describeOrganizationApps = (planted: Plant): void => {
  /** With an app, and a customer that is connected by it. */
  const scene = async () => {
    const base = await planted();
    const app = anOrganizationApp(base.ids, base.world);
    const customer = aCustomer(base.ids, base.world);
    const connection = { ...aConnection(base.ids, customer), tenantId: TENANT, ...usingIt(app) };
    await base.within(async ({ customers, organizationApps, connections }) => {
      await organizationApps.save(app, SEALED, null);
      await customers.insert(customer);
      await connections.save(connection, null);
    });
    return { ...base, app, customer, connection };
  };
  const usingIt = (app: OrganizationApp, sealedCredential = SEALED) => ({
    clientId: app.clientId,
    credentialKind: app.credentialKind,
    credentialEndsAt: app.credentialEndsAt,
    sealedCredential,
    organizationApp: { id: app.id, version: app.version },
  });
  const read = ({ within }: Planted, customerId: World['customer']['id']) =>
    within(({ connections }) => connections.ofCustomer(customerId));

  describe("the organization's app", () => {
    it('is kept, exchanged and removed against its version, which goes on rising', async () => {
      const { within, world, ids } = await planted();
      const first = anOrganizationApp(ids, world);
      const removed = { ...first, state: 'removed' as const, version: 2 };
      const second = { ...first, clientId: 'another', version: 3, credentialEndsAt: null };
      const save = (next: OrganizationApp, sealed: string | null, expected: number | null) =>
        within(({ organizationApps }) => organizationApps.save(next, sealed, expected));
      const known = () => within(({ organizationApps }) => organizationApps.inCloud('global'));
      const usable = () => within(({ organizationApps }) => organizationApps.steady('global'));

      expect(await known()).toBeNull();
      expect(await usable()).toBeNull();
      expect(await save(first, SEALED, null)).toBe(true);
      expect(await save(first, SEALED, null)).toBe(false);
      expect(await known()).toEqual(first);
      expect(await usable()).toEqual({ ...first, sealedCredential: SEALED });
      expect(await within(({ organizationApps }) => organizationApps.inCloud('china'))).toBeNull();
      expect(await save(removed, null, 3)).toBe(false);
      expect(await save(removed, null, 1)).toBe(true);
      expect(await known()).toEqual(removed);
      expect(await usable()).toBeNull();
      expect(await within(({ organizationApps }) => organizationApps.lock('global'))).toEqual(removed);
      expect(await save(second, 'v1.k1.iv.other', 2)).toBe(true);
      expect(await known()).toEqual(second);
    });

    it('is read with each connection that uses it, as it is by then', async () => {
      const base = await scene();
      const { app, connection, customer, within } = base;
      expect(await read(base, customer.id)).toEqual(connection);
      const next = { ...app, credentialKind: 'certificate' as const, credentialEndsAt: null, version: 2 };

      await within(({ organizationApps }) => organizationApps.save(next, 'v1.k1.iv.next', 1));

      expect(await read(base, customer.id)).toEqual({ ...connection, ...usingIt(next, 'v1.k1.iv.next') });
      expect(await read(base, base.world.customer.id)).toEqual(base.world.connection);
      const facts = await within(({ customerFacts }) => customerFacts.of(customer.id, NOON));
      expect(facts?.connection).toMatchObject({ credentialKind: 'certificate', credentialEndsAt: null });
    });

    it('is told with the customers that use it', async () => {
      const { within, app, customer, ids } = await scene();
      const users = (after: World['customer']['id'] | null) =>
        within(({ organizationApps }) => organizationApps.users(app.id, { after, limit: 9 }));

      expect(await users(null)).toEqual([customer.id]);
      expect(await users(customer.id)).toEqual([]);
      expect(await within(({ organizationApps }) => organizationApps.countUsers(app.id))).toBe(1);
      expect(await within(({ organizationApps }) => organizationApps.countUsers(idOf(ids.uuid())))).toBe(0);
    });

    it('opens a tenant for one customer alone', async () => {
      const { within, ids, world, connection, customer } = await scene();
      const another = aCustomer(ids, world);
      const second = { ...connection, id: idOf<'connection'>(ids.uuid()), customerId: another.id };
      await within(({ customers }) => customers.insert(another));

      const saving = within(({ connections }) => connections.save(second, null));

      await expect(saving).rejects.toMatchObject({ code: 'entra_connection.tenant_taken' });
      expect(await within(({ connections }) => connections.customersOfTenant('global', TENANT))).toEqual([
        customer.id,
      ]);
      expect(await within(({ connections }) => connections.customersOfTenant('china', TENANT))).toEqual([]);
    });

    it('leaves a connection that gets an app of its own, and comes back to it', async () => {
      const base = await scene();
      const { app, connection, customer, within } = base;
      const { organizationApp: _, ...rest } = connection;
      const own = { ...rest, ...usingIt(app), sealedCredential: 'v1.k1.iv.own', version: 2 };
      const { organizationApp: __, ...alone } = { ...own, credentialEndsAt: NOON + 5 };

      expect(await within(({ connections }) => connections.save(alone, 1))).toBe(true);
      expect(await read(base, customer.id)).toEqual(alone);
      expect(await within(({ organizationApps }) => organizationApps.countUsers(app.id))).toBe(0);
      const back = { ...connection, version: 3 };
      expect(await within(({ connections }) => connections.save(back, 2))).toBe(true);
      expect(await read(base, customer.id)).toEqual(back);
    });

    it('is sealed anew in its own place, once for all that use it', async () => {
      const base = await scene();
      const { app, customer, within } = base;
      const page = { after: null, limit: 9 };

      expect(await within(({ sealed }) => sealed.page('organization_app', page))).toEqual([
        { place: organizationAppPlace(app), text: SEALED },
      ]);
      const own = await within(({ sealed }) => sealed.page('entra_connection', page));
      expect(own.map(({ place }) => place.rowId)).toEqual([base.world.connection.id]);
      const anew = [{ rowId: app.id, before: SEALED, after: 'v1.k2.iv.app' }];
      expect(await within(({ sealed }) => sealed.replace('organization_app', anew))).toBe(1);
      expect(await within(({ sealed }) => sealed.replace('organization_app', anew))).toBe(0);
      expect(await read(base, customer.id)).toMatchObject({ sealedCredential: 'v1.k2.iv.app' });
    });
  });
};

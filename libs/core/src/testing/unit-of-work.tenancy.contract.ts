import type { RevokerCredential, Validation } from '#core/tenancy';
import { idOf, UNREAD_MS } from '../shared/index.js';
import { aHold } from './unit-of-work.holds.contract.js';
import { NOON, type Plant, type World } from './unit-of-work.samples.js';

/** A second way into the tenant of the world's customer. */
export const aRevokerCredential = ({ connection }: Pick<World, 'connection'>): RevokerCredential => ({
  organizationId: connection.organizationId,
  customerId: connection.customerId,
  cloud: connection.cloud,
  tenantId: connection.tenantId,
  clientId: '77777777-7777-4888-8999-000000000000',
  credentialKind: 'secret',
  state: 'active',
  checkedAt: NOON,
  credentialEndsAt: null,
  version: 1,
});

/** What is kept of a tenant beside its connection. */
export const describeTenantFacts = (planted: Plant): void => {
  describe("the revoker's own credential", () => {
    it('is kept, exchanged and removed against its version, which goes on rising', async () => {
      const { within, world } = await planted();
      const first = aRevokerCredential(world);
      const removed = { ...first, state: 'removed' as const, version: 2 };
      const second = { ...first, clientId: 'another', credentialEndsAt: NOON + 9, version: 3 };
      const save = (next: RevokerCredential, sealed: string | null, expected: number | null) =>
        within(({ connections }) => connections.saveRevokerCredential(next, sealed, expected));
      const known = () => within(({ connections }) => connections.revokerCredential(world.customer.id));

      expect(await known()).toBeNull();
      expect(await save(first, 'v1.sealed', null)).toBe(true);
      expect(await save(first, 'v1.sealed', null)).toBe(false);
      expect(await known()).toEqual(first);
      expect(await save(removed, null, 3)).toBe(false);
      expect(await save(removed, null, 1)).toBe(true);
      expect(await known()).toEqual(removed);
      expect(await save(second, 'v1.other', 2)).toBe(true);
      expect(await known()).toEqual(second);
    });

    it('comes with the connection for nobody but the revoker', async () => {
      const { within, world } = await planted();
      const own = aRevokerCredential(world);
      await within(({ connections }) => connections.saveRevokerCredential(own, 'v1.sealed', null));

      const read = await within(({ connections }) => connections.ofCustomer(world.customer.id));

      expect(read).toEqual(world.connection);
    });

    it('belongs to a customer', async () => {
      const { within, world, ids } = await planted();
      const orphan = { ...aRevokerCredential(world), customerId: idOf<'customer'>(ids.uuid()) };

      const saving = within(({ connections }) => connections.saveRevokerCredential(orphan, 'x', null));

      await expect(saving).rejects.toMatchObject({ code: 'customer.not_found' });
    });
  });

  describe('what bears on work at a customer', () => {
    it('is read at once, and nothing of it is that of another', async () => {
      const { within, world, ids } = await planted();
      const [known, nobody] = [world.customer.id, idOf<'customer'>(ids.uuid())];
      const conditions = () => within(({ customers }) => customers.conditions([known, nobody]));
      const nothing = { clock: null, throttles: [], restoringSince: null, held: false };
      expect([...(await conditions())]).toEqual([
        [known, nothing],
        [nobody, nothing],
      ]);

      const clock = { aheadMs: -7, leadMs: 3, measuredAt: NOON };
      const throttle = { workload: 'directory', until: NOON + 1, reason: 'told so' } as const;
      await within(async ({ customers }) => {
        await customers.noteClock(world.customer.id, clock);
        await customers.throttle(world.customer.id, throttle);
      });

      expect([...(await conditions())]).toEqual([
        [known, { clock, throttles: [throttle], restoringSince: null, held: false }],
        [nobody, nothing],
      ]);
      expect(await within(({ customers }) => customers.conditions([]))).toEqual(new Map());

      await within(({ holds }) =>
        holds.insert(aHold(ids, world, { scope: { kind: 'customer', customerId: known } })),
      );
      const held = [...(await conditions())].map(([id, each]) => [id, each.held]);
      expect(held).toEqual([
        [known, true],
        [nobody, false],
      ]);
    });
  });

  describe("a tenant's clock", () => {
    it('is as last measured', async () => {
      const { within, world, ids } = await planted();
      const note = (aheadMs: number, leadMs: number, measuredAt: number) =>
        within(({ customers }) => customers.noteClock(world.customer.id, { aheadMs, leadMs, measuredAt }));
      const known = () => within(({ customers }) => customers.clock(world.customer.id));

      expect(await known()).toBeNull();
      await note(300_000, 0, NOON);
      expect(await known()).toEqual({ aheadMs: 300_000, leadMs: 0, measuredAt: NOON });
      const unreached = [idOf<'account'>(ids.uuid())];
      await within(({ customers }) =>
        customers.noteClock(world.customer.id, { aheadMs: 9, leadMs: 9, measuredAt: NOON, unreached }),
      );
      expect(await known()).toEqual({ aheadMs: 9, leadMs: 9, measuredAt: NOON, unreached });
      const { id } = world.customer;
      const bearing = await within(({ customers }) => customers.conditions([id]));
      expect(bearing.get(id)).toMatchObject({ clock: { unreached } });
      await note(-5, 300_000, NOON + 1);
      expect(await known()).toEqual({ aheadMs: -5, leadMs: 300_000, measuredAt: NOON + 1 });
      await expect(note(-5, -1, NOON + 2)).rejects.toThrow();

      const nobody = within(({ customers }) =>
        customers.noteClock(idOf(ids.uuid()), { aheadMs: 1, leadMs: 0, measuredAt: NOON }),
      );
      await expect(nobody).rejects.toMatchObject({ code: 'customer.not_found' });
    });

    it('is no difference for whoever means to note one, until it is noted', async () => {
      const { within, world, ids } = await planted();
      const { id } = world.customer;

      await within(async ({ customers }) => {
        expect(await customers.lockClock(id, NOON)).toEqual({ aheadMs: 0, leadMs: 0, measuredAt: NOON });
        await customers.noteClock(id, { aheadMs: 9_000, leadMs: 9_000, measuredAt: NOON + 1 });
      });

      const known = await within(({ customers }) => customers.lockClock(id, NOON + 2));
      expect(known).toEqual({ aheadMs: 9_000, leadMs: 9_000, measuredAt: NOON + 1 });
      const nobody = within(({ customers }) => customers.lockClock(idOf(ids.uuid()), NOON));
      await expect(nobody).rejects.toMatchObject({ code: 'customer.not_found' });
    });
  });

  describe('what was announced of a tenant', () => {
    it.each([
      { cloud: 'china', tenantId: '11111111-2222-4333-8444-555555555555', domain: 'contoso.example' },
      { cloud: 'global', tenantId: null, domain: null },
    ] as const)('is kept with the customer', async (expected) => {
      const { within, world, ids } = await planted();
      const announced = { ...world.customer, id: idOf<'customer'>(ids.uuid()), expected };

      await within(async ({ customers, organizations }) => {
        await organizations.lock();
        await customers.insert(announced);
      });

      await within(async ({ customers }) => {
        expect(await customers.get(announced.id)).toEqual(announced);
        expect(await customers.steady(announced.id)).toEqual(announced);
        expect(await customers.list({ after: world.customer.id, limit: 9 })).toEqual([announced]);
        expect(await customers.get(world.customer.id)).toEqual(world.customer);
      });
    });
  });

  describe('what Validate found', () => {
    const found = ({ customer }: Pick<World, 'customer'>, at: number, says: string): Validation => ({
      organizationId: customer.organizationId,
      customerId: customer.id,
      connectionVersion: 1,
      at,
      verdict: 'fail',
      lines: [{ id: 'domain', verdict: 'fail', says, mend: 'Choose another.' }],
    });

    it('is kept as it was found last, whoever is done first', async () => {
      const { within, world } = await planted();
      const known = () => within(({ validations }) => validations.ofCustomer(world.customer.id));
      const save = (validation: Validation) => within(({ validations }) => validations.save(validation));

      expect(await known()).toBeNull();
      await save(found(world, NOON, 'first'));
      expect(await known()).toEqual(found(world, NOON, 'first'));
      await save(found(world, NOON + 2, 'third'));
      await save(found(world, NOON + 1, 'second'));
      expect(await known()).toEqual(found(world, NOON + 2, 'third'));
    });

    it('belongs to a customer', async () => {
      const { within, world, ids } = await planted();
      const orphan = { ...found(world, NOON, 'lost'), customerId: idOf<'customer'>(ids.uuid()) };

      const saving = within(({ validations }) => validations.save(orphan));

      await expect(saving).rejects.toMatchObject({ code: 'customer.not_found' });
    });

    it('teaches the connection what the tenant allows by now, unless it was exchanged meanwhile', async () => {
      const { within, world } = await planted();
      const { id } = world.customer;
      const learned = { mayTouchRoleHolders: false, pass: null, timedRoles: false };
      const known = () => within(({ connections }) => connections.ofCustomer(id));

      await within(({ connections }) => connections.learn(id, learned, 7));
      expect(await known()).toEqual(world.connection);
      await within(({ connections }) => connections.learn(id, learned, world.connection.version));
      expect(await known()).toEqual({ ...world.connection, capabilities: learned });
      await within(({ connections }) => connections.beginRemoval(id));
      await within(({ connections }) =>
        connections.learn(id, world.connection.capabilities, world.connection.version),
      );
      expect(await known()).toMatchObject({ capabilities: learned });
    });
  });

  describe('what tells how customers are', () => {
    it('is what is kept of them, at that moment', async () => {
      const { within, world } = await planted();
      const { customer, connection } = world;
      const facts = (at: number) => within(({ customerFacts }) => customerFacts.of(customer.id, at));
      await within(async ({ customers, validations }) => {
        const { organizationId, id: customerId } = customer;
        const found = { organizationId, customerId, connectionVersion: 1, at: NOON, lines: [] };
        await validations.save({ ...found, verdict: 'warn' });
        await customers.throttle(customerId, { workload: 'pim', until: NOON + 9, reason: '429' });
        await customers.throttle(customerId, { workload: 'directory', until: NOON + 5, reason: '429' });
      });

      const known = await facts(NOON + 5);

      const { state, credentialKind, credentialEndsAt, capabilities, version } = connection;
      expect(known).toMatchObject({
        customer,
        connection: { state, credentialKind, credentialEndsAt, capabilities, version },
        validation: { at: NOON, verdict: 'warn', connectionVersion: 1 },
        throttles: [{ workload: 'pim', until: NOON + 9, reason: '429' }],
      });
      expect((await facts(NOON + 4))?.throttles.map(({ workload }) => workload)).toEqual([
        'directory',
        'pim',
      ]);
      expect(
        await within(({ customerFacts }) => customerFacts.list({ after: null, limit: 9 }, NOON + 5)),
      ).toEqual([known]);
      expect(
        await within(({ customerFacts }) => customerFacts.list({ after: customer.id, limit: 9 }, NOON)),
      ).toEqual([]);
    });

    it("says when the revoker's own credential ends", async () => {
      const { within, world } = await planted();
      const own = { ...aRevokerCredential(world), credentialEndsAt: NOON + 9 };
      const known = () => within(({ customerFacts }) => customerFacts.of(world.customer.id, NOON));

      expect(await known()).toMatchObject({ secondEndsAt: null });
      await within(({ connections }) => connections.saveRevokerCredential(own, 'v1.sealed', null));
      expect(await known()).toMatchObject({ secondEndsAt: NOON + 9 });
    });

    it('counts the accounts whose end is to come, and those whose end is owed', async () => {
      const { within, world } = await planted();
      const { customer } = world;
      const counts = async (at: number) => {
        const known = await within(({ customerFacts }) => customerFacts.of(customer.id, at));
        return [known?.accountsInUse, known?.owedEnds, known?.owedSince];
      };

      expect(world.account.takeAt).toBe(NOON + 2);
      expect(await counts(NOON + 1)).toEqual([1, 0, null]);
      expect(await counts(NOON + 2)).toEqual([1, 1, NOON + 2]);
    });

    it('counts what was taken and could not be read back in time', async () => {
      const { within, world } = await planted();
      const { verification } = world.account;
      const unproven = async (at: number) =>
        (await within(({ customerFacts }) => customerFacts.of(world.customer.id, at)))?.unproven;
      const late = (verification?.nextAt ?? 0) + UNREAD_MS;

      expect(verification).not.toBeNull();
      expect(await unproven(late)).toBe(0);
      expect(await unproven(late + 1)).toBe(1);
    });

    it('is nothing for a customer that there is not', async () => {
      const { within, ids } = await planted();
      const nobody = idOf<'customer'>(ids.uuid());

      expect(await within(({ customerFacts }) => customerFacts.of(nobody, NOON))).toBeNull();
    });
  });
};

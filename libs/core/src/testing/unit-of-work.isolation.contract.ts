import type { TechnicianGroup } from '#core/identity';
import { idOf, type Claim } from '#core/shared';
import { aWorld, NOON, plant, type World, type Plant, type Planted } from './unit-of-work.samples.js';
import { aRevokerCredential } from './unit-of-work.tenancy.contract.js';

interface TwoWorlds extends Planted {
  /** Another organization, with the same of everything. */
  readonly foreign: World;
  /** A group of it, with its technician. */
  readonly foreignGroup: TechnicianGroup;
  /** All that its stores show of it. */
  readonly seeForeign: () => Promise<unknown>;
}

const page = { after: null, limit: 99 };

const twoWorlds = async (planted: Plant): Promise<TwoWorlds> => {
  const base = await planted();
  const foreign = aWorld(base.ids);
  await plant(base.unitOfWork, foreign);
  const foreignGroup: TechnicianGroup = {
    id: idOf(base.ids.uuid()),
    organizationId: foreign.organization.id,
    name: 'Theirs',
    state: 'active',
    createdAt: NOON,
  };
  await base.unitOfWork.inOrganization(
    foreign.organization.id,
    async ({ customers, connections, groups }) => {
      await groups.insert(foreignGroup);
      await groups.addMembers(foreignGroup.id, [foreign.technician.id]);
      await customers.throttle(foreign.customer.id, { workload: 'pim', until: NOON, reason: '429' });
      await customers.noteClock(foreign.customer.id, { aheadMs: 9, leadMs: 0, measuredAt: NOON });
      await connections.saveRevokerCredential(aRevokerCredential(foreign), 'v1.sealed', null);
    },
  );
  const seeForeign = () =>
    base.unitOfWork.inOrganization(foreign.organization.id, async (stores) => [
      await stores.organizations.get(),
      await stores.technicians.get(foreign.technician.id),
      await stores.groups.list(page),
      await stores.groups.members(foreignGroup.id),
      await stores.grants.openOf([foreign.account.id]),
      await stores.tokens.byDigest(foreign.token.digest),
      await stores.customers.list(page),
      await stores.customers.throttles(foreign.customer.id),
      await stores.customers.clock(foreign.customer.id),
      await stores.customers.conditions([foreign.customer.id]),
      await stores.connections.revokerCredential(foreign.customer.id),
      await stores.connections.ofCustomer(foreign.customer.id),
      await stores.connections.ofCustomers([foreign.customer.id]),
      await stores.policies.list({ ...page, customerId: null }),
      await stores.requests.list(page),
      await stores.grants.list(page),
      await stores.accounts.get(foreign.account.id),
      await stores.audit.list({ before: null, limit: 99 }),
    ]);
  return { ...base, foreign, foreignGroup, seeForeign };
};

const claimOn = ({ account }: World): Claim => ({
  organizationId: account.organizationId,
  customerId: account.customerId,
  accountId: account.id,
  epoch: account.epoch,
  claimedUntil: NOON,
});

/** One organization tries everything with another's ids: nothing is seen, and nothing of the other changes. */
export const describeIsolation = (planted: Plant): void => {
  describe('between organizations', () => {
    it('shows no row of another one', async () => {
      const { within, world, foreign, foreignGroup } = await twoWorlds(planted);

      await within(async (stores) => {
        expect(await stores.technicians.get(foreign.technician.id)).toBeNull();
        expect(await stores.tokens.byDigest(foreign.token.digest)).toBeNull();
        expect(await stores.customers.get(foreign.customer.id)).toBeNull();
        expect(await stores.customers.list(page)).toEqual([world.customer]);
        expect(await stores.customers.throttles(foreign.customer.id)).toEqual([]);
        expect(await stores.customers.clock(foreign.customer.id)).toBeNull();
        const conditions = await stores.customers.conditions([foreign.customer.id]);
        expect(conditions.get(foreign.customer.id)).toMatchObject({ clock: null, throttles: [] });
        expect(await stores.connections.ofCustomer(foreign.customer.id)).toBeNull();
        expect(await stores.connections.ofCustomers([foreign.customer.id])).toEqual(new Map());
        expect(await stores.connections.revokerCredential(foreign.customer.id)).toBeNull();
        expect(await stores.policies.get(foreign.policy.id)).toBeNull();
        expect(await stores.policies.list({ ...page, customerId: null })).toEqual([world.policy]);
        expect(await stores.requests.get(foreign.request.id)).toBeNull();
        expect(await stores.requests.list(page)).toEqual([world.request]);
        expect(await stores.grants.get(foreign.grant.id)).toBeNull();
        expect(await stores.grants.list(page)).toEqual([world.grant]);
        expect(await stores.grants.openOf([foreign.account.id])).toEqual([]);
        expect(
          await stores.holds.latestGrantIn({ kind: 'customer', customerId: foreign.customer.id }),
        ).toBeNull();
        expect(await stores.technicians.list(page)).toEqual([world.technician]);
        expect(await stores.technicians.steady(foreign.technician.id)).toBeNull();
        expect(await stores.technicians.lockWithOwners(foreign.technician.id)).toEqual([]);
        expect(await stores.customers.lock(foreign.customer.id)).toBeNull();
        expect(await stores.policies.steady(foreign.policy.id)).toBeNull();
        expect(await stores.groups.list(page)).toEqual([]);
        expect(await stores.groups.members(foreignGroup.id)).toEqual([]);
        expect(await stores.groups.get(foreignGroup.id)).toBeNull();
        expect(await stores.groups.steady([foreignGroup.id])).toEqual([]);
        expect(await stores.audit.list({ before: null, limit: 9 })).toHaveLength(1);
      });
    });

    it('shows no account of another one', async () => {
      const { within, foreign } = await twoWorlds(planted);
      const { customerId, id, upn } = foreign.account;

      await within(async ({ accounts }) => {
        expect(await accounts.get(id)).toBeNull();
        expect(await accounts.ofTechnician(customerId, foreign.technician.id)).toBeNull();
        expect(await accounts.takenNames(customerId, [upn])).toEqual([]);
        expect(await accounts.lock([claimOn(foreign)])).toEqual([]);
        expect(await accounts.lock([claimOn(foreign)])).toEqual([]);
      });
    });

    it('changes nothing of another one', async () => {
      const { within, foreign, foreignGroup, seeForeign } = await twoWorlds(planted);
      const { account, policy, request, grant, token } = foreign;
      const before = await seeForeign();
      const of = { kind: 'customer', customerId: foreign.customer.id } as const;

      await within(async ({ accounts, connections, customers, grants, groups, technicians }) => {
        await accounts.endAll(of, 0);
        await accounts.endUnlessHeld({ customerId: of.customerId, ids: null }, 0);
        await accounts.retireAll(of, 'customer_removed', 0);
        await accounts.close(foreign.customer.id, 0);
        await accounts.leaveBehind([account.id], 0);
        await grants.forbid(of, 'customer_removed');
        await grants.shorten(policy.id, { until: () => 0, now: 0 });
        await connections.beginRemoval(foreign.customer.id);
        await connections.remove(foreign.customer.id);
        await customers.setState(foreign.customer.id, 'removed');
        await groups.save({ ...foreignGroup, name: 'x' });
        await groups.removeMembers(foreignGroup.id, [foreign.technician.id]);
        await technicians.save({ ...foreign.technician, state: 'left' });
      });

      await within(async ({ accounts, customers, tokens, requests }) => {
        await customers.lift(foreign.customer.id, 'pim', 0);
        await accounts.intend([account.id], { dueAt: 0, takeAt: 0 });
        await accounts.suspect(account.id, (held) => ({ ...held, methods: true }), 0);
        expect(await accounts.record([claimOn(foreign)], [{ ...account, marker: 'x' }])).toEqual([]);
        expect(await tokens.revoke(token.id, NOON)).toBe(false);
        expect(await tokens.revokeAllOf(foreign.technician.id, NOON)).toBe(0);
        expect(await requests.setState(request.id, request.state, 'cancelled')).toBe(false);
      });
      await within(({ policies }) => policies.save({ ...policy, name: 'x' })).catch(() => false);
      await within(({ grants }) => grants.save({ ...grant, reveals: 9 })).catch(() => false);
      const next = { ...foreign.connection, version: 2 };
      await within(({ connections }) => connections.save(next, 1)).catch(() => false);
      const own = { ...aRevokerCredential(foreign), version: 2 };
      for (const expected of [1, null])
        await within(({ connections }) => connections.saveRevokerCredential(own, 'x', expected)).catch(
          () => false,
        );
      await within(({ customers }) =>
        customers.noteClock(foreign.customer.id, { aheadMs: 1, leadMs: 0, measuredAt: NOON }),
      ).catch(() => undefined);

      expect(await seeForeign()).toEqual(before);
    });

    it('refuses a new row for another one', async () => {
      const { within, world, foreign, ids, seeForeign } = await twoWorlds(planted);
      const before = await seeForeign();
      const id = ids.uuid();
      const name = 'new@contoso.com';

      const attempts = [
        within(({ organizations }) =>
          organizations.insert({ ...foreign.organization, id: idOf(id), slug: id }),
        ),
        within(({ technicians }) =>
          technicians.insert({ ...foreign.technician, id: idOf(id), username: 'eve' }),
        ),
        within(({ tokens }) => tokens.insert({ ...foreign.token, id: idOf(id), digest: id })),
        within(({ customers }) => customers.insert({ ...foreign.customer, id: idOf(id) })),
        within(({ connections }) => connections.save({ ...foreign.connection, id: idOf(id) }, null)),
        within(({ policies }) => policies.insert({ ...foreign.policy, id: idOf(id) })),
        within(({ requests }) => requests.insert({ ...foreign.request, id: idOf(id), grantId: null })),
        within(({ grants }) => grants.insert({ ...foreign.grant, id: idOf(id) })),
        within(({ accounts }) =>
          accounts.insert({ ...foreign.account, id: idOf(id), kind: 'laps', upn: name }),
        ),
        within(({ audit }) => audit.append([{ ...world.event, organizationId: foreign.organization.id }])),
      ];

      const outcomes = await Promise.allSettled(attempts);
      expect(outcomes.map(({ status }) => status)).toEqual(attempts.map(() => 'rejected'));
      expect(await seeForeign()).toEqual(before);
    });

    it('refuses a row of its own that points to another one, as if that were not there', async () => {
      const { within, world, foreign, ids } = await twoWorlds(planted);
      const id = ids.uuid();

      const customer = within(({ accounts }) =>
        accounts.insert({ ...world.account, id: idOf(id), customerId: foreign.customer.id }),
      );
      await expect(customer).rejects.toMatchObject({ code: 'customer.not_found' });
      const throttled = within(({ customers }) =>
        customers.throttle(foreign.customer.id, { workload: 'pim', until: NOON, reason: '429' }),
      );
      await expect(throttled).rejects.toMatchObject({ code: 'customer.not_found' });
      const technician = within(({ tokens }) =>
        tokens.insert({ ...world.token, id: idOf(id), digest: id, technicianId: foreign.technician.id }),
      );
      await expect(technician).rejects.toMatchObject({ code: 'technician.not_found' });
      const policy = within(({ requests }) =>
        requests.insert({ ...world.request, id: idOf(id), grantId: null, policyId: foreign.policy.id }),
      );
      await expect(policy).rejects.toMatchObject({ code: 'access_policy.not_found' });
      const account = within(({ grants }) =>
        grants.insert({ ...world.grant, id: idOf(id), accountId: foreign.account.id }),
      );
      await expect(account).rejects.toThrow();
    });

    it('keeps idempotency keys and names apart', async () => {
      const { unitOfWork, world, foreign } = await twoWorlds(planted);
      const create = { key: 'k', actorId: 'a', operation: 'o', bodyDigest: 'b', resourceId: 'r' };

      const begun = [world, foreign].map(({ organization }) =>
        unitOfWork.inOrganization(organization.id, ({ idempotency }) => idempotency.begin(create)),
      );

      expect(await Promise.all(begun)).toEqual([
        { first: true, resourceId: 'r' },
        { first: true, resourceId: 'r' },
      ]);
      expect(foreign.technician.username).toBe(world.technician.username);
    });
  });
};

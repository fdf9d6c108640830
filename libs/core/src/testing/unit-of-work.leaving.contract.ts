import type { ManagedAccount } from '#core/accounts';
import type { Grant } from '#core/grants';
import type { TechnicianGroup } from '#core/identity';
import { HOUR, idOf, MINUTE, type Ids, type TechnicianGroupId } from '#core/shared';
import {
  aCustomer,
  anAccount,
  aRequest,
  aRunningGrant,
  NOON,
  type Plant,
  type Planted,
  type World,
} from './unit-of-work.samples.js';

const aGroup = (ids: Ids, { organization }: World, name = 'Helpdesk'): TechnicianGroup => ({
  id: idOf(ids.uuid()),
  organizationId: organization.id,
  name,
  state: 'active',
  createdAt: NOON,
});

/** A world with a running grant whose policy is for these groups. */
const entitledBy = async (base: Planted, technicianGroups: readonly TechnicianGroupId[]) => {
  const { within, world, ids } = base;
  const running = aRunningGrant(ids, world);
  await within(async ({ grants, policies }) => {
    await policies.save({ ...world.policy, technicianGroups });
    await grants.insert(running);
  });
  return { running, bar: () => barIn(base) };
};

const barIn = async ({ within, world }: Planted) => {
  const [open] = await within(({ grants }) => grants.openOf([world.account.id]));
  return open?.bar;
};

const withGroups = async (planted: Plant) => {
  const base = await planted();
  const { within, world, ids } = base;
  const [first, second] = [aGroup(ids, world), aGroup(ids, world, 'Seniors')];
  await within(async ({ groups }) => {
    await groups.insert(first);
    await groups.insert(second);
    await groups.addMembers(first.id, [world.technician.id]);
  });
  return { ...base, first, second };
};

export const describeLeaving = (planted: Plant): void => {
  describePeople(planted);
  describeGroups(planted);
  describeForbidden(planted);
  describeRemovals(planted);
};

const describePeople = (planted: Plant): void => {
  describe('people', () => {
    it('are listed, the oldest first, and change in role and state alone', async () => {
      const { within, world, ids } = await planted();
      const { technician } = world;
      const boss = {
        ...technician,
        id: idOf<'technician'>(ids.uuid()),
        username: 'boss',
        role: 'owner',
      } as const;
      await within(({ technicians }) => technicians.insert(boss));

      const changed = { ...technician, role: 'auditor', state: 'suspended' } as const;
      await within(({ technicians }) =>
        technicians.save({ ...changed, username: 'eve', displayName: 'Eve' }),
      );

      const page = await within(({ technicians }) => technicians.list({ after: null, limit: 9 }));
      const rest = await within(({ technicians }) => technicians.list({ after: technician.id, limit: 9 }));
      expect(page).toEqual([changed, boss]);
      expect(rest).toEqual([boss]);
      expect(await within(({ technicians }) => technicians.steady(technician.id))).toEqual(changed);
    });

    it('are locked together with every active owner', async () => {
      const { within, world, ids } = await planted();
      const person = (username: string, change: Partial<World['technician']>) => ({
        ...world.technician,
        id: idOf<'technician'>(ids.uuid()),
        username,
        ...change,
      });
      const boss = person('boss', { role: 'owner' });
      const gone = person('gone', { role: 'owner', state: 'suspended' });
      await within(async ({ technicians }) => {
        for (const each of [boss, gone, person('other', {})]) await technicians.insert(each);
      });

      const locked = await within(({ technicians }) => technicians.lockWithOwners(world.technician.id));

      expect(locked).toEqual([world.technician, boss]);
    });

    it('lose all their tokens at once, and nobody else any', async () => {
      const { within, world, ids } = await planted();
      const other = { ...world.technician, id: idOf<'technician'>(ids.uuid()), username: 'grace' };
      const token = {
        ...world.token,
        id: idOf<'api token'>(ids.uuid()),
        digest: 'x',
        technicianId: other.id,
      };
      await within(async ({ technicians, tokens }) => {
        await technicians.insert(other);
        await tokens.insert(token);
      });

      const { id } = world.technician;
      const revoked = await within(({ tokens }) => tokens.revokeAllOf(id, NOON + 1));
      const again = await within(({ tokens }) => tokens.revokeAllOf(id, NOON + 2));

      expect([revoked, again]).toEqual([1, 0]);
      const own = await within(({ tokens }) => tokens.byDigest(world.token.digest));
      expect(own?.revokedAt).toBe(NOON + 1);
      expect((await within(({ tokens }) => tokens.byDigest('x')))?.revokedAt).toBeNull();
    });
  });
};

const describeGroups = (planted: Plant): void => {
  describe('technician groups', () => {
    it('have a name of their own, and members', async () => {
      const { within, world, ids, first, second } = await withGroups(planted);
      const { id } = world.technician;

      await within(({ groups }) => groups.addMembers(first.id, [id]));
      expect(await within(({ groups }) => groups.list({ after: null, limit: 9 }))).toEqual([first, second]);
      expect(await within(({ groups }) => groups.members(first.id))).toEqual([id]);
      expect(await within(({ groups }) => groups.ofTechnician(id))).toEqual([first.id]);
      const named = ({ id: groupId, name, state }: TechnicianGroup) => ({ id: groupId, name, state });
      const wanted = [second.id, first.id, idOf<'technician group'>(ids.uuid())];
      expect(await within(({ groups }) => groups.withMembers(wanted))).toEqual([
        { group: named(first), members: [id] },
        { group: named(second), members: [] },
      ]);
      await within(({ groups }) => groups.removeMembers(first.id, [id]));
      expect(await within(({ groups }) => groups.members(first.id))).toEqual([]);

      const exists = { code: 'technician_group.exists' };
      const twin = within(({ groups }) => groups.insert(aGroup(ids, world)));
      await expect(twin).rejects.toMatchObject(exists);
      const renamed = within(({ groups }) => groups.save({ ...second, name: first.name }));
      await expect(renamed).rejects.toMatchObject(exists);
    });

    it('take in only who is there', async () => {
      const { within, ids, first } = await withGroups(planted);

      const work = within(({ groups }) => groups.addMembers(first.id, [idOf(ids.uuid())]));

      await expect(work).rejects.toMatchObject({ code: 'technician.not_found' });
    });

    it('entitle nobody once they are archived', async () => {
      const { within, world, first, second } = await withGroups(planted);
      const archived = { ...first, state: 'archived' } as const;

      await within(({ groups }) => groups.save(archived));

      expect(await within(({ groups }) => groups.lock(first.id))).toEqual(archived);
      expect(await within(({ groups }) => groups.steady([first.id, second.id]))).toEqual([second.id]);
      expect(await within(({ groups }) => groups.ofTechnician(world.technician.id))).toEqual([]);
    });

    it('forbid a grant whose technician is in none of those that its policy names', async () => {
      const base = await withGroups(planted);
      const { within, world, first, second } = base;
      const { bar } = await entitledBy(base, [first.id, second.id]);
      const { id } = world.technician;

      expect(await bar()).toBeNull();
      await within(({ groups }) => groups.removeMembers(first.id, [id]));
      expect(await bar()).toBe('not_entitled');
      await within(({ groups }) => groups.addMembers(second.id, [id]));
      expect(await bar()).toBeNull();
      await within(({ groups }) => groups.save({ ...second, state: 'archived' }));
      expect(await bar()).toBe('not_entitled');
    });

    it('are found under the grants that stand on them', async () => {
      const base = await withGroups(planted);
      const { within, world, ids, first, second } = base;
      await entitledBy(base, [first.id]);
      const of = (groupId: TechnicianGroupId, technicianIds: readonly World['technician']['id'][] | null) =>
        within(({ accounts }) => accounts.endAll({ kind: 'group', groupId, technicianIds }, NOON));

      const { id, customerId } = world.account;
      expect(await of(first.id, null)).toEqual([{ id, customerId }]);
      expect(await of(first.id, [world.technician.id])).toEqual([{ id, customerId }]);
      expect(await of(first.id, [idOf(ids.uuid())])).toEqual([]);
      expect(await of(second.id, null)).toEqual([]);
    });
  });
};

const describeForbidden = (planted: Plant): void => {
  describe('a grant that was forbidden', () => {
    it.each(['technician', 'customer', 'policy'] as const)(
      'with its %s stays so for its first reason, and no other is',
      async (kind) => {
        const base = await planted();
        const { within, world, ids } = base;
        await entitledBy(base, []);
        const scopes = {
          technician: { kind: 'technician', technicianId: world.technician.id },
          customer: { kind: 'customer', customerId: world.customer.id },
          policy: { kind: 'policy', policyId: world.policy.id },
        } as const;

        await within(({ grants }) =>
          grants.forbid({ kind: 'policy', policyId: idOf(ids.uuid()) }, 'policy_removed'),
        );
        expect(await barIn(base)).toBeNull();
        await within(({ grants }) => grants.forbid(scopes[kind], 'technician_suspended'));
        await within(({ grants }) => grants.forbid(scopes[kind], 'policy_removed'));

        expect(await barIn(base)).toBe('technician_suspended');
      },
    );

    it('since its technician was in no group stays so when the technician comes back', async () => {
      const base = await withGroups(planted);
      const { within, world, first } = base;
      const { running, bar } = await entitledBy(base, [first.id]);
      const scope = { kind: 'group', groupId: first.id, technicianIds: null } as const;

      await within(({ grants }) => grants.forbidUnentitled(scope));
      expect(await bar()).toBeNull();
      await within(async ({ grants, groups }) => {
        await groups.removeMembers(first.id, [world.technician.id]);
        await grants.forbidUnentitled(scope);
        await groups.addMembers(first.id, [world.technician.id]);
      });

      expect(await bar()).toBe('not_entitled');
      expect(await within(({ grants }) => grants.get(running.id))).toEqual(running);
    });

    it('lasts no longer than its policy allows by now, and never ends in the past', async () => {
      const { within, world, ids } = await planted();
      const [first, second] = [aRequest(ids, world), aRequest(ids, world)];
      const old = aRunningGrant(ids, { ...world, request: first });
      const fresh = { ...aRunningGrant(ids, { ...world, request: second }), startsAt: NOON + 10 * MINUTE };
      await within(async ({ grants, requests }) => {
        for (const each of [first, second]) await requests.insert(each);
        for (const each of [old, fresh]) await grants.insert(each);
      });
      const now = NOON + 20 * MINUTE;
      const until = ({ startsAt }: Pick<Grant, 'startsAt'>) => startsAt + 15 * MINUTE;
      const shorten = () => within(({ grants }) => grants.shorten(world.policy.id, { until, now }));

      const shortened = await shorten();
      const again = await shorten();

      const ends = { [old.id]: now, [fresh.id]: NOON + 25 * MINUTE };
      const told = shortened.map(({ id, from, to }) => [id, from, to]).sort();
      expect(told).toEqual([old, fresh].map(({ id, expiresAt }) => [id, expiresAt, ends[id]]).sort());
      expect(again).toEqual([]);
      expect(await within(({ grants }) => grants.get(fresh.id))).toEqual({
        ...fresh,
        expiresAt: NOON + 25 * MINUTE,
        latestExpiresAt: NOON + 25 * MINUTE,
        version: 2,
      });
    });

    it('for it could only begin when its policy is closed never begins, for good', async () => {
      const base = await planted();
      const { within, world, ids } = base;
      const [first, second] = [aRequest(ids, world), aRequest(ids, world)];
      const later = {
        ...aRunningGrant(ids, { ...world, request: first }),
        state: 'scheduled' as const,
        startsAt: NOON + 30 * MINUTE,
      };
      const running = aRunningGrant(ids, { ...world, request: second });
      await within(async ({ grants, requests }) => {
        for (const each of [first, second]) await requests.insert(each);
        for (const each of [later, running]) await grants.insert(each);
      });
      const until = ({ startsAt }: Pick<Grant, 'startsAt'>) => startsAt;
      const now = NOON + 10 * MINUTE;

      const shortened = await within(({ grants }) => grants.shorten(world.policy.id, { until, now }));

      expect(shortened.map(({ id, to }) => [id, to])).toEqual([[running.id, now]]);
      expect(await within(({ grants }) => grants.get(later.id))).toEqual(later);
      const open = await within(({ grants }) => grants.openOf([world.account.id]));
      expect(new Map(open.map(({ grant, bar }) => [grant.id, bar]))).toEqual(
        new Map([
          [later.id, 'outside_hours'],
          [running.id, null],
        ]),
      );
    });
  });
};

const describeRemovals = (planted: Plant): void => {
  const gone = { object: null, enabled: null, roles: {}, groups: {}, pass: null, password: null } as const;
  const proof = { readAt: NOON, graphAt: NOON - 1 };

  /** Accounts at the world's customer, one of each sort. */
  const sorts = async ({ within, world, ids }: Planted) => {
    const bare = (number: number, change: Partial<ManagedAccount>): ManagedAccount => ({
      ...anAccount(ids, world, number),
      ...change,
    });
    const mayHold = { ...world.account.mayHold, ...gone };
    const rows = {
      there: bare(1, { takeAt: null }),
      unseen: bare(2, { takeAt: null, mayHold }),
      seen: bare(3, { takeAt: null, mayHold, removal: proof }),
      neverMade: bare(4, { takeAt: null, mayHold, objectId: null }),
    };
    await within(async ({ accounts }) => {
      for (const row of Object.values(rows)) await accounts.insert(row);
    });
    return rows;
  };

  describe('a removal', () => {
    it('finds what is not proven closed', async () => {
      const base = await planted();
      const { within, world } = base;
      const { there, unseen } = await sorts(base);
      const idsOf = (rows: readonly ManagedAccount[]) => rows.map(({ id }) => id);

      const left = await within(({ accounts }) => accounts.unproven(world.customer.id, 9));

      expect(idsOf(left)).toEqual([world.account.id, there.id, unseen.id]);
      expect(idsOf(await within(({ accounts }) => accounts.unproven(world.customer.id, 1)))).toHaveLength(1);
      const listed = await within(({ accounts }) =>
        accounts.list({ customerId: world.customer.id, after: there.id, limit: 2 }),
      );
      expect(listed[0]).toEqual(unseen);
    });

    it('retires what is there, and leaves alone what is proven gone', async () => {
      const base = await planted();
      const { within, world } = base;
      const { there, seen } = await sorts(base);
      const scope = { kind: 'customer', customerId: world.customer.id } as const;

      const retired = await within(({ accounts }) =>
        accounts.retireAll(scope, 'customer_removed', NOON - HOUR),
      );

      expect(retired).toHaveLength(4);
      expect(await within(({ accounts }) => accounts.get(there.id))).toEqual({
        ...there,
        retirement: 'customer_removed',
        dueAt: NOON - HOUR,
        version: there.version + 1,
      });
      expect(await within(({ accounts }) => accounts.get(seen.id))).toEqual(seen);
    });

    it('closes what is proven, for good: nothing rings for it, and its name and place are free', async () => {
      const base = await planted();
      const { within, unitOfWork, world, ids } = base;
      const { there, seen } = await sorts(base);
      const claim = await unitOfWork.clockwork.claimAccount(seen, seen.id, NOON);

      await within(({ accounts }) => accounts.close(world.customer.id, NOON + HOUR));

      const closed = await within(({ accounts }) => accounts.get(seen.id));
      expect(closed).toMatchObject({
        closedAt: NOON + HOUR,
        dueAt: null,
        verification: null,
        leftBehindAt: null,
      });
      expect(await within(({ accounts }) => accounts.get(there.id))).toEqual(there);
      expect(await within(({ accounts }) => accounts.lock(claim === null ? [] : [claim]))).toEqual([]);
      await within(async ({ accounts }) => {
        await accounts.intend([seen.id], { dueAt: NOON, takeAt: NOON });
        await accounts.retire([seen.id], 'unused', NOON);
        await accounts.suspect(seen.id, (held) => held, NOON);
        await accounts.insert({ ...anAccount(ids, world, 9), upn: seen.upn });
      });
      expect(await within(({ accounts }) => accounts.get(seen.id))).toMatchObject({
        dueAt: null,
        takeAt: null,
      });
    });

    it('leaves behind what it is told to, and says so for ever', async () => {
      const base = await planted();
      const { within, world } = base;
      const { id, technicianId } = world.account;

      await within(({ accounts }) => accounts.leaveBehind([id], NOON + HOUR));

      const left = await within(({ accounts }) => accounts.leftBehind(world.customer.id, 9));
      expect(left).toEqual([
        expect.objectContaining({ id, dueAt: null, takeAt: null, leftBehindAt: NOON + HOUR }),
      ]);
      expect(left[0]?.mayHold).toEqual(world.account.mayHold);
      const { id: owner } = world.technician;
      expect(technicianId).toBe(owner);
      expect(await within(({ accounts }) => accounts.ofTechnician(world.customer.id, owner))).toBeNull();
    });

    it('of a connection is told to the sweep, begun once, and over when nothing is open', async () => {
      const base = await planted();
      const { unitOfWork, within, world } = base;
      const { id } = world.customer;
      const removals = () => unitOfWork.clockwork.removals(null, 9);

      expect(await removals()).toEqual([]);
      expect(await within(({ connections }) => connections.beginRemoval(id))).toBe(true);
      expect(await within(({ connections }) => connections.beginRemoval(id))).toBe(false);
      const save = within(({ connections }) => connections.save({ ...world.connection, version: 2 }, 1));
      expect(await save).toBe(false);
      expect(await removals()).toEqual([{ organizationId: world.organization.id, customerId: id }]);
      expect(await unitOfWork.clockwork.removals(id, 9)).toEqual([]);

      await expect(within(({ connections }) => connections.remove(id))).rejects.toThrow();
      await within(async ({ accounts, connections }) => {
        await accounts.leaveBehind([world.account.id], NOON);
        await connections.remove(id);
      });
      expect(await within(({ connections }) => connections.ofCustomer(id))).toBeNull();
      expect(await removals()).toEqual([]);
    });

    it('of a connection in use is refused', async () => {
      const { within, world, ids } = await planted();
      const customer = aCustomer(ids, world);
      await within(async ({ connections, customers }) => {
        await customers.insert(customer);
        await connections.save({ ...world.connection, id: idOf(ids.uuid()), customerId: customer.id }, null);
      });

      await expect(within(({ connections }) => connections.remove(customer.id))).rejects.toThrow();
    });

    it('of a customer is kept as its state', async () => {
      const { within, world } = await planted();
      const { id } = world.customer;

      await within(({ customers }) => customers.setState(id, 'removing'));

      const removing = { ...world.customer, state: 'removing' };
      expect(await within(({ customers }) => customers.lock(id))).toEqual(removing);
      expect(await within(({ customers }) => customers.steady(id))).toEqual(removing);
    });
  });
};

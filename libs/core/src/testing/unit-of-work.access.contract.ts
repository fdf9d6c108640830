import { MOST_GRANTS_READ, type Grant, type LiveFilter } from '#core/grants';
import { HOUR, idOf, type AccountId, type PolicyId } from '#core/shared';
import { anAccount, aPolicy, aRequest, aRunningGrant, NOON, type Plant } from './unit-of-work.samples.js';

export const describePoliciesAndRequests = (planted: Plant): void => {
  describe('access policies and requests', () => {
    it('come back as they were given', async () => {
      const { within, world } = await planted();

      await within(async ({ policies, requests }) => {
        expect(await policies.get(world.policy.id)).toEqual(world.policy);
        expect(await requests.get(world.request.id)).toEqual(world.request);
      });
    });

    it('list what applies to a customer: its own and those for all', async () => {
      const { within, world, ids } = await planted();
      const forAll = { ...world.policy, id: idOf<'policy'>(ids.uuid()), customerId: null };
      const other = { ...world.customer, id: idOf<'customer'>(ids.uuid()) };
      const ofOther = aPolicy(ids, other);
      await within(async ({ customers, policies }) => {
        await customers.insert(other);
        await policies.insert(forAll);
        await policies.insert(ofOther);
      });

      const lists = await within(async ({ policies }) => [
        await policies.list({ customerId: world.customer.id, after: null, limit: 9 }),
        await policies.list({ customerId: null, after: world.policy.id, limit: 9 }),
      ]);

      expect(lists).toEqual([
        [world.policy, forAll],
        [forAll, ofOther],
      ]);
    });

    it('save a policy only on the version that was read, and raise it', async () => {
      const { within, world } = await planted();
      const changed = { ...world.policy, name: 'Renamed', state: 'archived' as const };

      const saved = await within(async ({ policies }) => [
        await policies.save({ ...changed, version: 2 }),
        await policies.save(changed),
        await policies.save(changed),
      ]);

      expect(saved).toEqual([false, true, false]);
      const kept = await within(({ policies }) => policies.get(world.policy.id));
      expect(kept).toEqual({ ...changed, version: world.policy.version + 1 });
    });

    it('in use at a customer are its own that are not archived, and those for all, oldest first', async () => {
      const { within, world, ids } = await planted();
      const other = { ...world.customer, id: idOf<'customer'>(ids.uuid()) };
      const own = aPolicy(ids, world.customer);
      const archived = { ...aPolicy(ids, world.customer), state: 'archived' as const };
      const forAll = { ...aPolicy(ids, world.customer), customerId: null };
      const ofOther = aPolicy(ids, other);
      await within(async ({ customers, policies }) => {
        await customers.insert(other);
        for (const policy of [own, archived, forAll, ofOther]) await policies.insert(policy);
      });
      const idsInUse = (customerId: typeof other.id | null, limit = 9) =>
        within(async ({ policies }) => (await policies.inUse(customerId, limit)).map(({ id }) => id));

      expect(await within(({ policies }) => policies.inUseAt(world.customer.id))).toEqual([
        world.policy,
        own,
      ]);
      expect(await idsInUse(world.customer.id)).toEqual([world.policy.id, own.id, forAll.id]);
      expect(await idsInUse(null)).toEqual([world.policy.id, own.id, forAll.id, ofOther.id]);
      expect(await idsInUse(null, 2)).toEqual([world.policy.id, own.id]);
    });

    it('are rivals of one another where a grant runs under one for all', async () => {
      const { within, world, ids } = await planted();
      const forAll = { ...aPolicy(ids, world.customer), customerId: null };
      const [idle, archived] = [{ ...forAll }, { ...forAll, state: 'archived' as const }].map((policy) => ({
        ...policy,
        id: idOf<'policy'>(ids.uuid()),
      }));
      const request = aRequest(ids, world);
      const rivalries = (policy: typeof forAll | typeof world.policy) =>
        within(({ policies }) => policies.rivalries(policy));
      await within(async ({ policies, requests, grants }) => {
        for (const policy of [forAll, idle ?? forAll]) await policies.insert(policy);
        if (archived !== undefined) await policies.insert(archived);
        await policies.insert({ ...aPolicy(ids, world.customer), state: 'archived' });
        await requests.insert(request);
        await grants.insert({ ...aRunningGrant(ids, { ...world, request }), policyId: forAll.id });
      });

      const { id, name, gives } = world.policy;
      const rivalry = {
        from: { id: forAll.id, customerId: null, name: forAll.name, gives: forAll.gives },
        own: { id, name, gives, customerId: world.customer.id },
      };
      expect(await rivalries(forAll)).toEqual([rivalry]);
      expect(await rivalries(world.policy)).toEqual([rivalry]);
      expect(idle === undefined ? null : await rivalries(idle)).toEqual([]);
      await within(({ policies }) => policies.save({ ...world.policy, state: 'archived' }));
      expect(await rivalries(forAll)).toEqual([]);
    });

    it('change the state of a request only from the one that was expected', async () => {
      const { within, world } = await planted();
      const { id } = world.request;

      const changed = await within(async ({ requests }) => [
        await requests.setState(id, 'requested', 'cancelled'),
        await requests.setState(id, 'approved', 'cancelled'),
      ]);

      expect(changed).toEqual([false, true]);
      const kept = await within(({ requests }) => requests.get(id));
      expect(kept?.state).toBe('cancelled');
    });

    it('list requests newest first, of one technician or of all', async () => {
      const { within, world, ids } = await planted();
      const bob = { ...world.technician, id: idOf<'technician'>(ids.uuid()), username: 'bob' };
      const ofBob = {
        ...world.request,
        id: idOf<'request'>(ids.uuid()),
        technicianId: bob.id,
        grantId: null,
      };
      await within(async ({ technicians, requests }) => {
        await technicians.insert(bob);
        await requests.insert(ofBob);
      });

      const lists = await within(async ({ requests }) => [
        await requests.list({ after: null, limit: 9 }),
        await requests.list({ after: ofBob.id, limit: 9 }),
        await requests.list({ technicianId: bob.id, after: null, limit: 9 }),
      ]);

      expect(lists).toEqual([[ofBob, world.request], [world.request], [ofBob]]);
    });

    it('refuse a request whose grant is not there when all is written', async () => {
      const { within, world, ids } = await planted();
      const request = {
        ...world.request,
        id: idOf<'request'>(ids.uuid()),
        grantId: idOf<'grant'>(ids.uuid()),
      };

      const work = within(({ requests }) => requests.insert(request));

      await expect(work).rejects.toMatchObject({ code: 'grant.not_found' });
    });
  });
};

export const describeGrants = (planted: Plant): void => {
  describe('grants', () => {
    it('come back as they were given', async () => {
      const { within, world, ids } = await planted();
      const running = aRunningGrant(ids, world);
      await within(({ grants }) => grants.insert(running));

      await within(async ({ grants }) => {
        expect(await grants.get(world.grant.id)).toEqual(world.grant);
        expect(await grants.get(running.id)).toEqual(running);
      });
    });

    it('are saved only on the version that was read, and raise it', async () => {
      const { within, world } = await planted();
      const changed = { ...world.grant, reveals: 3 };

      const saved = await within(async ({ grants }) => [
        await grants.save(changed),
        await grants.save(changed),
      ]);

      expect(saved).toEqual([true, false]);
      const kept = await within(({ grants }) => grants.get(world.grant.id));
      expect(kept).toEqual({ ...changed, version: world.grant.version + 1 });
    });

    it('are saved together, each as it is, and not one of them where somebody was faster at another', async () => {
      const { within, world, ids } = await planted();
      const running = aRunningGrant(ids, world);
      await within(({ grants }) => grants.insert(running));
      const changed = [
        { ...world.grant, reveals: 3 },
        { ...running, endReason: 'killed' as const, failure: null, reveals: 4 },
      ];

      expect(await within(({ grants }) => grants.saveAll(changed))).toBe(true);

      const kept = await within(async ({ grants }) => [
        await grants.get(world.grant.id),
        await grants.get(running.id),
      ]);
      expect(kept).toEqual(changed.map((grant) => ({ ...grant, version: grant.version + 1 })));
      const [first = world.grant, second = running] = changed;
      const again = [{ ...first, version: first.version + 1 }, second];
      expect(await within(({ grants }) => grants.saveAll(again))).toBe(false);
      expect(await within(({ grants }) => grants.saveAll([]))).toBe(true);
    });

    it('let one of two win who saved at once', async () => {
      const { within, world } = await planted();

      const saved = await Promise.all(
        [3, 4].map((reveals) => within(({ grants }) => grants.save({ ...world.grant, reveals }))),
      );

      expect([...saved].sort()).toEqual([false, true]);
    });

    it('must end after they start, and be closed with their evidence', async () => {
      const { within, world } = await planted();
      const { grant } = world;

      const backwards = within(({ grants }) => grants.save({ ...grant, expiresAt: grant.startsAt }));
      await expect(backwards).rejects.toThrow();
      const unproven = within(({ grants }) => grants.save({ ...grant, proofs: [] }));
      await expect(unproven).rejects.toThrow();
    });

    it('are listed newest first by technician, customer and state', async () => {
      const { within, world, ids } = await planted();
      const running = aRunningGrant(ids, world);
      await within(({ grants }) => grants.insert(running));
      const page = { after: null, limit: 9 };

      const lists = await within(async ({ grants }) => [
        await grants.list(page),
        await grants.list({ ...page, after: running.id }),
        await grants.list({ ...page, state: 'active', technicianId: world.technician.id }),
        await grants.list({ ...page, customerId: idOf(ids.uuid()) }),
      ]);

      expect(lists).toEqual([[running, world.grant], [world.grant], [running], []]);
    });

    it('that are open come with what their policy gives now, and nothing once it is archived', async () => {
      const { within, world, ids } = await planted();
      const running = aRunningGrant(ids, world);
      const gives = { roles: [idOf<'entra role'>('role 2')], groups: [] };
      await within(async ({ grants, policies }) => {
        await grants.insert(running);
        await policies.save({ ...world.policy, gives });
      });

      const before = await within(({ grants }) => grants.openOf([world.account.id, idOf(ids.uuid())]));
      await within(({ policies }) => policies.save({ ...world.policy, version: 4, state: 'archived' }));
      const after = await within(({ grants }) => grants.openOf([world.account.id]));

      expect(before).toEqual([{ grant: running, policyGives: gives, bar: null }]);
      expect(after).toEqual([{ grant: running, policyGives: null, bar: null }]);
    });

    it('that are open come with no role above the ceiling, which is kept by its version', async () => {
      const { within, world, ids } = await planted();
      const running = aRunningGrant(ids, world);
      await within(({ grants }) => grants.insert(running));
      const [kept = idOf<'entra role'>('role 1')] = world.policy.gives.roles;
      const given = async () =>
        (await within(({ grants }) => grants.openOf([world.account.id])))[0]?.policyGives;
      expect(await within(({ organizations }) => organizations.roleCeiling())).toEqual({
        roles: null,
        version: 1,
      });

      const saved = await within(async ({ organizations }) => [
        await organizations.saveRoleCeiling({ roles: [kept], version: 2 }),
        await organizations.saveRoleCeiling({ roles: [kept], version: 1 }),
        await organizations.saveRoleCeiling({ roles: [], version: 1 }),
      ]);

      expect(saved).toEqual([false, true, false]);
      expect(await given()).toEqual({ roles: [kept], groups: world.policy.gives.groups });
      await within(({ organizations }) => organizations.saveRoleCeiling({ roles: null, version: 2 }));
      expect(await given()).toEqual(world.policy.gives);
    });

    it('that are open are read so many an account: what gives, what ends, what comes, and the earliest end first', async () => {
      const { within, world, ids } = await planted();
      const other = anAccount(ids, world, 1);
      const kept = (grant: Partial<Grant>, count: number): Grant[] =>
        Array.from({ length: count }, (_, index) => ({
          ...aRunningGrant(ids, world),
          expiresAt: NOON + HOUR + index,
          ...grant,
        }));
      const scheduled = kept({ state: 'scheduled' }, MOST_GRANTS_READ);
      const ending = kept({ state: 'ending', endReason: 'expired', endingAt: NOON + 2 }, 3);
      const active = kept({}, 3);
      const elsewhere = kept({ accountId: other.id }, 2);
      await within(async ({ accounts, grants, requests }) => {
        await accounts.insert(other);
        for (const grant of [...scheduled, ...ending, ...active, ...elsewhere]) {
          const request = aRequest(ids, world);
          await requests.insert(request);
          await grants.insert({ ...grant, requestId: request.id });
        }
      });

      const open = await within(({ grants }) => grants.openOf([world.account.id, other.id, other.id]));

      const wanted = [...scheduled.slice(0, MOST_GRANTS_READ - 6), ...ending, ...active, ...elsewhere];
      expect(open.map(({ grant }) => grant.id)).toEqual(wanted.map(({ id }) => id));
    });

    it('come sooner of one customer, or of those of its accounts that are named, where nobody holds them', async () => {
      const { within, world, ids } = await planted();
      const { customerId, id } = world.account;
      const end = (named: readonly AccountId[] | null, at: number) =>
        within(({ accounts }) => accounts.endUnlessHeld({ customerId, ids: named }, at));
      const read = () => within(({ accounts }) => accounts.get(id));

      const soon = Math.min(world.account.dueAt ?? NOON, world.account.takeAt ?? NOON) - 9;
      await within(({ accounts }) => accounts.intend([id], { dueAt: NOON, takeAt: NOON }));
      const before = await read();

      expect(await end([idOf(ids.uuid())], soon)).toEqual([]);
      expect(await read()).toEqual(before);
      expect(await end([id], soon)).toEqual([]);
      expect(await read()).toMatchObject({ dueAt: soon, takeAt: soon });
      expect(await end(null, soon - 1)).toEqual([]);
      expect(await read()).toMatchObject({ dueAt: soon - 1, takeAt: soon - 1 });
    });

    it('that run under one policy at a customer stand on another, and give nothing that the first did not', async () => {
      const { within, world, ids } = await planted();
      const [to, request] = [aPolicy(ids, world.customer), aRequest(ids, world)];
      const running = aRunningGrant(ids, world);
      const ending: Grant = {
        ...aRunningGrant(ids, { ...world, request }),
        state: 'ending',
        endReason: 'expired',
        endingAt: NOON,
      };
      await within(async ({ grants, policies, requests }) => {
        await policies.insert(to);
        await requests.insert(request);
        for (const grant of [running, ending]) await grants.insert(grant);
      });
      const gives = { roles: world.policy.gives.roles.slice(1), groups: [] };
      const from = { policyId: world.policy.id, customerId: world.customer.id, gives };
      const move = (change: Partial<typeof from> = {}) =>
        within(({ grants }) => grants.move({ ...from, ...change }, to.id));

      expect(await move({ customerId: idOf(ids.uuid()) })).toEqual([]);
      const moved = await move();

      const { id, organizationId, customerId } = running;
      expect(moved).toEqual([{ id, organizationId, customerId, approved: gives }]);
      expect(await move()).toEqual([]);
      const kept = await within(async ({ grants }) => [await grants.get(id), await grants.get(ending.id)]);
      const version = running.version + 1;
      expect(kept).toEqual([{ ...running, policyId: to.id, approved: gives, version }, ending]);
      expect(await within(({ grants }) => grants.openOf([world.account.id]))).toMatchObject([
        { grant: { id }, policyGives: to.gives },
        { grant: { id: ending.id } },
      ]);
    });

    it('that are live are read by policy or by customer, without what is forbidden', async () => {
      const { within, world, ids } = await planted();
      const [first, second] = [aRequest(ids, world), aRequest(ids, world)];
      const other = aPolicy(ids, world.customer);
      const running = aRunningGrant(ids, { ...world, request: first });
      const elsewhere = { ...aRunningGrant(ids, { ...world, request: second }), policyId: other.id };
      await within(async ({ grants, policies, requests }) => {
        await policies.insert(other);
        for (const each of [first, second]) await requests.insert(each);
        for (const each of [running, elsewhere]) await grants.insert(each);
      });
      const live = (of: LiveFilter['of'], now = NOON, limit = 9) =>
        within(({ grants }) => grants.live({ of, now, limit }));
      const [byPolicy, byCustomer] = [{ policyId: world.policy.id }, { customerId: world.customer.id }];

      const { id, customerId, technicianId, policyId, approved, startsAt, expiresAt } = running;
      const told = { id, customerId, technicianId, policyId, approved, startsAt, expiresAt };
      expect(await live(byPolicy)).toEqual([told]);
      expect(await live(byCustomer)).toEqual([told, { ...told, id: elsewhere.id, policyId: other.id }]);
      expect(await live(byCustomer, NOON, 1)).toEqual([told]);
      expect(await live(byCustomer, running.expiresAt)).toEqual([]);
      await within(({ grants }) => grants.forbid({ kind: 'policy', policyId: other.id }, 'policy_removed'));
      expect(await live(byCustomer)).toEqual([told]);
    });

    it('under some policies at one customer are found as accounts whose end is owed', async () => {
      const { within, world, ids } = await planted();
      await within(({ grants }) => grants.insert(aRunningGrant(ids, world)));
      const [other, own] = [idOf<'policy'>(ids.uuid()), world.policy.id];
      const end = (policyIds: readonly PolicyId[], customerId = world.customer.id) =>
        within(({ accounts }) => accounts.endAll({ kind: 'policies', policyIds, customerId }, NOON));

      expect(await end([own], idOf(ids.uuid()))).toEqual([]);
      expect(await end([other])).toEqual([]);
      expect(await end([other, own])).toEqual([{ id: world.account.id, customerId: world.customer.id }]);
    });

    it('that are open are found by policy, as accounts whose end is owed', async () => {
      const { within, world, ids } = await planted();
      const scope = { kind: 'policy', policyId: world.policy.id } as const;

      const before = await within(({ accounts }) => accounts.endAll(scope, NOON));
      await within(async ({ grants, requests }) => {
        await grants.insert(aRunningGrant(ids, world));
        const request = aRequest(ids, world);
        await requests.insert(request);
        await grants.insert(aRunningGrant(ids, { ...world, request }));
      });
      const after = await within(({ accounts }) => accounts.endAll(scope, NOON));

      expect([before, after]).toEqual([[], [{ id: world.account.id, customerId: world.customer.id }]]);
    });
  });
};

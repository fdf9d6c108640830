import { idOf } from '#core/shared';
import { FakeIds } from './fake-ids.js';
import { describeGrants, describePoliciesAndRequests } from './unit-of-work.access.contract.js';
import { describeManagedAccounts } from './unit-of-work.accounts.contract.js';
import { describeClockwork } from './unit-of-work.clockwork.contract.js';
import { describeClosing } from './unit-of-work.closing.contract.js';
import { describeReaching } from './unit-of-work.reaching.contract.js';
import { describeDrift } from './unit-of-work.drift.contract.js';
import { describeHolds } from './unit-of-work.holds.contract.js';
import { describeIsolation } from './unit-of-work.isolation.contract.js';
import { describeLeaving } from './unit-of-work.leaving.contract.js';
import { aWorld, NOON, plant, type EmptyDatabase, type Plant } from './unit-of-work.samples.js';
import { describePendingCertificates } from './unit-of-work.pending-certificate.contract.js';
import { describeConsents } from './unit-of-work.consent.contract.js';
import { describeOrganizationApps } from './unit-of-work.organization-app.contract.js';
import { describeSealed } from './unit-of-work.sealed.contract.js';
import { describeTakeBack } from './unit-of-work.take-back.contract.js';
import { describeTenantFacts } from './unit-of-work.tenancy.contract.js';
import { describeValidationRuns } from './unit-of-work.validations.contract.js';

/** What every UnitOfWork promises: run by the spec of each implementation. */
export const describeUnitOfWork = (name: string, createEmpty: () => Promise<EmptyDatabase>): void => {
  const planted: Plant = async () => {
    const database = await createEmpty();
    const ids = new FakeIds();
    const world = aWorld(ids);
    await plant(database.unitOfWork, world);
    return {
      ...database,
      ids,
      world,
      within: (work) => database.unitOfWork.inOrganization(world.organization.id, work),
    };
  };

  describe(`${name} keeps the contract of UnitOfWork`, () => {
    describeTransactions(planted);
    describeTenancyAndIdentity(planted);
    describeTenantFacts(planted);
    describeTakeBack(planted);
    describePoliciesAndRequests(planted);
    describeGrants(planted);
    describeDrift(planted);
    describeHolds(planted);
    describeClosing(planted);
    describeReaching(planted);
    describeLeaving(planted);
    describeAuditLog(planted);
    describeIdempotency(planted);
    describeManagedAccounts(planted);
    describeClockwork(planted);
    describeOrganizationApps(planted);
    describePendingCertificates(planted);
    describeConsents(planted);
    describeSealed(planted);
    describeValidationRuns(planted);
    describeIsolation(planted);
  });
};

const describeTransactions = (planted: Plant): void => {
  describe('transactions', () => {
    it('keep nothing of a work that throws', async () => {
      const { within, world, ids } = await planted();
      const id = idOf<'customer'>(ids.uuid());

      const work = within(async ({ customers, audit }) => {
        await customers.insert({ ...world.customer, id });
        await audit.append([world.event]);
        throw new Error('changed my mind');
      });

      await expect(work).rejects.toThrow('changed my mind');
      expect(await within(({ customers }) => customers.get(id))).toBeNull();
      expect(await within(({ audit }) => audit.list({ before: null, limit: 9 }))).toHaveLength(1);
    });

    it('answer what the work answered', async () => {
      const { within } = await planted();

      expect(await within(() => Promise.resolve('done'))).toBe('done');
    });

    it('do not commit when a refusal was swallowed', async () => {
      const { within, world, ids } = await planted();
      const id = idOf<'customer'>(ids.uuid());

      const work = within(async ({ customers, technicians }) => {
        await customers.insert({ ...world.customer, id });
        await technicians.insert({ ...world.technician, id: idOf(ids.uuid()) }).catch(() => 'never mind');
      });

      await expect(work).rejects.toMatchObject({ code: 'technician.exists' });
      expect(await within(({ customers }) => customers.get(id))).toBeNull();
    });

    it('see their own writes', async () => {
      const { within, world, ids } = await planted();
      const id = idOf<'customer'>(ids.uuid());

      const found = await within(async ({ customers }) => {
        await customers.insert({ ...world.customer, id });
        return customers.get(id);
      });

      expect(found).toEqual({ ...world.customer, id });
    });
  });
};

const describeTenancyAndIdentity = (planted: Plant): void => {
  describe('organizations, customers and people', () => {
    it('come back as they were given', async () => {
      const { within, world } = await planted();

      await within(async (stores) => {
        expect(await stores.organizations.get()).toEqual(world.organization);
        expect(await stores.customers.get(world.customer.id)).toEqual(world.customer);
        expect(await stores.connections.ofCustomer(world.customer.id)).toEqual(world.connection);
        expect(await stores.technicians.get(world.technician.id)).toEqual(world.technician);
        expect(await stores.technicians.byUsername('ada')).toEqual(world.technician);
        expect(await stores.tokens.byDigest(world.token.digest)).toEqual(world.token);
      });
    });

    it('refuse a slug and a username that are taken', async () => {
      const { within, unitOfWork, world, ids } = await planted();
      const id = idOf<'organization'>(ids.uuid());

      const sameSlug = unitOfWork.inOrganization(id, ({ organizations }) =>
        organizations.insert({ ...world.organization, id }),
      );
      await expect(sameSlug).rejects.toMatchObject({ code: 'organization.exists' });
      const sameUsername = within(({ technicians }) =>
        technicians.insert({ ...world.technician, id: idOf(ids.uuid()) }),
      );
      await expect(sameUsername).rejects.toMatchObject({ code: 'technician.exists' });
    });

    it('refuse what belongs to nobody', async () => {
      const { within, unitOfWork, world, ids } = await planted();
      const organizationId = idOf<'organization'>(ids.uuid());

      const orphan = unitOfWork.inOrganization(organizationId, ({ customers }) =>
        customers.insert({ ...world.customer, organizationId }),
      );
      await expect(orphan).rejects.toMatchObject({ code: 'organization.not_found' });
      const unknown = within(({ tokens }) =>
        tokens.insert({
          ...world.token,
          id: idOf(ids.uuid()),
          digest: 'another',
          technicianId: idOf(ids.uuid()),
        }),
      );
      await expect(unknown).rejects.toMatchObject({ code: 'technician.not_found' });
    });

    it('are listed oldest first, a page at a time', async () => {
      const { within, world, ids } = await planted();
      const second = { ...world.customer, id: idOf<'customer'>(ids.uuid()) };
      await within(({ customers }) => customers.insert(second));

      const [first, rest] = await within(async ({ customers }) => [
        await customers.list({ after: null, limit: 1 }),
        await customers.list({ after: world.customer.id, limit: 9 }),
      ]);

      expect(first).toEqual([world.customer]);
      expect(rest).toEqual([second]);
    });

    it('revoke a token once', async () => {
      const { within, world } = await planted();

      const times = await within(async ({ tokens }) => [
        await tokens.revoke(world.token.id, NOON + 5),
        await tokens.revoke(world.token.id, NOON + 9),
      ]);

      expect(times).toEqual([true, false]);
      const token = await within(({ tokens }) => tokens.byDigest(world.token.digest));
      expect(token).toEqual({ ...world.token, revokedAt: NOON + 5 });
    });

    it('replace a connection only on the version that was expected', async () => {
      const { within, world } = await planted();
      const next = { ...world.connection, sealedCredential: 'v1.new', version: 2 };
      const exchanged = {
        ...next,
        capabilities: { mayTouchRoleHolders: false, pass: null, timedRoles: false },
        credentialKind: 'federated' as const,
        credentialEndsAt: null,
      };

      const saved = await within(async ({ connections }) => [
        await connections.save(next, null),
        await connections.save(next, 4),
        await connections.save(exchanged, 1),
      ]);

      expect(saved).toEqual([false, false, true]);
      const kept = await within(({ connections }) => connections.ofCustomer(world.customer.id));
      expect(kept).toEqual(exchanged);
    });

    it('add up what is refused for timed roles, until the connection is replaced', async () => {
      const { within, world } = await planted();
      const { id } = world.customer;
      const [reader, admin] = [idOf<'entra role'>('reader'), idOf<'entra role'>('admin')];

      const kept = await within(async ({ connections }) => {
        await connections.refuseTimedRoles(id, { [reader]: NOON + 50, '*': NOON + 5 });
        await connections.refuseTimedRoles(id, { [reader]: NOON + 90, [admin]: NOON + 70 });
        return connections.ofCustomer(id);
      });

      const timedRolesRefused = { '*': NOON + 5, [reader]: NOON + 90, [admin]: NOON + 70 };
      expect(kept).toEqual({ ...world.connection, timedRolesRefused });
      const next = { ...world.connection, version: 2 };
      await within(({ connections }) => connections.save(next, 1));
      expect(await within(({ connections }) => connections.ofCustomer(id))).toEqual(next);
    });

    it('move a throttle later and never earlier, each workload for itself', async () => {
      const { within, world } = await planted();
      const { id } = world.customer;

      await within(async ({ customers }) => {
        await customers.throttle(id, { workload: 'directory', until: NOON + 50, reason: 'first' });
        await customers.throttle(id, { workload: 'directory', until: NOON + 90, reason: 'later' });
        await customers.throttle(id, { workload: 'directory', until: NOON + 70, reason: 'earlier' });
        await customers.throttle(id, { workload: 'pim', until: NOON + 60, reason: 'pim' });
      });

      const throttles = await within(({ customers }) => customers.throttles(id));
      expect([...throttles].sort((a, b) => a.until - b.until)).toEqual([
        { workload: 'pim', until: NOON + 60, reason: 'pim' },
        { workload: 'directory', until: NOON + 90, reason: 'later' },
      ]);
    });

    it('lift a throttle from an instant on, that of one workload of one customer, until it is thrown again', async () => {
      const { within, world, ids } = await planted();
      const { id } = world.customer;
      const other = { ...world.customer, id: idOf<'customer'>(ids.uuid()) };
      const refused = { workload: 'sign-in', until: NOON + 90, reason: 'refused' } as const;
      const busy = { workload: 'directory', until: NOON + 60, reason: '429' } as const;
      await within(async ({ customers }) => {
        await customers.insert(other);
        await customers.throttle(id, refused);
        await customers.throttle(id, busy);
        await customers.throttle(other.id, refused);
      });
      const ofWorld = () => within(({ customers }) => customers.throttles(id));

      await within(({ customers }) => customers.lift(id, 'sign-in', NOON));
      const lifted = await ofWorld();
      await within(({ customers }) => customers.throttle(id, { ...refused, until: NOON + 1 }));

      expect([...lifted].sort((a, b) => a.until - b.until)).toEqual([{ ...refused, until: NOON }, busy]);
      expect(await ofWorld()).toContainEqual({ ...refused, until: NOON + 1 });
      expect(await within(({ customers }) => customers.throttles(other.id))).toEqual([refused]);
    });

    it('lift nothing that is over, or was never thrown', async () => {
      const { within, world } = await planted();
      const { id } = world.customer;
      const over = { workload: 'directory', until: NOON - 1, reason: '429' } as const;

      const throttles = await within(async ({ customers }) => {
        await customers.throttle(id, over);
        await customers.lift(id, 'directory', NOON);
        await customers.lift(id, 'sign-in', NOON);
        return customers.throttles(id);
      });

      expect(throttles).toEqual([over]);
    });

    it('are found at the doorway by token and by slug, and by nothing else', async () => {
      const { doorway, world } = await planted();

      expect(await doorway.organizationOfToken(world.token.digest)).toBe(world.organization.id);
      expect(await doorway.organizationOfSlug(world.organization.slug)).toBe(world.organization.id);
      expect(await doorway.organizationOfToken(world.organization.slug)).toBeNull();
      expect(await doorway.organizationOfSlug(world.token.digest)).toBeNull();
      expect(await doorway.organizationOfToken('')).toBeNull();
    });
  });
};

const describeAuditLog = (planted: Plant): void => {
  describe('the audit log', () => {
    const anyId = expect.any(String) as string;

    it('numbers events in the order in which they were appended and lists them backwards', async () => {
      const { within, world } = await planted();
      const second = { ...world.event, actor: { kind: 'curfew' as const }, customerId: null };
      const third = { ...world.event, actor: { kind: 'console' as const }, details: {} };
      await within(async ({ audit }) => {
        await audit.append([second]);
        await audit.append([third]);
        await audit.append([]);
      });

      const listed = await within(({ audit }) => audit.list({ before: null, limit: 2 }));
      const earlier = await within(({ audit }) => audit.list({ before: 2, limit: 9 }));

      expect(listed).toEqual([
        { ...third, id: anyId, sequence: 3 },
        { ...second, id: anyId, sequence: 2 },
      ]);
      expect(earlier).toEqual([{ ...world.event, id: anyId, sequence: 1 }]);
      expect(new Set([...listed, ...earlier].map(({ id }) => id)).size).toBe(3);
    });

    it('has neither gap nor tie after many transactions at once, some of which failed', async () => {
      const { within, world } = await planted();

      await Promise.allSettled(
        Array.from({ length: 20 }, (_, index) =>
          within(async ({ audit }) => {
            await audit.append([world.event, world.event]);
            if (index % 4 === 0) throw new Error('failed');
          }),
        ),
      );

      const listed = await within(({ audit }) => audit.list({ before: null, limit: 99 }));
      expect(listed.map(({ sequence }) => sequence)).toEqual(
        Array.from({ length: 31 }, (_, index) => 31 - index),
      );
    });
  });
};

const describeIdempotency = (planted: Plant): void => {
  describe('idempotency', () => {
    const create = { key: 'k', actorId: 'ada', operation: 'grant', bodyDigest: 'b', resourceId: 'r1' };

    it('gives one of fifty at once the id to make, and the others that same id', async () => {
      const { within } = await planted();

      const begun = await Promise.all(
        Array.from({ length: 50 }, (_, index) =>
          within(({ idempotency }) => idempotency.begin({ ...create, resourceId: `r${index}` })),
        ),
      );

      expect(begun.filter(({ first }) => first)).toHaveLength(1);
      expect(new Set(begun.map(({ resourceId }) => resourceId)).size).toBe(1);
    });

    it('refuses the key for another body or operation, not for another person', async () => {
      const { within } = await planted();
      await within(({ idempotency }) => idempotency.begin(create));

      const refusal = { code: 'idempotency.key_reused' };
      const again = (change: Partial<typeof create>) =>
        within(({ idempotency }) => idempotency.begin({ ...create, ...change, resourceId: 'r2' }));
      await expect(again({ bodyDigest: 'c' })).rejects.toMatchObject(refusal);
      await expect(again({ operation: 'policy' })).rejects.toMatchObject(refusal);
      expect(await again({ actorId: 'bob' })).toEqual({ first: true, resourceId: 'r2' });
    });

    it('forgets a create whose transaction failed', async () => {
      const { within } = await planted();
      const failed = within(async ({ idempotency }) => {
        await idempotency.begin(create);
        throw new Error('failed');
      });
      await expect(failed).rejects.toThrow('failed');

      const next = await within(({ idempotency }) => idempotency.begin({ ...create, resourceId: 'r2' }));

      expect(next).toEqual({ first: true, resourceId: 'r2' });
    });
  });
};

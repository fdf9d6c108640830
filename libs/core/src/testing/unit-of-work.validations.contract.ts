import { idOf, VALIDATION_CLAIM_MS, type CustomerId, type ValidationClaim } from '#core/shared';
import type { ValidationRun } from '#core/tenancy';
import { aConnection, aCustomer, aWorld, NOON, plant, type Plant } from './unit-of-work.samples.js';

const COULD_NOT = { code: 'customer.not_connected', says: 'Not connected.', mend: 'Connect it.' };

/** An organization with three customers, the first two of which are connected, and a run over all three. */
const begun = async (planted: Plant) => {
  const base = await planted();
  const { ids, within, world } = base;
  const others = [aCustomer(ids, world), aCustomer(ids, world)] as const;
  await within(async ({ customers, connections }) => {
    for (const customer of others) await customers.insert(customer);
    await connections.save(aConnection(ids, others[0]), null);
  });
  const run: ValidationRun = {
    id: idOf(ids.uuid()),
    organizationId: world.organization.id,
    state: 'running',
    actor: { kind: 'technician', id: world.technician.id, tokenId: world.token.id },
    begunAt: NOON,
    endedAt: null,
  };
  const customerIds = [world.customer.id, others[0].id, others[1].id].sort();
  await within(({ validationRuns }) => validationRuns.insert(run, customerIds));
  const claim = async (now: number, limit = 50): Promise<readonly ValidationClaim[]> =>
    (await base.unitOfWork.clockwork.claimValidations(now, limit)).filter(({ runId }) => runId === run.id);
  const states = async (now: number) =>
    within(async ({ validationRuns }) => {
      const lines = await validationRuns.lines(run.id, { after: null, limit: 9 }, now);
      return lines.map(({ state }) => state);
    });
  return { ...base, run, customerIds, others, claim, states };
};

const idsOf = (claims: readonly ValidationClaim[]): readonly CustomerId[] =>
  claims.map(({ customerId }) => customerId).sort();

export const describeValidationRuns = (planted: Plant): void => {
  describe('validation runs', () => {
    it('are kept with a line for each customer', async () => {
      const { within, run, customerIds, world, others } = await begun(planted);

      await within(async ({ validationRuns }) => {
        expect(await validationRuns.get(run.id)).toEqual(run);
        expect(await validationRuns.lock(run.id)).toEqual(run);
        expect(await validationRuns.running()).toBe(run.id);
        const { run: known, counts } = (await validationRuns.progress(run.id, NOON)) ?? {};
        expect(known).toEqual(run);
        expect(counts).toEqual({
          waiting: 3,
          running: 0,
          pass: 0,
          warn: 0,
          fail: 0,
          could_not: 0,
          cancelled: 0,
        });
        const lines = await validationRuns.lines(run.id, { after: null, limit: 9 }, NOON);
        const waiting = { name: 'Contoso', state: 'waiting', endedAt: null, why: null };
        expect(lines).toEqual(customerIds.map((customerId) => ({ customerId, ...waiting })));
        const page = { after: customerIds[0] ?? null, limit: 1 };
        expect(await validationRuns.lines(run.id, page, NOON)).toEqual([lines[1]]);
        expect(await validationRuns.connected(9)).toEqual([world.customer.id, others[0].id].sort());
        expect(await validationRuns.connected(1)).toHaveLength(1);
      });
    });

    it('run one at a time, for customers that there are', async () => {
      const { within, run, customerIds, ids } = await begun(planted);
      const another = { ...run, id: idOf<'validation run'>(ids.uuid()) };

      const second = within(({ validationRuns }) => validationRuns.insert(another, customerIds));
      await expect(second).rejects.toMatchObject({ code: 'validation_run.running' });
      await within(({ validationRuns }) => validationRuns.close(run.id, 'cancelled', NOON));
      const nobodys = within(({ validationRuns }) =>
        validationRuns.insert(another, [idOf<'customer'>(ids.uuid())]),
      );

      await expect(nobodys).rejects.toMatchObject({ code: 'customer.not_found' });
      await within(({ validationRuns }) => validationRuns.insert(another, customerIds));
      expect(await within(({ validationRuns }) => validationRuns.running())).toBe(another.id);
    });

    it('are claimed line by line, by one alone, and by another when the claimant died', async () => {
      const { claim, states, customerIds } = await begun(planted);

      const [first] = await claim(NOON, 1);
      expect(first).toMatchObject({ epoch: 1, claimedUntil: NOON + VALIDATION_CLAIM_MS });
      expect(await states(NOON + 1)).toEqual(
        customerIds.map((id) => (id === first?.customerId ? 'running' : 'waiting')),
      );
      const rest = await claim(NOON + 1);
      expect(idsOf(rest)).toEqual(customerIds.filter((id) => id !== first?.customerId));
      expect(await claim(NOON + VALIDATION_CLAIM_MS - 1)).toEqual([]);

      const again = await claim(NOON + VALIDATION_CLAIM_MS);
      expect(again).toEqual([{ ...first, epoch: 2, claimedUntil: NOON + 2 * VALIDATION_CLAIM_MS }]);
    });

    it('are written under a claim of their own alone, once', async () => {
      const { within, run, claim, states } = await begun(planted);
      const [dead] = await claim(NOON, 1);
      const [alive] = (await claim(NOON + VALIDATION_CLAIM_MS)).filter((each) => each.epoch === 2);
      if (dead === undefined || alive === undefined) throw new Error('There was nothing to claim.');
      const at = NOON + VALIDATION_CLAIM_MS;

      const written = await within(async ({ validationRuns }) => [
        await validationRuns.finish(dead, { state: 'fail', why: null, at }),
        await validationRuns.finish(alive, { state: 'could_not', why: COULD_NOT, at }),
        await validationRuns.finish(alive, { state: 'pass', why: null, at }),
      ]);

      expect(written).toEqual([false, true, false]);
      await within(async ({ validationRuns }) => {
        const page = { after: null, limit: 9, state: 'could_not' } as const;
        const [line] = await validationRuns.lines(run.id, page, at);
        expect(line).toMatchObject({ customerId: alive.customerId, endedAt: at, why: COULD_NOT });
        const counts = (await validationRuns.progress(run.id, at))?.counts;
        expect(counts).toMatchObject({ waiting: 0, running: 2, could_not: 1, fail: 0 });
        expect(await validationRuns.hasWaiting(run.id)).toBe(true);
      });
      expect((await states(at)).toSorted()).toEqual(['could_not', 'running', 'running']);
    });

    it('are over once and for all, and then nothing of them is claimed or written', async () => {
      const { within, run, claim, states } = await begun(planted);
      const [held] = await claim(NOON, 1);
      if (held === undefined) throw new Error('There was nothing to claim.');

      const cancelled = await within(({ validationRuns }) =>
        validationRuns.close(run.id, 'cancelled', NOON + 1),
      );

      expect(cancelled).toBe(3);
      expect(await claim(NOON + 2 * VALIDATION_CLAIM_MS)).toEqual([]);
      await within(async ({ validationRuns }) => {
        expect(await validationRuns.finish(held, { state: 'pass', why: null, at: NOON + 2 })).toBe(false);
        expect(await validationRuns.close(run.id, 'done', NOON + 2)).toBe(0);
        expect(await validationRuns.get(run.id)).toEqual({ ...run, state: 'cancelled', endedAt: NOON + 1 });
        expect(await validationRuns.hasWaiting(run.id)).toBe(false);
        expect(await validationRuns.running()).toBeNull();
      });
      expect(await states(NOON + 2)).toEqual(['cancelled', 'cancelled', 'cancelled']);
    });

    it('of another organization are not there, and take turns with ours', async () => {
      const { unitOfWork, ids, within, run, customerIds } = await begun(planted);
      const foreign = aWorld(ids);
      await plant(unitOfWork, foreign);
      const { id: organizationId } = foreign.organization;
      const theirs: ValidationRun = { ...run, id: idOf(ids.uuid()), organizationId };
      const mixed = unitOfWork.inOrganization(organizationId, ({ validationRuns }) =>
        validationRuns.insert(theirs, customerIds),
      );
      await expect(mixed).rejects.toMatchObject({ code: 'customer.not_found' });
      await unitOfWork.inOrganization(organizationId, ({ validationRuns }) =>
        validationRuns.insert(theirs, [foreign.customer.id]),
      );

      await within(async ({ validationRuns }) => {
        expect(await validationRuns.get(theirs.id)).toBeNull();
        expect(await validationRuns.progress(theirs.id, NOON)).toBeNull();
        expect(await validationRuns.lines(theirs.id, { after: null, limit: 9 }, NOON)).toEqual([]);
        expect(await validationRuns.hasWaiting(theirs.id)).toBe(false);
        expect(await validationRuns.close(theirs.id, 'cancelled', NOON)).toBe(0);
      });
      const claims = await unitOfWork.clockwork.claimValidations(NOON, 2);
      expect(claims.map(({ runId }) => runId).sort()).toEqual([run.id, theirs.id].sort());
      const refused = within(({ validationRuns }) => validationRuns.insert(theirs, []));
      await expect(refused).rejects.toThrow();
    });

    it('are claimed in turns one at a time too, however old the customers of the others are', async () => {
      const { unitOfWork, ids, run } = await begun(planted);
      const foreign = aWorld(ids);
      await plant(unitOfWork, foreign);
      const { id: organizationId } = foreign.organization;
      const younger = aCustomer(ids, foreign);
      const theirs: ValidationRun = { ...run, id: idOf(ids.uuid()), organizationId };
      await unitOfWork.inOrganization(organizationId, async ({ customers, validationRuns }) => {
        await customers.insert(younger);
        await validationRuns.insert(theirs, [foreign.customer.id, younger.id]);
      });
      const claimed: string[] = [];
      const claimOne = async (): Promise<ValidationClaim> => {
        const [claim] = await unitOfWork.clockwork.claimValidations(NOON, 1);
        if (claim === undefined) throw new Error('There was nothing to claim.');
        claimed.push(claim.runId === run.id ? 'ours' : 'theirs');
        return claim;
      };

      const [first] = [await claimOne(), await claimOne()];
      expect(claimed.toSorted()).toEqual(['ours', 'theirs']);
      // Whoever has the fewest under way is next.
      await unitOfWork.inOrganization(first.organizationId, ({ validationRuns }) =>
        validationRuns.finish(first, { state: 'pass', why: null, at: NOON }),
      );
      await claimOne();
      expect(claimed.at(2)).toBe(claimed.at(0));
      await claimOne();
      await claimOne();

      expect(claimed.toSorted()).toEqual(['ours', 'ours', 'ours', 'theirs', 'theirs']);
    });
  });
};

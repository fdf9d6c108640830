import type { AlarmSource, FactsAsked } from '#core/alarms';
import type { Hold } from '#core/grants';
import { HOUR, idOf, MINUTE, type Instant } from '#core/shared';
import { NOON, type Planted } from './unit-of-work.samples.js';

interface Scene extends Planted {
  readonly alarms: AlarmSource;
}

const holdOf = ({ ids, world }: Scene, placedAt: Instant): Hold => ({
  id: idOf(ids.uuid()),
  organizationId: world.organization.id,
  scope: { kind: 'organization' },
  reason: 'Ada Lovelace lost a laptop',
  placedAt,
  placedBy: { kind: 'console' },
  liftedAt: null,
  liftedBy: null,
});

/** What is told of kill switches that have something left to reach. */
export const describeHoldFacts = (scene: () => Promise<Scene>, later: FactsAsked): void => {
  it('tells which holds have had something left to reach for long, the longest first, to organization and deployment', async () => {
    const base = await scene();
    const { alarms, within, world } = base;
    const organizationId = world.organization.id;
    const [second, first, fresh, reached] = [
      holdOf(base, later.unreachedBefore - 1),
      holdOf(base, NOON),
      holdOf(base, later.unreachedBefore),
      holdOf(base, NOON),
    ] as const;
    await within(async ({ holds }) => {
      for (const hold of [second, first, fresh, reached]) await holds.insert(hold);
      await holds.reach(reached, { at: NOON, accounts: [world.account.id] });
      expect(await holds.settle(reached, NOON)).toBe(true);
      await holds.lift(first.id, { at: NOON, actor: { kind: 'console' } });
    });
    const expected = [
      { organizationId, holdId: first.id, sinceAt: NOON, isLifted: true },
      { organizationId, holdId: second.id, sinceAt: later.unreachedBefore - 1, isLifted: false },
    ];

    expect((await alarms.ofOrganization(organizationId, later)).unreached).toEqual(expected);
    expect((await alarms.ofDeployment(later)).unreached).toEqual(expected);
    expect((await alarms.ofOrganization(idOf(world.customer.id), later)).unreached).toEqual([]);
  });

  it('tells of one that was pulled again since that moment, and not since it was placed', async () => {
    const base = await scene();
    const { alarms, within, world } = base;
    const hold = holdOf(base, NOON - HOUR);
    // What it has reached is owed later than that: there is something to reach again.
    const again = NOON - MINUTE;
    await within(async ({ holds }) => {
      await holds.insert(hold);
      await holds.reach(hold, { at: NOON, accounts: [world.account.id] });
      expect(await holds.settle(hold, NOON)).toBe(true);
      expect(await holds.reachAgain(hold, again)).toBe(true);
    });
    const unreached = async (unreachedBefore: Instant) =>
      (await alarms.ofOrganization(world.organization.id, { ...later, unreachedBefore })).unreached;

    expect(await unreached(again)).toEqual([]);
    expect(await unreached(again + 1)).toMatchObject([{ holdId: hold.id, sinceAt: again }]);
  });
};

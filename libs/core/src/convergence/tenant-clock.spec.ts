import fc from 'fast-check';
import type { StepOutcome } from '#core/accounts';
import { MINUTE, SECOND } from '#core/shared';
import { ConvergenceWorld, EXCHANGE, HELPDESK } from '../testing/convergence-world.js';
import { Converge } from './converge.js';
import { RevokeOverdue } from './revoke-overdue.js';
import { differenceIn } from './tenant-clock.js';

const NOW = 1_000_000;
const at = (...dates: (number | null)[]): Pick<StepOutcome, 'at'>[] => dates.map((date) => ({ at: date }));

describe('the difference between two clocks', () => {
  it('is nothing while the date may have been written between asking and being answered', () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), fc.nat(10_000), fc.nat(10_000), (sentAt, before, after) => {
        const date = Math.floor((sentAt + before) / SECOND) * SECOND;
        expect(differenceIn(at(date), { sentAt, now: sentAt + before + after })).toBe(0);
      }),
    );
  });

  it('is at least what no delay explains, ahead and behind', () => {
    const by = { sentAt: NOW, now: NOW + 500 };
    expect(differenceIn(at(NOW + 60_000), by)).toBe(59_500);
    expect(differenceIn(at(NOW - 60_000), by)).toBe(-59_000);
  });

  it('is the least that any of the answers tells, and unknown where none does', () => {
    const by = { sentAt: NOW, now: NOW };
    expect(differenceIn(at(NOW + 90_000, null, NOW + 60_000), by)).toBe(60_000);
    expect(differenceIn(at(null), by)).toBeNull();
  });

  it('is bounded, whatever is told', () => {
    const week = 7 * 24 * 60 * MINUTE;
    const by = { sentAt: NOW, now: NOW };
    expect(differenceIn(at(Date.UTC(2300, 0)), by)).toBe(week);
    expect(differenceIn(at(-8.64e15), by)).toBe(-week);
  });
});

/** A world whose Graph has a clock of its own. */
const setUp = async () => {
  const world = await ConvergenceWorld.create();
  const graph = { aheadMs: 0 };
  const perform = world.directory.perform.bind(world.directory);
  world.directory.perform = async (...asked) =>
    (await perform(...asked)).map((outcome) =>
      outcome.at === null ? outcome : { ...outcome, at: outcome.at + graph.aheadMs },
    );
  const known = () =>
    world.unitOfWork.inOrganization(world.customer.organizationId, ({ customers }) =>
      customers.clock(world.customer.customerId),
    );
  return { world, graph, known };
};

describe("a tenant's clock", () => {
  it.each([
    ['ahead of', 5 * MINUTE],
    ['behind', -5 * MINUTE],
  ])('that is %s ours by minutes lets nothing be given, and says so', async (words, aheadMs) => {
    const { world, graph, known } = await setUp();
    graph.aheadMs = aheadMs;
    const id = await world.grant({ lastsMs: 30 * MINUTE, groups: [HELPDESK] });

    await world.pass(MINUTE);

    expect(world.user()?.enabled ?? false).toBe(false);
    expect(world.grantRow(id).state).toBe('starting');
    expect(world.accountRow().failure).toMatchObject({ reason: 'clock_difference' });
    expect(world.accountRow().failure?.message).toContain(words);
    expect(Math.abs((await known())?.aheadMs ?? 0)).toBeGreaterThan(4 * MINUTE);
    const calls = world.directory.calls.length;
    await world.pass(MINUTE);
    expect(world.directory.calls.length - calls).toBeLessThan(20);
  });

  it('lets everything be given again as soon as it is right', async () => {
    const { world, graph, known } = await setUp();
    graph.aheadMs = 5 * MINUTE;
    const id = await world.grant({ lastsMs: 30 * MINUTE });
    await world.pass(MINUTE);

    graph.aheadMs = 0;
    await world.pass(15 * SECOND);

    expect(world.grantRow(id).state).toBe('active');
    expect(world.accountRow().failure).toBeNull();
    expect((await known())?.aheadMs).toBe(0);
  });

  it('ends a give that waited for it for too long, in words that name the clocks', async () => {
    const { world, graph } = await setUp();
    graph.aheadMs = -MINUTE;
    const id = await world.grant({ lastsMs: 30 * MINUTE });

    await world.pass(6 * MINUTE);

    const { failure } = world.grantRow(id);
    expect(failure).toMatchObject({ code: 'grant.start_timeout' });
    expect(failure?.message).toContain("Graph's clock");
  });

  it('counts for ends where it is ahead: those of the same customer come sooner, as soon as anybody has heard', async () => {
    const { world, graph } = await setUp();
    const running = await world.grant({ technician: 'alice', lastsMs: 30 * MINUTE });
    const ending = await world.grant({ technician: 'bob', lastsMs: 10 * MINUTE });
    await world.tick();
    const { expiresAt } = world.grantRow(running);
    graph.aheadMs = 5 * MINUTE;
    await world.end(ending);
    await world.tick();

    const leftMs = expiresAt - 5 * MINUTE - world.clock.now();
    await world.pass(leftMs - 5 * SECOND);
    expect(world.user('alice')?.enabled).toBe(true);
    await world.pass(10 * SECOND);

    expect(world.user('alice')?.enabled).toBe(false);
    expect(world.grantRow(running)).toMatchObject({ endReason: 'expired', expiresAt });
  });

  it('counts though somebody holds one of the rows: for the others at once, for that one as soon as he lets go', async () => {
    const { world, graph, known } = await setUp();
    for (const technician of ['held', 'alice']) await world.grant({ technician, lastsMs: 30 * MINUTE });
    const ending = await world.grant({ technician: 'bob', lastsMs: 10 * MINUTE });
    await world.tick();
    const { letGo } = world.unitOfWork.holdRow(world.accountRow('held').id);
    graph.aheadMs = 29 * MINUTE;
    await world.end(ending);

    await world.pass(2 * MINUTE);
    expect(world.user('bob')?.enabled).toBe(false);
    expect(world.user('alice')?.enabled).toBe(false);
    expect(world.user('held')?.enabled).toBe(true);
    expect((await known())?.unreached).toEqual([world.accountRow('held').id]);

    letGo();
    await world.pass(15 * SECOND);
    expect(world.user('held')?.enabled).toBe(false);
    expect((await known())?.unreached).toBeUndefined();
  });

  it('refuses no round while somebody holds what is known of it: ends go on, nothing is given, and it is noted later', async () => {
    const { world, graph, known } = await setUp();
    const alice = await world.grant({ technician: 'alice', lastsMs: 30 * MINUTE });
    const ending = await world.grant({ technician: 'bob', lastsMs: 10 * MINUTE });
    await world.tick();
    const { letGo } = world.unitOfWork.holdClock(world.customer.customerId);
    graph.aheadMs = 5 * MINUTE;
    await world.end(ending);
    const late = await world.grant({ technician: 'carol', lastsMs: 20 * MINUTE });

    await world.pass(2 * MINUTE);
    expect(world.user('bob')?.enabled).toBe(false);
    expect(world.user('carol')?.enabled ?? false).toBe(false);
    expect(world.grantRow(late).state).toBe('starting');
    expect(await known()).toBeNull();

    letGo();
    await world.pass(25 * SECOND);
    expect(await known()).toMatchObject({ leadMs: 5 * MINUTE });
    await world.pass(world.grantRow(alice).expiresAt - 5 * MINUTE - world.clock.now() + SECOND);
    expect(world.user('alice')?.enabled).toBe(false);
  });

  it('counts for the revoker too, when nobody else lives', async () => {
    const { world, graph } = await setUp();
    const revoker = new RevokeOverdue(world, new Converge(world));
    const look = async (): Promise<void> => {
      await revoker.execute(() => undefined);
      await revoker.idle();
    };
    await world.grant({ technician: 'alice', lastsMs: 30 * MINUTE });
    const ending = await world.grant({ technician: 'bob', lastsMs: 10 * MINUTE });
    await world.tick();
    graph.aheadMs = 25 * MINUTE;
    await world.end(ending);
    for (let second = 0; second < 6 * 60; second += 1) {
      world.clock.advance(SECOND);
      await look();
    }

    expect(world.user('alice')?.enabled).toBe(false);
  });

  it('takes no more than a second or two of difference for any', async () => {
    const { world, graph, known } = await setUp();
    graph.aheadMs = 1_500;
    const id = await world.grant({ lastsMs: 10 * MINUTE });
    await world.tick();

    await world.pass(10 * MINUTE - SECOND);

    expect(world.user()?.enabled).toBe(true);
    expect(await known()).toBeNull();
    expect(world.grantRow(id).state).toBe('active');
  });

  it('looks once more before it gives beside a difference that was measured some time ago', async () => {
    const { world, graph } = await setUp();
    await world.grant({ lastsMs: 60 * MINUTE, groups: [HELPDESK], roles: [] });
    await world.tick();
    graph.aheadMs = MINUTE;
    const ended = await world.grant({ technician: 'bob', lastsMs: 10 * MINUTE });
    await world.tick();
    await world.end(ended);
    await world.tick();
    graph.aheadMs = 0;

    await world.grant({ lastsMs: 30 * MINUTE, groups: [EXCHANGE], roles: [] });
    await world.tick();

    expect(world.user()).toMatchObject({ enabled: true, groups: [HELPDESK, EXCHANGE] });
  });

  it('keeps nobody from the pass of a grant that runs', async () => {
    const { world, graph } = await setUp();
    await world.grant({ technician: 'alice', lastsMs: 60 * MINUTE });
    const other = await world.grant({ technician: 'bob', lastsMs: 10 * MINUTE });
    await world.tick();
    graph.aheadMs = MINUTE;
    await world.end(other);
    await world.tick();
    await world.tick();
    const { id } = world.accountRow('alice');
    const claim = await world.unitOfWork.clockwork.claimAccount(world.customer, id, world.clock.now());

    const { minted } = await world.converge.execute(claim === null ? [] : [claim], {
      mint: { lifetimeMinutes: 60, usableOnce: false },
    });

    expect(minted).not.toBeNull();
  });
});

import fc from 'fast-check';
import { HOUR, MINUTE, SECOND } from '#core/shared';
import { ConvergenceWorld, HELPDESK } from '../testing/convergence-world.js';
import { Converge } from './converge.js';
import { RevokeOverdue } from './revoke-overdue.js';
import { afterAnswer, isDoubted, NO_DIFFERENCE, type KnownClock } from './tenant-clock.js';

const A_DAY = 24 * HOUR;
/** As two answers in a row have told it. */
const settled = fc
  .integer({ min: -A_DAY, max: A_DAY })
  .map((aheadMs): KnownClock => [aheadMs, aheadMs].reduce(afterAnswer, NO_DIFFERENCE));

describe("what is known of a tenant's clock", () => {
  it('is moved by no single answer, as far as ends are concerned', () => {
    fc.assert(
      fc.property(settled, fc.integer({ min: -A_DAY, max: A_DAY }), (known, lie) => {
        expect(afterAnswer(known, lie).leadMs).toBe(known.leadMs);
      }),
    );
  });

  it('is what it was once an answer that lied is followed by two that did not', () => {
    fc.assert(
      fc.property(settled, fc.integer({ min: -A_DAY, max: A_DAY }), (known, lie) => {
        const after = [lie, known.aheadMs, known.aheadMs].reduce(afterAnswer, known);
        expect(after.leadMs).toBe(known.leadMs);
        expect(isDoubted(after)).toBe(false);
      }),
    );
  });

  it('is what two answers in a row agree on, ahead or no more ahead', () => {
    const ahead = fc.integer({ min: 0, max: A_DAY });
    fc.assert(
      fc.property(settled, ahead, fc.integer({ min: -3_000, max: 3_000 }), (known, aheadMs, offMs) => {
        const { leadMs } = [aheadMs, aheadMs + offMs, aheadMs].reduce(afterAnswer, known);
        expect(Math.abs(leadMs - aheadMs)).toBeLessThanOrEqual(5 * SECOND);
      }),
    );
  });

  it('is nothing that two answers say which do not agree', () => {
    expect([HOUR, HOUR / 2].reduce(afterAnswer, NO_DIFFERENCE)).toEqual({ aheadMs: HOUR / 2, leadMs: 0 });
  });
});

/** A world whose Graph tells a wrong time in some of its answers. */
const setUp = async () => {
  const world = await ConvergenceWorld.create();
  const graph = { answers: 0, aheadMs: (_answer: number): number => 0 };
  const perform = world.directory.perform.bind(world.directory);
  world.directory.perform = async (...asked) => {
    const outcomes = await perform(...asked);
    const aheadMs = graph.aheadMs(graph.answers);
    graph.answers += 1;
    return outcomes.map((outcome) =>
      outcome.at === null ? outcome : { ...outcome, at: outcome.at + aheadMs },
    );
  };
  const known = () =>
    world.unitOfWork.inOrganization(world.customer.organizationId, ({ customers }) =>
      customers.clock(world.customer.customerId),
    );
  /** Alice's grant runs for half an hour, while all sorts of things are done about Bob's. */
  const aside = async () => {
    const running = await world.grant({ technician: 'alice', lastsMs: 30 * MINUTE });
    const other = await world.grant({ technician: 'bob', lastsMs: 10 * MINUTE, groups: [HELPDESK] });
    await world.tick();
    const { expiresAt } = world.grantRow(running);
    graph.answers = 0;
    return { running, other, expiresAt };
  };
  return { world, graph, known, aside };
};

/** Of the answers to what is done about Bob's end, its proof and the looks beside it. */
const ANSWERS = [0, 1, 2, 3, 4];

describe('One answer of Graph whose date is an hour ahead', () => {
  it.each(ANSWERS)('ends nothing, whichever it is: the one after %i others', async (liar) => {
    const { world, graph, aside } = await setUp();
    const { running, other, expiresAt } = await aside();
    graph.aheadMs = (answer) => (answer === liar ? HOUR : 0);

    await world.end(other);
    await world.pass(expiresAt - world.clock.now() - SECOND);
    expect(graph.answers).toBeGreaterThan(liar);
    expect(world.user('alice')?.enabled).toBe(true);
    expect(world.grantRow(running).state).toBe('active');

    await world.pass(2 * SECOND);
    expect(world.user('alice')?.enabled).toBe(false);
    expect(world.grantRow(running).endReason).toBe('expired');
  });

  it('ends nothing of the revoker either', async () => {
    const { world, graph, aside } = await setUp();
    const { other } = await aside();
    const revoker = new RevokeOverdue(world, new Converge(world));
    for (const liar of ANSWERS.slice(0, 4)) {
      graph.aheadMs = (answer) => (answer === liar ? HOUR : 0);
      if (liar === 0) await world.end(other);
      for (let second = 0; second < 30; second += 1) {
        world.clock.advance(SECOND);
        await revoker.execute(() => undefined);
        await revoker.idle();
      }
    }

    expect(world.user('bob')?.enabled).toBe(false);
    expect(world.user('alice')?.enabled).toBe(true);
  });

  it('stops giving until another one has told better', async () => {
    const { world, graph, aside } = await setUp();
    await aside();
    graph.aheadMs = (answer) => (answer === 0 ? HOUR : 0);

    const late = await world.grant({ technician: 'carol', lastsMs: 20 * MINUTE });
    await world.tick();
    expect(world.user('carol')?.enabled ?? false).toBe(false);
    await world.pass(15 * SECOND);

    expect(world.grantRow(late).state).toBe('active');
  });
});

describe("A tenant's clock that has jumped", () => {
  it.each(ANSWERS)(
    'counts for ends within seconds, from whichever answer on: after %i others',
    async (jump) => {
      const { world, graph, known, aside } = await setUp();
      const { running, other, expiresAt } = await aside();
      graph.aheadMs = (answer) => (answer >= jump ? 12 * MINUTE : 0);

      await world.end(other);
      await world.pass(expiresAt - world.clock.now() - 12 * MINUTE - 5 * SECOND);
      expect(graph.answers).toBeGreaterThan(jump);
      expect(world.user('alice')?.enabled).toBe(true);
      expect((await known())?.leadMs).toBe(12 * MINUTE);
      await world.pass(10 * SECOND);

      expect(world.user('alice')?.enabled).toBe(false);
      expect(world.grantRow(running)).toMatchObject({ endReason: 'expired', expiresAt });
    },
  );

  it('is asked for again after some seconds where the answer that was to tell did not come', async () => {
    const { world, graph, known, aside } = await setUp();
    const { other } = await aside();
    const last = ANSWERS.length - 1;
    graph.aheadMs = (answer) => {
      if (answer === last) world.directory.failNext('readUser', { reason: 'unanswered' });
      return answer >= last ? 12 * MINUTE : 0;
    };
    await world.end(other);
    while (graph.answers <= last) await world.pass(SECOND);
    expect(await known()).toMatchObject({ aheadMs: 12 * MINUTE, leadMs: 0 });
    const { failure } = world.accountRow('bob');

    await world.pass(11 * SECOND);

    expect(await known()).toMatchObject({ leadMs: 12 * MINUTE });
    // What was asked for the date alone is no failure of the account's.
    expect([failure, world.accountRow('bob').failure]).toEqual([null, null]);
  });

  it('counts no longer once two answers say that it was set right', async () => {
    const { world, graph, known, aside } = await setUp();
    const { other, running } = await aside();
    graph.aheadMs = () => 12 * MINUTE;
    await world.end(other);
    await world.pass(SECOND);
    expect((await known())?.leadMs).toBe(12 * MINUTE);

    graph.aheadMs = () => 0;
    await world.pass(10 * MINUTE);

    expect(await known()).toMatchObject({ aheadMs: 0, leadMs: 0 });
    await world.pass(15 * MINUTE);
    expect(world.grantRow(running).state).toBe('active');
  });
});

import { MINUTE, SECOND } from '#core/shared';
import { ConvergenceWorld } from '../testing/convergence-world.js';
import { AnswerBell } from './answer-bell.js';
import { ConvergeCustomer } from './converge-customer.js';

/** A world in which nothing but bells is heard: no sweep, no revoker. */
const setUp = async () => {
  const world = await ConvergenceWorld.create();
  const answer = new AnswerBell(world.ports, new ConvergeCustomer(world.ports, world.converge));
  /** Lets time pass by the millisecond, and answers every bell that rings. */
  const listen = async (ms: number): Promise<void> => {
    for (const until = world.clock.now() + ms; world.clock.now() <= until; world.clock.advance(1))
      for (const job of world.queue.takeDue(world.clock.now())) await answer.execute(job);
  };
  return { world, answer, listen };
};

const enabled = (world: ConvergenceWorld, names: readonly string[]): readonly (boolean | undefined)[] =>
  names.map((name) => world.user(name)?.enabled);

describe('AnswerBell', () => {
  it('keeps every end of a second at its own instant, by one bell that was armed for that second', async () => {
    const { world, answer, listen } = await setUp();
    const names = ['alice', 'bob', 'carol'];
    const second = Math.ceil(world.clock.now() / SECOND) * SECOND + MINUTE;
    for (const [index, technician] of names.entries())
      await world.grant({ technician, lastsMs: second + 100 + index * 300 - world.clock.now() });
    await answer.execute(world.customer);
    world.queue.wipe();
    await world.sweep.armBells();

    const before: (boolean | undefined)[][] = [];
    await listen(second + 99 - world.clock.now());
    for (let index = 0; index <= names.length; index += 1) {
      before.push([...enabled(world, names)]);
      await listen(299);
    }

    expect(before).toEqual([
      [true, true, true],
      [false, true, true],
      [false, false, true],
      [false, false, false],
    ]);
  });

  it('rings once more for what it was rung too early for', async () => {
    const { world, answer } = await setUp();
    await world.grant({ startsInMs: 3 });

    await answer.execute(world.customer);

    expect(world.queue.rung.map(({ at }) => at)).toEqual([world.clock.now() + 3]);
  });

  it('rings for the next instant also when the present work fails', async () => {
    const world = await ConvergenceWorld.create();
    await world.grant({ startsInMs: 500 });
    const answer = new AnswerBell(world.ports, { execute: () => Promise.reject(new Error('not now')) });

    await expect(answer.execute(world.customer)).rejects.toThrow('not now');

    expect(world.queue.rung).toHaveLength(1);
  });

  it('rings for nothing that is further away: that bell is armed by its second', async () => {
    const { world, answer } = await setUp();
    await world.grant({ startsInMs: 2 * SECOND });

    await answer.execute(world.customer);

    expect(world.queue.rung).toEqual([]);
  });
});

import { PassThrough } from 'node:stream';
import { sharedErrors } from '#core/shared';
import { FakeClock, InMemoryUnitOfWork } from '#core/testing';
import { createLogger } from '../logging/logger.js';
import { KeyWatch } from './key-watch.js';

const setUp = () => {
  const clock = new FakeClock();
  const { keyHolders } = new InMemoryUnitOfWork().clockwork;
  const state = { held: { sealing: 'k1', readable: ['k1'] }, failure: null as Error | null, away: false };
  const destination = new PassThrough();
  const watch = new KeyWatch({
    instance: 'api-1',
    keys: {
      refresh: () => (state.failure === null ? Promise.resolve() : Promise.reject(state.failure)),
      held: () => state.held,
    },
    holders: {
      report: (holder) =>
        state.away ? Promise.reject(sharedErrors.refuse('database.unavailable')) : keyHolders.report(holder),
      farewell: (instance) => keyHolders.farewell(instance),
      since: (at) => keyHolders.since(at),
    },
    clock,
    logger: createLogger({ name: 'test', level: 'info', destination }),
    everyMs: 1,
  });
  const known = async () =>
    (await keyHolders.since(0)).map(({ instance, sealing }) => `${instance} ${sealing}`);
  const logged = (): string => String((destination.read() as Buffer | null) ?? '');
  return { watch, state, known, logged };
};

const until = async (is: () => Promise<boolean>): Promise<void> => {
  while (!(await is())) await new Promise((resolve) => setImmediate(resolve));
};

describe('The watch over the keys of a process', () => {
  it('says which keys it has before it goes on, follows them, and says farewell', async () => {
    const { watch, state, known, logged } = setUp();
    await watch.start();
    expect(await known()).toEqual(['api-1 k1']);

    state.held = { sealing: 'k2', readable: ['k1', 'k2'] };
    await until(async () => (await known()).join() === 'api-1 k2');

    await watch.stop();
    expect(await known()).toEqual([]);
    expect(logged()).not.toContain('can not be followed');
  });

  it('goes on with the keys it has while the ring can not be read, and says so once', async () => {
    const { watch, state, known, logged } = setUp();
    state.failure = new Error('ENOENT');
    await watch.start();
    state.held = { sealing: 'k3', readable: ['k1'] };
    await until(async () => (await known()).join() === 'api-1 k3');
    await watch.stop();

    expect(logged().split('can not be followed')).toHaveLength(2);
  });

  it('starts and goes on while the database is away', async () => {
    const { watch, state, known } = setUp();
    state.away = true;
    await watch.start();
    expect(await known()).toEqual([]);

    state.away = false;
    await until(async () => (await known()).length === 1);
    await watch.stop();
  });
});

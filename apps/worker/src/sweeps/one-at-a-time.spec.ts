import { OneAtATime } from './one-at-a-time.js';

/** Work that ends when it is told to. */
const held = () => {
  let end = (): void => undefined;
  const done = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { work: () => done, end };
};

describe('OneAtATime', () => {
  it('does not begin again while the work is being done', async () => {
    const { work, end } = held();
    const turn = new OneAtATime(() => undefined);
    let begun = 0;
    const counted = () => {
      begun += 1;
      return work();
    };

    const first = turn.run(counted);
    await turn.run(counted);
    expect(begun).toBe(1);

    end();
    await first;
    await turn.run(counted);
    expect(begun).toBe(2);
  });

  it('tells a failure, lives on and works the next time', async () => {
    const failures: unknown[] = [];
    const turn = new OneAtATime((error) => failures.push(error));
    const broken = new Error('database away');

    await turn.run(() => Promise.reject(broken));
    let worked = false;
    await turn.run(() => {
      worked = true;
      return Promise.resolve();
    });

    expect(failures).toEqual([broken]);
    expect(worked).toBe(true);
  });

  it('waits for the work that is being done, and for nothing otherwise', async () => {
    const { work, end } = held();
    const turn = new OneAtATime(() => undefined);
    await turn.idle();
    let ended = false;
    const running = turn.run(work);
    const idle = turn.idle().then(() => {
      ended = true;
    });

    expect(ended).toBe(false);
    end();
    await Promise.all([running, idle]);
    expect(ended).toBe(true);
  });
});

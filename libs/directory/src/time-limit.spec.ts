import { deadlineIn, eachAtMost, within } from './time-limit.js';

describe('time limits', () => {
  it('end a wait, not the work', async () => {
    const limit = new AbortController();
    let finish = (_result: string): void => undefined;
    const work = new Promise<string>((resolve) => (finish = resolve));

    const waiting = within(work, limit.signal);
    limit.abort(new Error('over'));

    await expect(waiting).rejects.toThrow('over');
    finish('done all the same');
    expect(await work).toBe('done all the same');
  });

  it('let nothing begin that comes too late, and pass on what comes in time', async () => {
    expect(await within(Promise.resolve('in time'), deadlineIn(10_000))).toBe('in time');
    await expect(within(Promise.resolve('late'), AbortSignal.abort(new Error('over')))).rejects.toThrow(
      'over',
    );
  });
});

describe('eachAtMost', () => {
  it('works on everything, on no more at once than allowed', async () => {
    const done: number[] = [];
    let busy = 0;
    let busiest = 0;

    await eachAtMost(4, [1, 2, 3, 4, 5, 6, 7, 8, 9], async (item) => {
      busiest = Math.max(busiest, (busy += 1));
      await Promise.resolve();
      busy -= 1;
      done.push(item);
    });

    expect(done).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(busiest).toBe(4);
  });
});

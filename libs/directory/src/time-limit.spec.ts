import { deadlineIn, Turns, UnderWay, within } from './time-limit.js';

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

describe('Turns', () => {
  const never = new AbortController().signal;
  /** Work that is under way until it is ended. */
  const work = () => {
    let [end, begin] = [(_result: string): void => undefined, (): void => undefined];
    const result = new Promise<string>((resolve) => (end = resolve));
    const begun = new Promise<void>((resolve) => (begin = resolve));
    const run = (): Promise<string> => {
      begin();
      return result;
    };
    return { run, begun, end };
  };

  it('lets so many work at a time, and the next in order of their coming', async () => {
    const turns = new Turns(2);
    const began: number[] = [];
    const jobs = [work(), work(), work(), work()];

    const done = jobs.map(({ run }, at) =>
      turns.run(() => {
        began.push(at);
        return run();
      }, never),
    );
    expect(began).toEqual([0, 1]);
    jobs[1]?.end('one');
    expect(await done[1]).toBe('one');
    await jobs[2]?.begun;
    expect(began).toEqual([0, 1, 2]);
    for (const { end } of jobs) end('rest');

    expect(await Promise.all(done)).toEqual(['rest', 'one', 'rest', 'rest']);
    expect(began).toEqual([0, 1, 2, 3]);
  });

  it('lets go of whoever waited too long, without losing a turn', async () => {
    const turns = new Turns(1);
    const first = work();
    const running = turns.run(first.run, never);
    const limit = new AbortController();
    const impatient = turns.run(() => Promise.resolve('never'), limit.signal);
    const patient = turns.run(() => Promise.resolve('in turn'), never);

    limit.abort(new Error('over'));
    await expect(impatient).rejects.toThrow('over');
    first.end('first');

    expect(await Promise.all([running, patient])).toEqual(['first', 'in turn']);
    expect(await turns.run(() => Promise.resolve('free again'), never)).toBe('free again');
  });

  it('loses no turn that comes in the moment in which the wait ends', async () => {
    const turns = new Turns(1);
    const first = work();
    const running = turns.run(first.run, never);
    const limit = new AbortController();
    const impatient = turns.run(() => Promise.resolve('never'), limit.signal);

    first.end('first');
    limit.abort(new Error('over'));
    await expect(impatient).rejects.toThrow('over');
    expect(await running).toBe('first');

    expect(await turns.run(() => Promise.resolve('free'), never)).toBe('free');
  });

  it('frees the turn of a work that fails', async () => {
    const turns = new Turns(1);

    await expect(turns.run(() => Promise.reject(new Error('failed')), never)).rejects.toThrow('failed');
    expect(await turns.run(() => Promise.resolve('next'), never)).toBe('next');
  });
});

describe('UnderWay', () => {
  const untilEnded = (signal: AbortSignal): Promise<string> => {
    const { promise, stop } = waiting();
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    return promise;
  };
  const waiting = () => {
    let stop = (): void => undefined;
    const promise = new Promise<string>((resolve) => (stop = () => resolve('ended')));
    return { promise, stop };
  };

  it('ends all that is under way at once, and whatever begins afterwards', async () => {
    const work = new UnderWay();
    const running = [work.run(60_000, untilEnded), work.run(60_000, untilEnded)];

    work.end();

    expect(await Promise.all(running)).toEqual(['ended', 'ended']);
    expect(await work.run(60_000, untilEnded)).toBe('ended');
  });

  it('ends each in its own time, and leaves what is done alone', async () => {
    const work = new UnderWay();
    let later: AbortSignal | null = null;

    expect(await work.run(60_000, (signal) => Promise.resolve((later = signal)).then(() => 'done'))).toBe(
      'done',
    );
    work.end();

    expect(later).toMatchObject({ aborted: false });
    const keepAlive = setInterval(() => undefined, 1_000);
    expect(await new UnderWay().run(1, untilEnded)).toBe('ended');
    clearInterval(keepAlive);
  });
});

import type { Handlers } from './catalog.js';
import { runJob } from './job-run.js';

const payload = {
  v: 1,
  organizationId: '0190a000-0000-7000-8000-000000000001',
  customerId: '0190a000-0000-7000-8000-000000000002',
};
const handlersOf = (handle: Handlers['customer.converge']): Handlers => ({ 'customer.converge': handle });

describe('A run of a job', () => {
  it('calls the handler with what was rung', async () => {
    const given: unknown[] = [];

    await runJob(
      handlersOf((arrived) => Promise.resolve(void given.push(arrived))),
      'customer.converge',
      payload,
    );

    expect(given).toEqual([payload]);
  });

  it('fails as its handler fails', async () => {
    const failing = handlersOf(() => Promise.reject(new Error('as it was thrown')));

    await expect(runJob(failing, 'customer.converge', payload)).rejects.toThrow('as it was thrown');
  });

  it('fails before its handler when the payload is not one of the catalog', async () => {
    let called = false;
    const handlers = handlersOf(() => Promise.resolve(void (called = true)));

    await expect(runJob(handlers, 'customer.converge', { v: 1 })).rejects.toThrow();
    expect(called).toBe(false);
  });

  it.each(['customer.removed-since', 'toString', '__proto__'])(
    'fails for a job without an entry: %s',
    async (name) => {
      await expect(
        runJob(
          handlersOf(() => Promise.resolve()),
          name,
          payload,
        ),
      ).rejects.toThrow('There is no job');
    },
  );

  it('fails when it takes longer than the catalog allows, and tells its handler', async () => {
    jest.useFakeTimers();
    try {
      let signal: AbortSignal | undefined;
      const hanging = handlersOf((_payload, run) => {
        signal = run.signal;
        return new Promise(() => undefined);
      });

      const failure = expect(runJob(hanging, 'customer.converge', payload)).rejects.toThrow(
        'customer.converge ran for longer than 60000 ms.',
      );
      jest.advanceTimersByTime(60_000);

      await failure;
      expect(signal?.aborted).toBe(true);
    } finally {
      jest.useRealTimers();
    }
  });
});

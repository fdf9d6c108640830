import { EventEmitter } from 'node:events';
import { onShutdown } from './shutdown.js';

const aHost = () => {
  const events = new EventEmitter();
  let exit: (code: number) => void = () => undefined;
  const exited = new Promise<number>((resolve) => (exit = resolve));
  return {
    host: {
      on: (event: string, listener: () => void) => events.on(event, listener),
      exit: (code: number) => exit(code),
    },
    tell: (event: string) => events.emit(event),
    exited,
  };
};

describe('A shutdown', () => {
  it.each(['SIGTERM', 'SIGINT', 'disconnect'])(
    'on %s closes everything in order and exits',
    async (event) => {
      const { host, tell, exited } = aHost();
      const closed: string[] = [];
      const step = (name: string) => async () => {
        await Promise.resolve();
        closed.push(name);
      };

      onShutdown([step('http'), step('workers'), step('database')], { deadlineMs: 10_000, host });
      tell(event);
      tell('SIGTERM');

      expect(await exited).toBe(0);
      expect(closed).toEqual(['http', 'workers', 'database']);
    },
  );

  it('goes on after a step that failed, and says so', async () => {
    const { host, tell, exited } = aHost();
    const problems: unknown[] = [];
    let closed = false;

    onShutdown([() => Promise.reject(new Error('stuck')), () => void (closed = true)], {
      deadlineMs: 10_000,
      host,
      onProblem: (error) => problems.push(error),
    });
    tell('SIGTERM');

    expect(await exited).toBe(1);
    expect(closed).toBe(true);
    expect(problems).toEqual([new Error('stuck')]);
  });

  it('exits at its deadline when a step hangs for ever', async () => {
    const { host, tell, exited } = aHost();
    const problems: unknown[] = [];

    onShutdown([() => new Promise(() => undefined)], {
      deadlineMs: 5,
      host,
      onProblem: (error) => problems.push(error),
    });
    tell('SIGTERM');

    expect(await exited).toBe(1);
    expect(problems).toEqual([new Error('Closing took longer than 5 ms.')]);
  });
});

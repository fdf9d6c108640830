import { createLogger } from '#platform';
import { settleOn } from './settle-on.js';

/** A database whose answers the test plans, the last of each for ever. */
const setUp = (plan: {
  readonly answers: readonly boolean[];
  readonly roles?: readonly (Error | null)[];
  readonly clock?: readonly boolean[];
}) => {
  const next = <T>(all: T[], otherwise: T): T => (all.length > 1 ? all.shift() : all[0]) ?? otherwise;
  const [answers, roles, clock] = [[...plan.answers], [...(plan.roles ?? [])], [...(plan.clock ?? [])]];
  const asked: string[] = [];
  const tell = <T>(name: string, value: T): T => {
    asked.push(name);
    return value;
  };
  const database = {
    answers: () => Promise.resolve(tell('answers', next(answers, true))),
    requireRoles: () => {
      const error = tell('roles', next<Error | null>(roles, null));
      return error === null ? Promise.resolve() : Promise.reject(error);
    },
    clock: { refresh: () => Promise.resolve(tell('clock', next(clock, true))) },
  };
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const logger = createLogger({ name: 'revoker', level: 'info', destination });
  let now = 0;
  const elapsed = () => (now += 10_000);
  const settle = (ended = () => false) => settleOn(database, { logger, ended, pauseMs: 0, elapsed });
  return { settle, asked, lines };
};

describe('settling on a database', () => {
  it('waits for it however long it takes, and says so, though not each time', async () => {
    const { settle, asked, lines } = setUp({ answers: [...Array<boolean>(30).fill(false), true] });

    await settle();

    expect(asked.filter((name) => name === 'answers')).toHaveLength(31);
    expect(lines.length).toBeGreaterThan(1);
    expect(lines.length).toBeLessThan(10);
  });

  it('refuses roles with other rights than it needs', async () => {
    const { settle } = setUp({ answers: [true], roles: [new Error('is a superuser')] });

    await expect(settle()).rejects.toThrow('is a superuser');
  });

  it('takes a database that goes again meanwhile for no wrong role, and for no clock', async () => {
    const { settle, asked } = setUp({
      answers: [true, false, true],
      roles: [new Error('connection lost'), null],
      clock: [false, true],
    });

    await settle();

    expect(asked.filter((name) => name === 'clock')).toHaveLength(2);
  });

  it('ceases when somebody ends it', async () => {
    const { settle } = setUp({ answers: [false] });
    let looks = 0;

    await settle(() => (looks += 1) > 3);

    expect(looks).toBe(4);
  });
});

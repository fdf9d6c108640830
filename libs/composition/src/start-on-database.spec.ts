import { createLogger } from '#platform';
import { startOnDatabase } from './start-on-database.js';

const logger = createLogger({ name: 'test', level: 'silent' });
const hasty = { longestMs: 20, pauseMs: 1 };

/** A database that answers from a certain question on. */
const databaseFrom = (first: number) => {
  const done: string[] = [];
  let asked = 0;
  return {
    done,
    answers: () => Promise.resolve(++asked >= first),
    requireRoles: () =>
      asked >= first ? Promise.resolve(void done.push('roles')) : Promise.reject(new Error('ECONNREFUSED')),
    refreshClock: () => Promise.resolve(done.push('clock') > 0),
  };
};

describe('A process that starts', () => {
  it('looks at its roles, then at the time', async () => {
    const database = databaseFrom(1);

    await startOnDatabase(database, logger, hasty);

    expect(database.done).toEqual(['roles', 'clock']);
  });

  it('waits for a database that starts too', async () => {
    const database = databaseFrom(4);

    await startOnDatabase(database, logger, { longestMs: 60_000, pauseMs: 1 });

    expect(database.done).toEqual(['roles', 'clock']);
  });

  it('says in the end why it cannot', async () => {
    await expect(startOnDatabase(databaseFrom(1_000_000), logger, hasty)).rejects.toThrow('ECONNREFUSED');
  });
});

import { databaseAway, type Alarm, type AlarmFacts } from '#core/alarms';
import { Secret, SECOND } from '#core/shared';
import { createLogger } from '../logging/logger.js';
import { DeadMan } from './dead-man.js';

const URL = 'https://hc.example/the-secret-path';
const facts = {} as AlarmFacts;
const alarm = (wish: Partial<Alarm>): Alarm => ({ ...databaseAway(0, 0), ...wish });

const setUp = () => {
  const pushed: string[] = [];
  const lines: string[] = [];
  const world = { now: 0, answer: (): Promise<number> => Promise.resolve(200) };
  const deadMan = new DeadMan({
    url: new Secret(URL),
    now: () => world.now,
    logger: createLogger({
      name: 'worker',
      level: 'debug',
      destination: { write: (line: string) => void lines.push(line) },
    }),
    get: (url) => {
      pushed.push(url);
      return world.answer();
    },
  });
  return { deadMan, pushed, lines, world };
};

describe('The dead-man push', () => {
  it('goes out while all is well, and whatever is no more than a warning', async () => {
    const { deadMan, pushed } = setUp();
    deadMan.saw({ at: 0, facts, alarms: [alarm({ kind: 'customer.blocked' })] });
    await deadMan.push();
    deadMan.saw({ at: 0, facts, alarms: [alarm({ kind: 'bell.silent', severity: 'warning' })] });
    await deadMan.push();

    expect(pushed).toEqual([URL, URL]);
  });

  it.each<Partial<Alarm>>([
    { kind: 'end.overdue' },
    { kind: 'account.without_end' },
    { kind: 'hold.unreached' },
    { kind: 'database.away' },
    { kind: 'database.unwritable' },
    { kind: 'bell.silent', severity: 'critical' },
  ])('is withheld while there is %j', async (wish) => {
    const { deadMan, pushed } = setUp();
    deadMan.saw({ at: 0, facts, alarms: [alarm(wish)] });
    await deadMan.push();

    expect(pushed).toEqual([]);
  });

  it('is withheld before anybody has looked, when the last look failed, and when it is old', async () => {
    const { deadMan, pushed, world } = setUp();
    await deadMan.push();
    deadMan.saw({ at: 0, facts: null, alarms: [] });
    await deadMan.push();
    deadMan.saw({ at: 0, facts, alarms: [] });
    world.now = 41 * SECOND;
    await deadMan.push();

    expect(pushed).toEqual([]);
  });

  it('says once that it does not arrive, and never where it goes', async () => {
    const { deadMan, lines, world } = setUp();
    deadMan.saw({ at: 0, facts, alarms: [] });
    world.answer = () => Promise.reject(new Error(`could not fetch ${URL}`));
    await deadMan.push();
    await deadMan.push();
    world.answer = () => Promise.resolve(200);
    await deadMan.push();
    world.answer = () => Promise.resolve(302);
    await deadMan.push();

    expect(lines).toHaveLength(2);
    expect(lines.join('')).not.toContain('secret-path');
  });
});

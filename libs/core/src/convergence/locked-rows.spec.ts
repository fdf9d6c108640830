import { idOf, SECOND, type AccountId, type Clockwork, type CustomerRef } from '#core/shared';
import { InMemoryUnitOfWork } from '../testing/in-memory-unit-of-work.js';
import { LockedRows } from './locked-rows.js';

const customer = (name: string): CustomerRef => ({ organizationId: idOf('msp'), customerId: idOf(name) });
const ROW: AccountId = idOf('a row');

/** Looks at customers whose one overdue row the test locks. */
const setUp = () => {
  const world = new InMemoryUnitOfWork();
  const locked = new Set<string>();
  const clockwork: Clockwork = Object.assign(Object.create(world.clockwork) as Clockwork, {
    lockedOverdue: ({ customerId }: CustomerRef) => Promise.resolve(locked.has(customerId) ? [ROW] : []),
  });
  const inOrganization = world.inOrganization.bind(world);
  const rows = new LockedRows({ unitOfWork: { inOrganization, clockwork } });
  const look = (name: string, at: number) =>
    rows.look(customer(name), { now: at * SECOND, owedBefore: at * SECOND, except: [] });
  return { rows, locked, look };
};

describe('LockedRows', () => {
  it('answers what was locked at every look for sixteen seconds, at four looks at least', async () => {
    const { locked, look } = setUp();
    locked.add('a').add('b');

    for (const at of [0, 5, 10, 15]) expect(await look('a', at)).toEqual([]);
    expect(await look('a', 16)).toEqual([ROW]);
    for (const at of [0, 30, 60]) expect(await look('b', at)).toEqual([]);
    expect(await look('b', 61)).toEqual([ROW]);
  });

  it('forgets what was not locked once', async () => {
    const { rows, locked, look } = setUp();
    locked.add('a');
    for (const at of [0, 5, 10, 15]) await look('a', at);
    locked.delete('a');

    expect(await look('a', 16)).toEqual([]);
    expect(rows.knows(idOf('a'))).toBe(false);
    locked.add('a');
    expect(await look('a', 17)).toEqual([]);
  });

  it('forgets customers at which nothing is overdue any more, and remembers no more than a thousand', async () => {
    const { rows, locked, look } = setUp();
    const knows = (...names: readonly string[]) => names.map((name) => rows.knows(idOf(name)));
    locked.add('a').add('b');
    await look('a', 0);
    await look('b', 0);

    rows.forgetAllBut([customer('b')]);
    expect(knows('a', 'b')).toEqual([false, true]);

    for (let index = 0; index < 1_000; index += 1) {
      locked.add(`${index}`);
      await look(`${index}`, 1);
    }
    expect(knows('b', '0', '999')).toEqual([false, true, true]);
  });
});

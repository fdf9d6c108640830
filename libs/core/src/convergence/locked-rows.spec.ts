import { idOf, SECOND, type AccountId, type Clockwork, type CustomerRef, type Overdue } from '#core/shared';
import { InMemoryUnitOfWork } from '../testing/in-memory-unit-of-work.js';
import { LockedRows } from './locked-rows.js';

const customer = (name: string): CustomerRef => ({ organizationId: idOf('msp'), customerId: idOf(name) });
const ROW: AccountId = idOf('a row');

/** Looks at customers whose one overdue row the test locks. */
const setUp = () => {
  const world = new InMemoryUnitOfWork();
  const locked = new Set<string>();
  const clockwork: Clockwork = Object.assign(Object.create(world.clockwork) as Clockwork, {
    lockedOverdue: ({ customerId }: CustomerRef, { except }: Overdue) =>
      Promise.resolve(locked.has(customerId) && !except.includes(ROW) ? [ROW] : []),
  });
  const inOrganization = world.inOrganization.bind(world);
  const rows = new LockedRows({ unitOfWork: { inOrganization, clockwork } });
  const look = (name: string, at: number, except: readonly AccountId[] = []) =>
    rows.look(customer(name), { now: at * SECOND, owedBefore: at * SECOND, except });
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
    const { locked, look } = setUp();
    locked.add('a');
    for (const at of [0, 5, 10, 15]) await look('a', at);
    locked.delete('a');

    expect(await look('a', 16)).toEqual([]);
    locked.add('a');
    expect(await look('a', 17)).toEqual([]);
  });

  it('begins anew with what it had not looked at for more than a minute', async () => {
    const { locked, look } = setUp();
    locked.add('a');
    for (const at of [0, 5, 10, 15, 75]) await look('a', at);

    expect(await look('a', 136)).toEqual([]);
    for (const at of [140, 145, 151]) expect(await look('a', at)).toEqual([]);
    expect(await look('a', 152)).toEqual([ROW]);
  });

  it('looks on at what rests once it was seen, and does not answer it', async () => {
    const { locked, look } = setUp();
    locked.add('a');
    for (const at of [0, 5]) await look('a', at);

    for (const at of [10, 16]) expect(await look('a', at, [ROW])).toEqual([]);
    expect(await look('a', 17)).toEqual([ROW]);
    locked.add('b');
    for (const at of [0, 5, 10, 15]) await look('b', at, [ROW]);
    expect(await look('b', 16)).toEqual([]);
  });

  it('watches those at which a row was locked, or may be, until none is, who was looked at longest ago first', async () => {
    const { locked, look, rows } = setUp();
    const watched = () => rows.watched().map(({ customerId }) => customerId);
    locked.add('a').add('b');
    await look('a', 0);
    await look('b', 0);
    rows.watch(customer('c'));
    rows.watch(customer('a'));
    expect(watched()).toEqual(['a', 'b', 'c']);

    await look('a', 1);
    expect(watched()).toEqual(['b', 'c', 'a']);
    await look('c', 1);
    locked.delete('b');
    await look('b', 1);
    expect(watched()).toEqual(['a']);
  });

  it('watches no more than a thousand', async () => {
    const { locked, look, rows } = setUp();
    for (let index = 0; index <= 1_000; index += 1) {
      locked.add(`${index}`);
      await look(`${index}`, 1);
    }

    expect(rows.watched()).toHaveLength(1_000);
    expect(rows.watched()[0]).toEqual(customer('1'));
  });
});

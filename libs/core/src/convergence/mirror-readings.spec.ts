import { idOf, type OrganizationId, type UpcomingEnd } from '#core/shared';
import { ConvergenceWorld } from '../testing/convergence-world.js';
import { CustomerWaits } from './customer-waits.js';
import { MirrorReader } from './mirrored-end.js';
import { MirrorReadings } from './mirror-readings.js';

/** Of each organization one end. */
const endOf = (name: string): UpcomingEnd => ({
  organizationId: idOf(name),
  customerId: idOf(`customer of ${name}`),
  accountId: idOf(`account of ${name}`),
  epoch: 1,
  claimedUntil: null,
  takeAt: 0,
});

/** Readings that the test lets go, one by one. */
const setUp = async () => {
  const world = await ConvergenceWorld.create();
  const read: OrganizationId[] = [];
  const open = new Map<OrganizationId, () => void>();
  class Reader extends MirrorReader {
    override async read(ends: readonly UpcomingEnd[]): Promise<never[]> {
      const [end] = ends;
      if (end === undefined) return [];
      read.push(end.organizationId);
      await new Promise<void>((resolve) => open.set(end.organizationId, resolve));
      return [];
    }
  }
  const reader = new Reader(world, new CustomerWaits(), () => undefined);
  const readings = new MirrorReadings(reader, () => undefined);
  let now = 0;
  const all = ['one', 'other', 'hung 1', 'hung 2', 'hung 3', 'hung 4'].map(endOf);
  const begin = (...names: readonly string[]): void => {
    readings.forgetAllBut(all);
    readings.begin(names.map(endOf), (now += 1_000), () => undefined).catch(() => undefined);
  };
  const letGo = async (name: string): Promise<void> => {
    const before = read.length;
    open.get(idOf(name))?.();
    for (let turns = 0; turns < 20 && read.length === before; turns += 1) await Promise.resolve();
  };
  return { readings, read, begin, letGo };
};

describe('MirrorReadings', () => {
  it('gives the next turn to the organization that waits longest, though the others need none in between', async () => {
    const { read, begin, letGo } = await setUp();
    begin('one');
    await letGo('one');
    begin('other');
    await letGo('other');
    // Of the two only the last is fresh: it needs no reading now.
    begin('hung 1', 'hung 2', 'hung 3', 'hung 4');
    read.length = 0;

    begin('other', 'one');
    await letGo('hung 1');

    expect(read).toEqual(['one']);
  });
});

import { HOUR, MINUTE, SECOND } from '#core/shared';
import { ConvergenceWorld } from '../testing/convergence-world.js';
import { AcceptRestored } from './accept-restored.js';
import type { MarkFile } from './mark-file.js';
import { RestoreGuard } from './restore-guard.js';
import type { KeptMark, RestoreMark } from './restore-mark.js';

class Drawer implements MarkFile {
  kept: KeptMark = 'absent';
  closed = false;

  read(): Promise<KeptMark> {
    return Promise.resolve(this.closed ? 'unkept' : this.kept);
  }

  write(mark: RestoreMark): Promise<boolean> {
    if (!this.closed) this.kept = mark;
    return Promise.resolve(!this.closed);
  }

  /** As if the database had been further than it is. */
  ahead(): void {
    if (typeof this.kept === 'string') throw new Error('Nothing is kept.');
    this.kept = { ...this.kept, mark: this.kept.mark + 10 };
  }
}

const guarded = async () => {
  const world = await ConvergenceWorld.create();
  const marks = new Drawer();
  const guard = new RestoreGuard({ unitOfWork: world.unitOfWork, clock: world.clock, marks });
  await guard.look();
  return { world, marks, guard };
};

/** From the first pass to the one that compares everything, and the guard's look after it. */
const compareAll = async ({ world, guard }: Awaited<ReturnType<typeof guarded>>) => {
  await world.compare();
  await world.pass(10 * SECOND);
  await world.compare();
  return guard.look();
};

describe('A database that was restored', () => {
  it('gives nothing until every customer was compared, and ends by itself', async () => {
    const all = await guarded();
    const { world, marks, guard } = all;
    await world.compare();
    const waiting = await world.grant({ technician: 'bob', startsInMs: HOUR });
    const starting = await world.grant();
    await guard.look();
    marks.ahead();

    expect((await guard.look()).restoringSince).toBe(world.clock.now());
    await world.tick();
    expect(world.user()).toBeNull();
    expect(world.grantRow(starting)).toMatchObject({ endReason: 'restored' });

    const look = await compareAll(all);
    expect(look).toEqual({ guarded: true, restoringSince: null, finished: true });
    expect(world.grantRow(waiting)).toMatchObject({ endReason: 'restored' });
    expect(await guard.look()).toEqual({ guarded: true, restoringSince: null, finished: false });
    expect(marks.kept).toMatchObject({ generation: 1 });
    expect(world.unitOfWork.peek().audit.map(({ action }) => action)).toContain('deployment.compared_again');

    const after = await world.grant({ technician: 'carol' });
    await world.pass(10 * SECOND);
    expect(world.grantRow(after).state).toBe('active');
  });

  it('lets what is valid run on, and ends it in time', async () => {
    const all = await guarded();
    const { world, marks, guard } = all;
    const id = await world.grant({ lastsMs: 20 * MINUTE });
    await world.pass(10 * MINUTE);
    await guard.look();
    marks.ahead();
    await guard.look();
    await world.tick();
    expect(world.grantRow(id).state).toBe('active');
    await world.pass(10 * MINUTE);
    expect(world.user()?.enabled).toBe(false);
    expect(world.grantRow(id).endReason).toBe('expired');
  });

  it('does not enable again what was ended in the lost hours', async () => {
    const all = await guarded();
    const { world, marks, guard } = all;
    const id = await world.grant({ lastsMs: 2 * HOUR });
    await world.pass(20 * MINUTE);
    await guard.look();
    world.tenant.inPortal(world.upn(), { enabled: false });
    marks.ahead();
    await guard.look();

    await compareAll(all);
    await world.pass(MINUTE);

    expect(world.grantRow(id)).toMatchObject({ endReason: 'restored' });
    expect(world.user()?.enabled).toBe(false);
  });

  it('is known as one by the missing mark beside a database with accounts', async () => {
    const { world, marks, guard } = await guarded();
    await world.grant();
    marks.kept = 'absent';
    expect((await guard.look()).restoringSince).not.toBeNull();
    expect(marks.kept).not.toBe('absent');
  });

  it('is not known as one where no mark can be kept', async () => {
    const { world, marks, guard } = await guarded();
    await world.grant();
    marks.closed = true;
    expect(await guard.look()).toEqual({ guarded: false, restoringSince: null, finished: false });
  });

  it('no longer waits for a customer that somebody answers for', async () => {
    const { world, marks, guard } = await guarded();
    await world.grant();
    await guard.look();
    marks.ahead();
    await guard.look();
    const accept = new AcceptRestored(world);

    const command = { ...world.customer, actor: { kind: 'console' } as const };
    expect([await accept.execute(command), await accept.execute(command)]).toEqual([true, false]);

    expect((await guard.look()).finished).toBe(true);
  });
});

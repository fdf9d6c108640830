import { MINUTE, SECOND, sharedErrors } from '#core/shared';
import { FakeClock } from '../testing/fake-clock.js';
import { RefusedWrites } from './refused-writes.js';

const full = sharedErrors.refuse('database.unwritable');

const setUp = () => {
  const clock = new FakeClock();
  return { clock, writes: new RefusedWrites(clock) };
};

describe('What is known of writes that the database refuses', () => {
  it('is nothing by any other failure', () => {
    const { writes } = setUp();

    writes.met(sharedErrors.refuse('database.unavailable'));
    writes.met(new Error('a bug'));

    expect(writes.since).toBeNull();
  });

  it('is since when, though beats go on being taken', () => {
    const { clock, writes } = setUp();
    const since = clock.now();
    writes.met(full);
    clock.advance(30 * SECOND);
    writes.met(full);
    writes.taken('beat');

    expect(writes.since).toBe(since);
  });

  it('is over once whoever was refused goes through', () => {
    const { writes } = setUp();
    writes.met(full);
    writes.met(full, 'beat');
    writes.taken('work');
    expect(writes.since).not.toBeNull();
    writes.taken('beat');
    expect(writes.since).toBeNull();
  });

  it('is over too when nobody was refused for long, and beats are taken', () => {
    const { clock, writes } = setUp();
    writes.met(full);
    clock.advance(2 * MINUTE + 1);
    expect(writes.since).not.toBeNull();
    writes.taken('beat');

    expect(writes.since).toBeNull();
  });
});

import { FakeClock } from '#core/testing';
import { SystemIds } from './system-ids.js';

describe('SystemIds', () => {
  it('makes uuids of version 7 that carry the time', () => {
    const id = new SystemIds(new FakeClock(0x0123_4567_89ab)).uuid();

    expect(id).toMatch(/^01234567-89ab-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
  });

  it('keeps the order in which ids were made, also within a millisecond and when its count is full', () => {
    const clock = new FakeClock();
    const ids = new SystemIds(clock);
    const made = Array.from({ length: 20_000 }, (_, index) => {
      if (index % 7_000 === 0) clock.advance(1);
      return ids.uuid();
    });

    expect([...made].sort()).toEqual(made);
    expect(new Set(made).size).toBe(made.length);
  });

  it('gives as many random bytes as asked for', () => {
    const ids = new SystemIds(new FakeClock());

    expect(ids.randomBytes(32)).toHaveLength(32);
    expect(ids.randomBytes(32)).not.toEqual(ids.randomBytes(32));
  });
});

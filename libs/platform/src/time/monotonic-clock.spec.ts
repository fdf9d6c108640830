import fc from 'fast-check';
import { MonotonicClock } from './monotonic-clock.js';

const machine = (wall = 1_000_000) => {
  const time = { wall, monotonic: 0 };
  return {
    time,
    pass: (ms: number) => {
      time.wall += ms;
      time.monotonic += ms;
    },
    clock: new MonotonicClock({ wall: () => time.wall, monotonic: () => time.monotonic }),
  };
};

describe('MonotonicClock', () => {
  it('follows the wall clock while it knows nothing better', () => {
    const { clock, pass, time } = machine();
    expect(clock.now()).toBe(1_000_000);

    pass(500);
    time.wall += 3_600_000;

    expect(clock.now()).toBe(4_600_500);
  });

  it('counts on when the wall clock is set back', () => {
    const { clock, pass, time } = machine();
    expect(clock.now()).toBe(1_000_000);

    time.wall -= 600_000;
    pass(2_000);

    expect(clock.now()).toBe(1_002_000);
  });

  it('follows the database from its first reading on, whatever the wall clock says', () => {
    const { clock, pass, time } = machine();

    clock.follow(5_000_000);
    pass(30_000);
    time.wall += 900_000;

    expect(clock.now()).toBe(5_030_000);
  });

  it('takes the later of the two when the last reading is old', () => {
    const { clock, pass, time } = machine();
    clock.follow(500_000);

    pass(61_000);
    expect(clock.now()).toBe(1_061_000);

    time.wall -= 900_000;
    pass(1_000);
    expect(clock.now()).toBe(1_062_000);
  });

  it('stands still instead of going back, until the database has caught up', () => {
    const { clock, pass } = machine();
    expect(clock.now()).toBe(1_000_000);

    clock.follow(999_000);
    expect(clock.now()).toBe(1_000_000);

    pass(1_500);
    expect(clock.now()).toBe(1_000_500);
  });

  it('never goes backwards, whatever happens to its sources', () => {
    const event = fc.oneof(
      fc.record({ step: fc.integer({ min: -1e6, max: 1e6 }) }),
      fc.record({ pass: fc.nat(120_000) }),
      fc.record({ reading: fc.nat(3e6) }),
    );
    fc.assert(
      fc.property(fc.array(event), (events) => {
        const { clock, pass, time } = machine();
        let last = clock.now();
        for (const happened of events) {
          if ('step' in happened) time.wall += happened.step;
          else if ('pass' in happened) pass(happened.pass);
          else clock.follow(happened.reading);
          expect(clock.now()).toBeGreaterThanOrEqual(last);
          last = clock.now();
        }
      }),
    );
  });

  it('is near the wall clock of this machine', () => {
    expect(Math.abs(new MonotonicClock().now() - Date.now())).toBeLessThan(1_000);
  });
});

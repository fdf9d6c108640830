import { DatabaseClock, type MachineClocks } from './database-clock.js';

/** A machine whose clocks the test sets. */
class Machine implements MachineClocks {
  wallAt = 1_000_000;
  monotonicAt = 500;

  wall(): number {
    return this.wallAt;
  }

  monotonic(): number {
    return this.monotonicAt;
  }

  /** Time passes; during sleep the monotonic clock stands still. */
  pass(ms: number, asleep = false): void {
    this.wallAt += ms;
    if (!asleep) this.monotonicAt += ms;
  }
}

const aClock = (databaseAt: number) => {
  const machine = new Machine();
  const database = { at: databaseAt, away: false };
  const clock = new DatabaseClock(
    () => (database.away ? Promise.reject(new Error('away')) : Promise.resolve(database.at)),
    machine,
  );
  return { machine, database, clock };
};

describe('DatabaseClock', () => {
  it("is the machine's wall clock until the database was read", () => {
    const { clock } = aClock(2_000_000);

    expect(clock.now()).toBe(1_000_000);
  });

  it("follows the database's time, whatever the machine's wall clock says", async () => {
    const { clock, machine } = aClock(2_000_000);
    await clock.refresh();

    machine.pass(1_234);
    machine.wallAt = 9_000_000;

    expect(clock.now()).toBe(2_001_234);
  });

  it('counts half of the round trip as passed when the answer comes', async () => {
    const machine = new Machine();
    const clock = new DatabaseClock(() => {
      machine.pass(40);
      return Promise.resolve(2_000_000);
    }, machine);

    await clock.refresh();

    expect(clock.now()).toBe(2_000_020);
  });

  it('never goes backwards, and comes down to a database that was set back at half speed', async () => {
    const { clock, machine, database } = aClock(2_000_000);
    await clock.refresh();
    database.at = 1_999_000;
    await clock.refresh();

    const times = [0, 500, 500, 1_000, 1_000].map((ms) => {
      machine.pass(ms);
      return clock.now();
    });

    expect(times).toEqual([2_000_000, 2_000_250, 2_000_500, 2_001_000, 2_002_000]);
    expect(clock.now()).toBe(1_999_000 + 3_000);
  });

  it('jumps forward to a database that is ahead', async () => {
    const { clock, database } = aClock(2_000_000);
    await clock.refresh();
    database.at = 2_600_000;
    await clock.refresh();

    expect(clock.now()).toBe(2_600_000);
  });

  it('goes on while the database is away, and notices by the wall clock that the machine slept', async () => {
    const { clock, machine, database } = aClock(1_000_500);
    await clock.refresh();
    database.away = true;

    const refreshed = await clock.refresh();
    machine.pass(300);
    const before = clock.now();
    machine.pass(7_200_000, true);

    expect(refreshed).toBe(false);
    expect(before).toBe(1_000_800);
    expect(clock.now()).toBe(1_000_300 + 7_200_000);
  });

  it('tells whole milliseconds', async () => {
    const { clock, machine } = aClock(2_000_000.7);
    await clock.refresh();
    machine.pass(0.2);

    expect(clock.now()).toBe(2_000_000);
  });
});

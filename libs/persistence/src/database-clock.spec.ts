import { countedOn, DatabaseClock, type MachineClocks } from './database-clock.js';

/** A machine whose clocks the test sets. */
class Machine implements MachineClocks {
  wallAt = 1_000_000;
  monotonicAt = 500;
  bootedAt = 100;

  wall(): number {
    return this.wallAt;
  }

  monotonic(): number {
    return this.monotonicAt;
  }

  sinceBoot(): number {
    return this.bootedAt;
  }

  pass(ms: number): void {
    this.monotonicAt += ms;
    this.sleep(ms);
  }

  /** The monotonic clock stands still meanwhile. */
  sleep(ms: number): void {
    this.bootedAt += ms;
    this.hold(ms);
  }

  /** A virtual machine that is held: when it runs again, all it has is a wall clock that somebody has set. */
  hold(ms: number): void {
    this.wallAt += ms;
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
  it("is the machine's wall clock until the database was read, and forgets it then", async () => {
    const { clock, machine } = aClock(2_000_000);
    expect(clock.now()).toBe(1_000_000);

    machine.wallAt = 9_000_000;
    expect(clock.now()).toBe(9_000_000);
    await clock.refresh();
    expect(clock.now()).toBe(2_000_000);
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

  it.each([
    ['keeps to what it knows when a slow answer fits it', 2_007_000, 2_010_000],
    ['goes by a slow answer that does not fit', 2_020_000, 2_025_000],
  ])('%s', async (_, answer, now) => {
    const machine = new Machine();
    const answers = [
      () => 2_000_000,
      () => {
        machine.pass(10_000);
        return answer;
      },
    ];
    const clock = new DatabaseClock(() => Promise.resolve(answers.shift()?.() ?? 0), machine);

    await clock.refresh();
    await clock.refresh();

    expect(clock.now()).toBe(now);
  });

  it('is not moved by answers that were long on their way, as long as they fit what is known', async () => {
    const machine = new Machine();
    let before = 0;
    let after = 0;
    const truth = () => 2_000_000 + machine.monotonicAt - 500;
    const clock = new DatabaseClock(() => {
      machine.pass(before);
      const read = truth();
      machine.pass(after);
      return Promise.resolve(read);
    }, machine);
    await clock.refresh();

    for ([before, after] of [
      [600, 0],
      [0, 900],
      [300, 300],
    ] as const) {
      await clock.refresh();
      expect(Math.abs(clock.now() - truth())).toBeLessThanOrEqual(2);
    }
  });

  it('is narrowed down by answers of which each alone says little', async () => {
    const machine = new Machine();
    const ways: (readonly [number, number])[] = [
      [800, 0],
      [0, 800],
    ];
    const truth = () => 2_000_000 + machine.monotonicAt - 500;
    const clock = new DatabaseClock(() => {
      const [before, after] = ways.shift() ?? [0, 0];
      machine.pass(before);
      const read = truth();
      machine.pass(after);
      return Promise.resolve(read);
    }, machine);

    await clock.refresh();
    await clock.refresh();
    // It never goes backwards: where it was ahead, it comes down at half speed.
    machine.pass(1_000);

    expect(Math.abs(clock.now() - truth())).toBeLessThanOrEqual(2);
  });

  it('goes on while the database is away', async () => {
    const { clock, machine, database } = aClock(1_000_500);
    await clock.refresh();
    database.away = true;

    expect(await clock.refresh()).toBe(false);
    machine.pass(300);

    expect([clock.now(), clock.alone.now()]).toEqual([1_000_800, 1_000_800]);
  });

  it('notices at once that the machine slept, whatever its wall clock says', async () => {
    const { clock, machine } = aClock(2_000_000);
    await clock.refresh();

    machine.sleep(7_200_000);
    machine.wallAt = 5;

    expect(clock.now()).toBe(2_000_000 + 7_200_000);
  });

  it('ends nothing early for a wall clock that is far ahead, be it that refreshes fail for ever', async () => {
    const { clock, machine, database } = aClock(2_000_000);
    machine.wallAt = 9_000_000;
    await clock.refresh();
    database.away = true;

    for (let refresh = 0; refresh < 5; refresh += 1) {
      await clock.refresh();
      machine.pass(10_000);
    }

    expect([clock.now(), clock.alone.now()]).toEqual([2_050_000, 2_050_000]);
  });

  describe('when the machine was held', () => {
    const held = async ({ wallAhead = 0, awayFor = 2 }) => {
      const made = aClock(1_000_000);
      made.machine.wallAt += wallAhead;
      await made.clock.refresh();
      made.database.away = true;
      made.machine.hold(600_000);
      for (let refresh = 0; refresh < awayFor; refresh += 1) await made.clock.refresh();
      return made;
    };

    it('goes by how far the wall clock has run, not by what it says', async () => {
      for (const wallAhead of [0, 3_600_000, -3_600_000]) {
        const { clock } = await held({ wallAhead });

        expect([clock.now(), clock.alone.now()]).toEqual([1_000_000, 1_600_000]);
      }
    });

    it('believes the wall clock only when the database is away for more than one refresh', async () => {
      const { clock } = await held({ awayFor: 1 });

      expect(clock.alone.now()).toBe(1_000_000);
    });

    it('takes a wall clock that was wrong, and was set right, for no sleep', async () => {
      const { clock } = await held({ wallAhead: -600_000 });

      expect(clock.alone.now()).toBe(1_000_000);
    });

    it('goes by the database again as soon as it answers', async () => {
      const { clock, database } = await held({});
      database.away = false;
      database.at = 1_000_100;
      await clock.refresh();

      expect([clock.now(), clock.alone.now()]).toEqual([1_000_100, 1_000_100]);
    });
  });

  it('tells whole milliseconds', async () => {
    const { clock, machine } = aClock(2_000_000.7);
    await clock.refresh();
    machine.pass(0.2);

    expect(clock.now()).toBe(2_000_000);
  });
});

describe('the time since the boot', () => {
  it('is asked for once in ten milliseconds, counted on in between, and sees a sleep by then', () => {
    const machine = new Machine();
    let asked = 0;
    const sinceBoot = countedOn(
      () => {
        asked += 1;
        return machine.sinceBoot();
      },
      () => machine.monotonic(),
    );
    expect(sinceBoot()).toBe(100);

    machine.pass(4);
    machine.sleep(3_600_000);
    machine.pass(5);
    expect([sinceBoot(), asked]).toEqual([109, 1]);
    machine.pass(1);
    expect([sinceBoot(), asked]).toEqual([3_600_110, 2]);
  });
});

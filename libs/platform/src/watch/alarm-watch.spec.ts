import { MOST_FACTS, type AlarmFacts, type BeatingLayer } from '#core/alarms';
import { HOUR, idOf, MINUTE, SECOND } from '#core/shared';
import { FakeClock } from '#core/testing';
import { createLogger } from '../logging/logger.js';
import { AlarmWatch, type Seen } from './alarm-watch.js';

const LAYERS: readonly BeatingLayer[] = ['api', 'bells', 'sweep', 'revoker', 'drift'];

interface Line {
  readonly level: string;
  readonly msg: string;
  readonly kind: string;
  readonly runbook: string;
  readonly alarm: string;
}

const setUp = () => {
  const clock = new FakeClock();
  const lines: string[] = [];
  const seen: Seen[] = [];
  let asleepMs = 0;
  let facts: Partial<AlarmFacts> | null = {};
  const database: { unwritableSince: number | null } = { unwritableSince: null };
  const beats = (at: number): AlarmFacts['beats'] =>
    LAYERS.map((layer) => ({ layer, instance: 'i', firstAt: 0, at, ended: false, databaseDifferenceMs: 0 }));
  const well = (): AlarmFacts => ({
    overdue: [],
    overdueCount: 0,
    overdueSince: null,
    failing: [],
    withoutEnd: [],
    enabledAgain: [],
    enabledWithoutGrant: 0,
    readBackOwedAt: null,
    credentialEnds: [],
    uncompared: [],
    flooded: [],
    lost: [],
    unreached: [],
    clocks: [],
    restoringSince: null,
    beats: beats(clock.now()),
  });
  const watch = new AlarmWatch({
    source: {
      ofDeployment: () => {
        clock.advance(asleepMs);
        asleepMs = 0;
        return facts === null ? Promise.reject(new Error('away')) : Promise.resolve({ ...well(), ...facts });
      },
    },
    clock,
    unwritableSince: () => database.unwritableSince,
    logger: createLogger({
      name: 'worker',
      level: 'info',
      destination: { write: (line: string) => void lines.push(line) },
    }),
    onSeen: (each) => seen.push(each),
  });
  const look = async (next: Partial<AlarmFacts> | null, afterMs = 10 * SECOND): Promise<readonly Line[]> => {
    facts = next;
    clock.advance(afterMs);
    lines.length = 0;
    await watch.look();
    return lines.map((line) => JSON.parse(line) as Line);
  };
  const sleepOnce = (ms: number): void => void (asleepMs = ms);
  return { clock, look, beats, seen, database, sleepOnce };
};

const overdueAt = (customer: string, takeAt: number): AlarmFacts['overdue'][number] => ({
  organizationId: idOf('msp'),
  customerId: idOf(customer),
  accounts: 1,
  accountIds: [idOf('a')],
  takeAt,
  grantIds: [idOf('g')],
  failureReason: null,
  throttledBy: null,
  claimed: false,
});

const overdueSince = (takeAt: number): Pick<AlarmFacts, 'overdue' | 'overdueCount'> => ({
  overdueCount: 1,
  overdue: [overdueAt('contoso', takeAt)],
});

describe('The watch over alarms', () => {
  it('tells an alarm once as an error that names ids and runbook, and once that it is over', async () => {
    const { clock, look } = setUp();
    const facts = overdueSince(clock.now() - MINUTE);

    expect(await look(facts)).toMatchObject([
      {
        level: 'error',
        kind: 'end.overdue',
        alarm: 'end.overdue:contoso:not_tried',
        customerId: 'contoso',
        accountIds: ['a'],
        grantIds: ['g'],
        runbook: 'docs/runbooks/account-overdue.md',
      },
    ]);
    expect(await look(facts)).toEqual([]);
    expect(await look(facts, 15 * MINUTE)).toHaveLength(1);
    expect(await look({})).toMatchObject([
      { level: 'info', msg: 'this alarm is over', alarm: 'end.overdue:contoso:not_tried' },
    ]);
  });

  it('warns of what has time', async () => {
    const { clock, look, beats } = setUp();
    await look({});
    const silent = beats(clock.now()).map((beat) =>
      beat.layer === 'bells' ? { ...beat, at: clock.now() - 2 * MINUTE } : beat,
    );

    expect(await look({ beats: silent })).toMatchObject([{ level: 'warn', kind: 'bell.silent' }]);
  });

  it('tells that the database is away within a minute of its last answer, and takes nothing for over meanwhile', async () => {
    const { clock, look, seen } = setUp();
    const facts = overdueSince(clock.now() - MINUTE);
    await look(facts);

    expect(await look(null)).toEqual([]);
    expect(await look(null, 30 * SECOND)).toEqual([]);
    expect(await look(null, 1)).toMatchObject([{ level: 'error', kind: 'database.away' }]);
    expect(seen.at(-1)).toMatchObject({
      facts: null,
      alarms: [{ kind: 'database.away' }, { kind: 'end.overdue' }],
    });
    expect(await look(facts)).toMatchObject([{ msg: 'this alarm is over', kind: 'database.away' }]);
  });

  it('tells that the database takes no writes within a minute, and judges no silence by beats that nobody can write', async () => {
    const { clock, look, beats, seen, database } = setUp();
    await look({});
    const old = { beats: beats(clock.now()) };
    database.unwritableSince = clock.now();

    expect(await look(old)).toEqual([]);
    expect(await look(old, 30 * SECOND)).toEqual([]);
    expect(await look(old, 1)).toMatchObject([
      { level: 'error', kind: 'database.unwritable', runbook: 'docs/runbooks/database-away.md' },
    ]);
    expect(await look(old, 11 * MINUTE)).toEqual([]);
    expect(seen.at(-1)?.alarms).toMatchObject([{ kind: 'database.unwritable' }]);

    database.unwritableSince = null;
    expect(await look(old)).toMatchObject([{ msg: 'this alarm is over', kind: 'database.unwritable' }]);
    expect(await look(old)).toHaveLength(LAYERS.length);
  });

  it('counts no hours in which the machine slept, neither as an absence of the database nor as silence', async () => {
    const { clock, look, beats, seen } = setUp();
    await look({});
    const old = { beats: beats(clock.now()) };

    expect(await look(null, 6 * HOUR)).toEqual([]);
    expect(await look(null, 30 * SECOND)).toEqual([]);
    expect(await look(null, 11 * SECOND)).toMatchObject([{ kind: 'database.away' }]);
    const since = seen.at(-1)?.alarms[0]?.sinceAt ?? 0;
    expect(clock.now() - since).toBeLessThan(MINUTE);

    await look({});
    expect(await look(old, 6 * HOUR)).toEqual([]);
    expect(await look(old)).toHaveLength(LAYERS.length);
  });

  it('counts no hours in which the machine slept while it was asked', async () => {
    const { clock, look, sleepOnce } = setUp();
    await look({});

    sleepOnce(6 * HOUR);
    expect(await look(null)).toEqual([]);
    expect(clock.now()).toBeGreaterThan(6 * HOUR);
  });

  it('takes nothing for over that there was only no room for in the list', async () => {
    const { clock, look } = setUp();
    const since = clock.now() - MINUTE;
    const older = Array.from({ length: MOST_FACTS }, (_, index) => overdueAt(`c${index}`, since - 1));
    await look(overdueSince(since));

    const told = await look({ overdue: older, overdueCount: MOST_FACTS + 1 });
    expect(told.filter(({ msg }) => msg === 'this alarm is over')).toEqual([]);
    expect(await look(overdueSince(since))).toHaveLength(MOST_FACTS);
    expect(await look({})).toMatchObject([
      { msg: 'this alarm is over', alarm: 'end.overdue:contoso:not_tried' },
    ]);
  });

  it('judges no silence at its first look, when others may be starting as well', async () => {
    const { look } = setUp();

    expect(await look({ beats: [] })).toEqual([]);
    expect(await look({ beats: [] })).toContainEqual(
      expect.objectContaining({ level: 'error', alarm: 'bell.silent:revoker' }),
    );
  });

  it('judges no silence at the first look after the database was away', async () => {
    const { clock, look, beats } = setUp();
    await look({});
    const old = { beats: beats(clock.now()) };
    await look(null);

    expect(await look(old, 10 * MINUTE)).toEqual([]);
    expect(await look(old)).toHaveLength(LAYERS.length);
  });
});

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import fc from 'fast-check';
import { HOUR, idOf, MINUTE, SECOND } from '#core/shared';
import { alarmsOf, ALL, beat, CONTOSO, failing, NOW, overdue, well } from '../testing/alarm-facts.samples.js';
import { MOST_FACTS, type Beat, type BeatingLayer } from './alarm-source.js';
import { cutKinds, databaseAway, databaseUnwritable } from './decide-alarms.js';

const DAY = 24 * HOUR;

describe('Alarms', () => {
  it('there are none while all is well', () => {
    expect(alarmsOf({})).toEqual([]);
  });

  it('name what happened, why, what to do and where it is written', () => {
    const end = overdue('contoso', NOW - 5 * MINUTE, {
      failureReason: 'consent_missing',
      accounts: 300,
      grantIds: [idOf('g')],
    });

    expect(alarmsOf({ overdue: [end] })).toEqual([
      {
        id: 'end.overdue:contoso:consent_missing',
        kind: 'end.overdue',
        severity: 'critical',
        ...CONTOSO,
        accounts: 300,
        accountIds: ['a'],
        grantIds: ['g'],
        sinceAt: NOW - 5 * MINUTE,
        cause: 'consent_withdrawn',
        causedBy: null,
        message: expect.stringMatching(/ended 5 minutes ago.*not consented.*: 300/) as string,
        remedy: expect.stringMatching(/grant consent again.*by hand/) as string,
        runbook: 'docs/runbooks/account-overdue.md',
      },
    ]);
  });

  it('tell that nothing is given while a restored database is compared', () => {
    expect(alarmsOf({ restoringSince: NOW - 5 * MINUTE })).toMatchObject([
      { kind: 'deployment.restoring', severity: 'critical', customerId: null, sinceAt: NOW - 5 * MINUTE },
    ]);
  });

  it('are listed worst first, causes before what they cause, and the longest standing before others', () => {
    const alarms = alarmsOf({
      overdue: [
        overdue('b', NOW - 2 * MINUTE),
        overdue('a', NOW - 9 * MINUTE),
        overdue('lost', NOW - 3 * MINUTE, { failureReason: 'consent_missing' }),
      ],
      failing: [failing('throttled'), failing('consent_missing', { customerId: idOf('lost') })],
      credentialEnds: [
        { ...CONTOSO, endsAt: NOW + 50 * DAY },
        { ...CONTOSO, customerId: idOf('gone'), endsAt: NOW - 1 },
      ],
    });

    expect(alarms.map(({ id }) => id)).toEqual([
      'credential.ending:gone',
      'customer.blocked:lost',
      'end.overdue:a:not_tried',
      'end.overdue:lost:consent_missing',
      'end.overdue:b:not_tried',
      'customer.blocked:contoso',
      'credential.ending:contoso',
    ]);
  });

  it('each lead to a page that is there', () => {
    const reasons = [
      'credential_bad',
      'consent_missing',
      'directory_role_missing',
      'unanswered',
      'throttled',
    ];
    const everything = [
      databaseAway(NOW - HOUR, NOW),
      databaseUnwritable(NOW - HOUR, NOW),
      ...reasons.flatMap((reason) => alarmsOf({ failing: [failing(reason)] })),
      ...alarmsOf({
        overdue: [overdue('a', NOW - HOUR)],
        withoutEnd: [{ ...CONTOSO, accounts: 1, accountIds: [idOf('a')], dueAt: null }],
        enabledAgain: [{ ...CONTOSO, accounts: 1, accountIds: [], sinceAt: NOW, lastAt: NOW }],
        readBackOwedAt: NOW - HOUR,
        credentialEnds: [{ ...CONTOSO, endsAt: NOW }],
        clocks: [{ ...CONTOSO, aheadMs: HOUR, measuredAt: NOW }],
        beats: [],
      }),
    ];

    expect(new Set(everything.map(({ kind }) => kind)).size).toBe(9);
    for (const { runbook } of everything)
      expect({ runbook, exists: existsSync(resolve(__dirname, '../../../..', runbook)) }).toEqual({
        runbook,
        exists: true,
      });
  });
});

describe('An overdue end', () => {
  it('is alarming when it is more than a minute late, and never before', () => {
    const lateness = fc.integer({ min: -HOUR, max: 30 * DAY });
    const ends = fc.array(lateness, { maxLength: 20 });

    fc.assert(
      fc.property(ends, (latenesses) => {
        const facts = latenesses.map((ms, index) => overdue(`c${index}`, NOW - ms));

        const alarms = alarmsOf({ overdue: facts });

        const late = facts.filter(({ takeAt }) => NOW - takeAt > MINUTE);
        expect(new Set<string | null>(alarms.map(({ customerId }) => customerId))).toEqual(
          new Set(late.map(({ customerId }) => customerId)),
        );
        expect(alarms.every(({ severity }) => severity === 'critical')).toBe(true);
      }),
    );
  });

  it.each([
    [{ failureReason: 'directory_role_missing' }, 'directory_role_lost'],
    [{ failureReason: 'quota' }, 'quota'],
    [{ throttledBy: 'directory' as const }, 'throttled'],
    [{ throttledBy: 'sign-in' as const }, 'credential_refused'],
    [{ claimed: true }, 'under_way'],
    [{}, 'nobody_works'],
  ])('with %j has the cause %s', (wish, cause) => {
    expect(alarmsOf({ overdue: [overdue('a', NOW - HOUR, wish)] })).toMatchObject([{ cause }]);
  });

  it('is alarming too when nothing says that it should ever come', () => {
    const account = { ...CONTOSO, accounts: 1, accountIds: [idOf<'account'>('a')] };

    expect(alarmsOf({ withoutEnd: [{ ...account, dueAt: null }] })).toMatchObject([
      { kind: 'account.without_end', severity: 'critical', cause: 'never_due' },
    ]);
    expect(alarmsOf({ withoutEnd: [{ ...account, dueAt: NOW - MINUTE }] })).toEqual([]);
    expect(alarmsOf({ withoutEnd: [{ ...account, dueAt: NOW - MINUTE - 1 }] })).toHaveLength(1);
  });
});

describe('An account that somebody enabled again', () => {
  it('is alarming by its customer, with when it was for the last time, and stands alone', () => {
    const found = { ...CONTOSO, accounts: 2, accountIds: [idOf<'account'>('a'), idOf<'account'>('b')] };
    const enabledAgain = [{ ...found, sinceAt: NOW - HOUR, lastAt: NOW - 5 * MINUTE }];

    expect(alarmsOf({ enabledAgain })).toMatchObject([
      {
        ...found,
        id: 'account.enabled_again:contoso',
        severity: 'critical',
        sinceAt: NOW - HOUR,
        message: expect.stringMatching(/5 minutes ago/) as string,
        runbook: 'docs/runbooks/account-enabled-again.md',
      },
    ]);
  });
});

describe('A list of facts that is cut', () => {
  it('is told by the kinds of which there may be more', () => {
    const overdueEnds = Array.from({ length: MOST_FACTS }, (_, index) => overdue(`c${index}`, NOW - HOUR));

    expect(cutKinds({ ...well, overdue: overdueEnds })).toEqual(new Set(['end.overdue']));
    expect(cutKinds({ ...well, overdue: overdueEnds.slice(1) })).toEqual(new Set());
  });
});

describe('A customer at which nothing works', () => {
  it.each([
    ['consent_missing', 'consent_withdrawn', 'consent-revoked', 'critical'],
    ['directory_role_missing', 'directory_role_lost', 'directory-role-lost', 'critical'],
    ['credential_bad', 'credential_refused', 'credential-ended', 'critical'],
    ['unanswered', 'tenant_unreachable', 'account-overdue', 'warning'],
    ['throttled', 'throttled', 'graph-throttled', 'warning'],
  ])('for %s is alarming as %s', (...[reason, cause, page, severity]) => {
    const runbook = `docs/runbooks/${page}.md`;

    expect(alarmsOf({ failing: [failing(reason)] })).toMatchObject([{ cause, runbook, severity }]);
  });

  it('is alarming after a minute, or when an end is a minute late, and once, for the worst that is behind it', () => {
    const short = failing('credential_bad', { sinceAt: NOW - MINUTE });

    expect(alarmsOf({ failing: [short] })).toEqual([]);
    expect(alarmsOf({ failing: [{ ...short, owed: 1, owedSince: NOW - MINUTE - 1 }] })).toMatchObject([
      { cause: 'credential_refused', severity: 'critical' },
    ]);
    expect(alarmsOf({ failing: [failing('throttled'), failing('consent_missing'), short] })).toMatchObject([
      { id: 'customer.blocked:contoso', cause: 'consent_withdrawn' },
    ]);
  });

  it('is critical as soon as an end is owed there', () => {
    expect(alarmsOf({ failing: [failing('throttled', { owed: 1 })] })).toMatchObject([
      { severity: 'critical' },
    ]);
  });

  it('is told apart when its credential has run out', () => {
    const facts = { failing: [failing('credential_bad')], credentialEnds: [{ ...CONTOSO, endsAt: NOW - 1 }] };

    expect(alarmsOf(facts).map(({ cause }) => cause)).toEqual(['ended', 'credential_ended']);
  });
});

describe('The end of a credential', () => {
  it.each([
    [60 * DAY + 1, null, null],
    [60 * DAY, 'within_60_days', 'notice'],
    [30 * DAY, 'within_30_days', 'warning'],
    [7 * DAY, 'within_7_days', 'warning'],
    [1, 'within_7_days', 'warning'],
    [0, 'ended', 'critical'],
  ])('%i ms ahead is %s', (ahead, cause, severity) => {
    const alarms = alarmsOf({ credentialEnds: [{ ...CONTOSO, endsAt: NOW + ahead }] });

    expect(alarms.map((alarm) => [alarm.cause, alarm.severity])).toEqual(
      cause === null ? [] : [[cause, severity]],
    );
  });

  it("is told of the revoker's own by itself, and explains nothing that is refused", () => {
    const alarms = alarmsOf({
      failing: [failing('credential_bad')],
      credentialEnds: [{ ...CONTOSO, endsAt: NOW - 1, ofRevoker: true }],
    });

    expect(alarms.map(({ id, cause, severity }) => [id, cause, severity])).toEqual([
      ['customer.blocked:contoso', 'credential_refused', 'critical'],
      ['credential.ending:contoso-revoker', 'ended', 'warning'],
    ]);
  });

  it("is told once of the organization's app, however many customers use it", () => {
    const shared = { endsAt: NOW + DAY, ofOrganizationApp: true as const };
    const fabrikam = { ...CONTOSO, customerId: idOf<'customer'>('fabrikam') };

    const alarms = alarmsOf({
      credentialEnds: [
        { ...CONTOSO, ...shared },
        { ...fabrikam, ...shared },
      ],
    });

    expect(alarms).toMatchObject([
      { organizationId: CONTOSO.organizationId, customerId: null, cause: 'within_7_days' },
    ]);
    expect(alarms[0]?.message).toContain('at the customers that use it (2)');
  });
});

describe('A silent layer', () => {
  const without = (layer: BeatingLayer) => well.beats.filter((each) => each.layer !== layer);

  it.each([
    ['sweep', 'critical'],
    ['revoker', 'critical'],
    ['bells', 'warning'],
    ['api', 'warning'],
  ] as const)('%s is alarming after a minute', (layer, severity) => {
    const last = (silentMs: number) =>
      alarmsOf({ beats: [...without(layer), beat(layer, 'x', { at: NOW - silentMs })] });

    expect(last(MINUTE)).toEqual([]);
    expect(last(MINUTE + 1)).toMatchObject([
      { id: `bell.silent:${layer}`, cause: 'stopped', severity, organizationId: null },
    ]);
  });

  it('is alarming when it never was there', () => {
    expect(alarmsOf({ beats: without('revoker') })).toMatchObject([
      { id: 'bell.silent:revoker', cause: 'never_seen', sinceAt: NOW - HOUR },
    ]);
    expect(alarmsOf({ beats: [] })).toHaveLength(ALL.length);
  });

  it('is none while the deployment only just starts', () => {
    const starting = [beat('api', 'a', { firstAt: NOW - MINUTE })];

    expect(alarmsOf({ beats: starting })).toEqual([]);
  });

  it('that is one process of several is a warning by its name, unless it ended as it should', () => {
    const silent = { at: NOW - 2 * MINUTE };

    const alarms = alarmsOf({
      beats: [
        ...well.beats,
        beat('sweep', 'died', silent),
        beat('sweep', 'ended', { ...silent, ended: true }),
      ],
    });

    expect(alarms).toMatchObject([
      { id: 'bell.silent:sweep:died', severity: 'warning', cause: 'one_process' },
    ]);
  });

  it('that ended as it should is missed all the same when nobody is left', () => {
    const ended = beat('revoker', 'x', { at: NOW - 2 * MINUTE, ended: true });

    expect(alarmsOf({ beats: [...without('revoker'), ended] })).toMatchObject([{ cause: 'stopped' }]);
  });

  it('is that of the read-backs when one waits for more than a minute', () => {
    expect(alarmsOf({ readBackOwedAt: NOW - MINUTE })).toEqual([]);
    expect(alarmsOf({ readBackOwedAt: NOW - MINUTE - 1 })).toMatchObject([{ id: 'bell.silent:read-back' }]);
  });
});

describe('A clock that differs', () => {
  const machine = (databaseDifferenceMs: number, wish: Partial<Beat> = {}) =>
    alarmsOf({ beats: well.beats.map((each) => ({ ...each, databaseDifferenceMs, ...wish })) });

  it('is alarming beyond half a minute, either way, once for each process', () => {
    expect(machine(30_000)).toEqual([]);
    const [first, ...rest] = machine(-30_001);
    expect(first).toMatchObject({
      id: 'clock.differs:database:api-1',
      message: expect.stringContaining('30 s behind') as string,
    });
    expect(rest).toHaveLength(ALL.length - 1);
  });

  it('of a process that is gone is nobody’s business', () => {
    expect(machine(HOUR, { ended: true })).toEqual([]);
  });

  it('from Graph’s is one alarm for all customers', () => {
    const clocks = [10, 40, -50].map((seconds) => ({
      ...CONTOSO,
      aheadMs: seconds * SECOND,
      measuredAt: NOW - seconds,
    }));

    expect(alarmsOf({ clocks })).toMatchObject([
      { id: 'clock.differs:graph', message: expect.stringContaining('50 s behind') as string },
    ]);
  });
});

describe('of comparing', () => {
  const customer = (change: object) => ({ ...CONTOSO, dueAt: NOW, comparedAt: NOW, ...change });

  it('tells a pass that nobody finishes from one that leaves something undone', () => {
    const late = alarmsOf({ uncompared: [customer({ dueAt: NOW - 11 * MINUTE })] });
    expect(late).toMatchObject([
      { kind: 'drift.overdue', cause: 'not_finished', severity: 'warning', sinceAt: NOW - 11 * MINUTE },
    ]);
    expect(late[0]?.message).toContain('due 11 minutes ago');
    const undone = alarmsOf({ uncompared: [customer({ comparedAt: NOW - 3 * HOUR })] });
    expect(undone).toMatchObject([{ kind: 'drift.overdue', cause: 'not_whole', sinceAt: NOW - 3 * HOUR }]);
    expect(undone[0]?.id).toBe(late[0]?.id);
  });

  it('tells of markers by the thousand, with how many are only counted', () => {
    const [alarm] = alarmsOf({ flooded: [{ ...CONTOSO, unkept: 4_800, at: NOW }] });
    expect(alarm).toMatchObject({ kind: 'drift.flooded', runbook: 'docs/runbooks/drift.md' });
    expect(alarm?.message).toContain('4800');
  });
});

describe('the alarm of a kill switch', () => {
  const { organizationId } = CONTOSO;
  const unreached = (sinceAt: number, isLifted = false) =>
    alarmsOf({ unreached: [{ organizationId, holdId: idOf('h'), sinceAt, isLifted }] });

  it('tells that it has not reached all after half a minute, and not before', () => {
    expect(unreached(NOW - 30 * SECOND)).toEqual([]);

    const [alarm, ...others] = unreached(NOW - 45 * SECOND);

    expect(others).toEqual([]);
    expect(alarm).toMatchObject({
      id: 'hold.unreached:h',
      kind: 'hold.unreached',
      severity: 'critical',
      organizationId: CONTOSO.organizationId,
      customerId: null,
      sinceAt: NOW - 45 * SECOND,
      runbook: 'docs/runbooks/hold-unreached.md',
    });
    expect(alarm?.message).toContain('45 seconds');
    expect(alarm?.message).toContain('It lets nothing new be given');
  });

  it('does not say of a lifted one that it lets nothing be given', () => {
    const [alarm] = unreached(NOW - 45 * SECOND, true);

    expect(alarm?.message).toContain('It was lifted since');
    expect(alarm?.message).not.toContain('lets nothing new be given');
  });
});

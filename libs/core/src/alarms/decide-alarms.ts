import { SECOND, type Instant } from '#core/shared';
import { inWords, OF_THE_DEPLOYMENT, worstFirst, type Alarm, type AlarmKind } from './alarm.js';
import { MOST_FACTS, type AlarmFacts } from './alarm-source.js';
import { withCauses } from './caused-by.js';
import { blockedAlarms, credentialAlarms } from './customer-alarms.js';
import { enabledAgainAlarms } from './enabled-again-alarms.js';
import { floodAlarms, uncomparedAlarms } from './drift-alarms.js';
import { unreachedAlarms } from './hold-alarms.js';
import { clockAlarms, readBackAlarms, silenceAlarms } from './layer-alarms.js';
import { lostAlarms } from './lost-alarms.js';
import { overdueAlarms, withoutEndAlarms } from './overdue-alarms.js';

/** What is alarming at this moment, worst first: it follows from the facts alone, and no fact is remembered. */
export const decideAlarms = (facts: AlarmFacts, now: Instant): readonly Alarm[] => {
  const ended = new Set<string>(
    facts.credentialEnds
      .filter(({ endsAt, ofRevoker }) => endsAt <= now && ofRevoker === undefined)
      .map(({ customerId }) => customerId),
  );
  const by = { now, hasEnded: (customerId: string): boolean => ended.has(customerId) };
  const alarms = [
    ...restoringAlarms(facts.restoringSince, now),
    ...clockAlarms(facts, now),
    ...silenceAlarms(facts.beats, now),
    ...readBackAlarms(facts.readBackOwedAt, now),
    ...credentialAlarms(facts.credentialEnds, now),
    ...blockedAlarms(facts.failing, by),
    ...uncomparedAlarms(facts.uncompared, now),
    ...floodAlarms(facts.flooded),
    ...lostAlarms(facts.lost, now),
    ...unreachedAlarms(facts.unreached, now),
    ...overdueAlarms(facts.overdue, by),
    ...withoutEndAlarms(facts.withoutEnd, now),
    ...enabledAgainAlarms(facts.enabledAgain, now),
  ];
  return worstFirst(withCauses(alarms));
};

/** Kinds of which there may be more than these facts tell: whoever is not among them is not over for that. */
export const cutKinds = (facts: AlarmFacts): ReadonlySet<AlarmKind> =>
  new Set(LISTS.filter(({ list }) => facts[list].length >= MOST_FACTS).flatMap(({ kinds }) => kinds));

const LISTS: readonly {
  readonly list:
    | 'overdue'
    | 'withoutEnd'
    | 'enabledAgain'
    | 'failing'
    | 'credentialEnds'
    | 'uncompared'
    | 'flooded'
    | 'lost'
    | 'unreached'
    | 'beats';
  readonly kinds: readonly AlarmKind[];
}[] = [
  { list: 'overdue', kinds: ['end.overdue'] },
  { list: 'withoutEnd', kinds: ['account.without_end'] },
  { list: 'enabledAgain', kinds: ['account.enabled_again'] },
  { list: 'failing', kinds: ['customer.blocked'] },
  { list: 'credentialEnds', kinds: ['credential.ending'] },
  { list: 'uncompared', kinds: ['drift.overdue'] },
  { list: 'flooded', kinds: ['drift.flooded'] },
  { list: 'lost', kinds: ['take_back.lost'] },
  { list: 'unreached', kinds: ['hold.unreached'] },
  { list: 'beats', kinds: ['bell.silent', 'clock.differs'] },
];

/** No row can tell it: nobody could read them since then. */
export const databaseAway = (sinceAt: Instant, now: Instant): Alarm => ({
  ...OF_THE_DEPLOYMENT,
  id: 'database.away',
  kind: 'database.away',
  severity: 'critical',
  sinceAt,
  cause: 'no_answer',
  message:
    `The database has not answered, or not in time, for ${inWords(now - sinceAt)}: the revoker keeps the ends of the next quarter of an hour ` +
    'from memory, and nobody can be given access.',
  remedy: 'Bring PostgreSQL back, or the way to it; what was due meanwhile is done at once.',
  runbook: 'docs/runbooks/database-away.md',
});

/** No row can tell it either: nobody could write one since then. */
export const databaseUnwritable = (sinceAt: Instant, now: Instant): Alarm => ({
  ...OF_THE_DEPLOYMENT,
  id: 'database.unwritable',
  kind: 'database.unwritable',
  severity: 'critical',
  sinceAt,
  cause: 'no_write',
  message:
    `The database can be read, and has taken no write for ${inWords(now - sinceAt)}: the revoker keeps ends from memory, nobody can be ` +
    'given access, and nothing that is done is recorded.',
  remedy:
    'Make room on the disk of PostgreSQL, or promote the replica that it is; what was done meanwhile is recorded then.',
  runbook: 'docs/runbooks/database-away.md',
});

/** So that it is told within a minute. */
const UNWRITABLE_MS = 40 * SECOND;

/** Nobody can say that he lives while nothing can be written: that is the alarm then, and no silence is one. */
export const besideUnwritable = (
  alarms: readonly Alarm[],
  sinceAt: Instant | null,
  now: Instant,
): readonly Alarm[] => {
  if (sinceAt === null) return alarms;
  const others = alarms.filter(({ kind }) => kind !== 'bell.silent');
  return now - sinceAt > UNWRITABLE_MS ? worstFirst([databaseUnwritable(sinceAt, now), ...others]) : others;
};

const restoringAlarms = (sinceAt: Instant | null, now: Instant): readonly Alarm[] =>
  sinceAt === null
    ? []
    : [
        {
          ...OF_THE_DEPLOYMENT,
          id: 'deployment.restoring',
          kind: 'deployment.restoring',
          severity: 'critical',
          sinceAt,
          cause: 'restored',
          message:
            `The database was found ${inWords(now - sinceAt)} ago to be restored from a backup: nothing is given, extended ` +
            'or shown until every customer was compared with it. Ends are kept as ever.',
          remedy:
            'Wait for the passes over all customers. For one whose tenant can not be read: curfew restore accept.',
          runbook: 'docs/runbooks/restore-backup.md',
        },
      ];

import { z } from 'zod';
import { id, instantOut, pageOf, pageQuery, text } from './fields.js';
import { route } from './route.js';

const MOST_PLACE = 240;

/** A place in the list: alarms have no ids that are ordered by time. */
const place = z
  .string()
  .max(MOST_PLACE)
  .regex(/^(?:critical|warning|notice):-?\d{1,16}:[\x21-\x7e]+$/, 'must be the nextCursor of a page')
  .optional()
  .meta({ description: 'nextCursor of the page before.' });

export const alarm = z
  .strictObject({
    id: text(200).meta({ description: 'Its kind and whom it is about: the same for as long as it stands.' }),
    kind: z.enum([
      'database.away',
      'database.unwritable',
      'deployment.restoring',
      'clock.differs',
      'bell.silent',
      'credential.ending',
      'customer.blocked',
      'drift.overdue',
      'drift.flooded',
      'take_back.lost',
      'hold.unreached',
      'end.overdue',
      'account.without_end',
      'account.enabled_again',
    ]),
    severity: z.enum(['critical', 'warning', 'notice']).meta({
      description: '`critical`: somebody must act now; `warning`: soon; `notice`: there are weeks.',
    }),
    customerId: id.nullable().meta({
      description: 'Null: it concerns no customer in particular, but the whole deployment or a kill switch.',
    }),
    accounts: z.int().meta({ description: 'How many accounts it is about; 0: none in particular.' }),
    accountIds: z.array(id).max(10).meta({ description: 'Of these, the longest standing: ten at the most.' }),
    grantIds: z
      .array(id)
      .max(10)
      .meta({ description: 'Of those accounts, whose ends are owed: ten at the most.' }),
    since: instantOut.meta({ description: 'Since when it is so; of an overdue end, when it was owed.' }),
    cause: text(100).meta({ description: 'One word for what is behind it.' }),
    causedBy: text(200)
      .nullable()
      .meta({ description: 'The alarm that is behind this one, by its id; null: none is.' }),
    message: text(1_000).meta({ description: 'What happened, and why.' }),
    remedy: text(1_000).meta({ description: 'What to do about it.' }),
    runbook: text(200).meta({ description: 'The page of the documentation that goes on from here.' }),
  })
  .meta({ id: 'Alarm' });
export type AlarmOut = z.output<typeof alarm>;

export const alarmRoutes = {
  listAlarms: route({
    id: 'listAlarms',
    tag: 'Alarms',
    method: 'GET',
    path: '/api/v1/alarms',
    permission: 'alarm:read',
    summary: 'What is alarming at this moment, worst first, and causes before what they cause',
    description:
      'Derived from the rows when it is asked for, so that it is right also while every worker is dead. What concerns your ' +
      'organization, and what concerns the whole deployment. Accounts of one customer that have the same behind them are one ' +
      'alarm, so that no customer hides another.',
    request: { query: pageQuery({}).extend({ cursor: place }) },
    success: {
      status: 200,
      description: 'A page of the alarms that stand; an empty list: none.',
      schema: pageOf(alarm).extend({
        nextCursor: text(MOST_PLACE)
          .nullable()
          .meta({ description: 'Send it as `cursor` for the next page; null: this was the last.' }),
        total: z.int().meta({ description: 'How many stand, on all pages.' }),
        at: instantOut.meta({ description: 'The moment at which it was so.' }),
      }),
    },
    refusals: [],
  }),
};

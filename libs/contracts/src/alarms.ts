import { z } from 'zod';
import { id, instantOut, nothing, text } from './fields.js';
import { route } from './route.js';

const MOST_ALARMS = 100;

export const alarm = z
  .strictObject({
    id: text(200).meta({ description: 'The same for as long as it stands.' }),
    kind: z.enum([
      'end.overdue',
      'database.away',
      'deployment.restoring',
      'account.without_end',
      'bell.silent',
      'clock.differs',
      'customer.blocked',
      'credential.ending',
    ]),
    severity: z.enum(['critical', 'warning', 'notice']).meta({
      description: '`critical`: somebody must act now; `warning`: soon; `notice`: there are weeks.',
    }),
    customerId: id.nullable().meta({ description: 'Null: it concerns the whole deployment.' }),
    accountId: id.nullable(),
    grantIds: z.array(id).max(10).meta({ description: 'Whose ends are owed: ten at the most.' }),
    since: instantOut.meta({ description: 'Since when it is so; of an overdue end, when it was owed.' }),
    cause: text(100).meta({ description: 'One word for what is behind it.' }),
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
    summary: 'What is alarming at this moment, worst first',
    description:
      'Derived from the rows when it is asked for, so that it is right also while every worker is dead. What concerns your ' +
      'organization, and what concerns the whole deployment.',
    request: { query: nothing },
    success: {
      status: 200,
      description: 'The alarms that stand; an empty list: none.',
      schema: z.strictObject({
        items: z.array(alarm).max(MOST_ALARMS),
        more: z.boolean().meta({ description: `There are more than these ${MOST_ALARMS}.` }),
        at: instantOut.meta({ description: 'The moment at which it was so.' }),
      }),
    },
    refusals: [],
  }),
};

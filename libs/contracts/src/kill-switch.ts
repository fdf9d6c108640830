import { z } from 'zod';
import { auditActor } from './audit-events.js';
import { createHeaders, id, instantOut, line, nothing, oneById, pageOf, pageQuery, text } from './fields.js';
import { route } from './route.js';

const closingState = z.enum(['open', 'ending', 'taken', 'closed']).meta({
  description:
    'open: nobody has looked at it since; ending: it is being taken away, or that is tried again and again, or somebody ' +
    'enabled it again; taken: Graph has accepted every take-away; closed: a read-back has proven it.',
});

const hold = {
  id,
  scope: z.enum(['technician', 'customer', 'organization']),
  technicianId: id.nullable(),
  customerId: id.nullable(),
  reason: text(500),
  placedAt: instantOut,
  placedBy: auditActor,
  liftedAt: instantOut
    .nullable()
    .meta({ description: 'Null: it stands, and nothing is given in its scope.' }),
  liftedBy: auditActor.nullable(),
};

export const killSwitch = z.strictObject(hold).meta({ id: 'KillSwitch' });
export type KillSwitchOut = z.output<typeof killSwitch>;

const cause = z
  .strictObject({
    reason: text(100).meta({ description: 'Such as throttled, unanswered, credential_bad.' }),
    message: text(2_000).meta({ description: "Microsoft's own words." }),
    until: instantOut.meta({ description: 'When it is tried again at the latest.' }),
  })
  .nullable()
  .meta({ description: 'What keeps it; null: nothing that is known.' });

const whose = {
  accountId: id,
  technicianId: id.nullable(),
  customerId: id,
  customerName: text(200),
  tenantId: text(36).nullable(),
  upn: text(300),
  objectId: text(100).nullable().meta({ description: 'In Entra; null: not known to exist.' }),
  state: closingState,
};

const closingAccount = z
  .strictObject({
    ...whose,
    since: instantOut,
    closedAt: instantOut.nullable().meta({ description: 'When the read-back proved it.' }),
    cause,
  })
  .meta({ id: 'ClosingAccount' });

const accounts = pageOf(closingAccount);

/** Counted for one hold at a time: each may have found ten thousand. */
const counts = {
  accounts: z
    .strictObject({ total: z.int(), open: z.int(), ending: z.int(), taken: z.int(), closed: z.int() })
    .meta({ description: 'How many of the accounts that it found are how far.' }),
};

export const killSwitchProgress = z
  .strictObject({ ...hold, ...counts, ...accounts.shape })
  .meta({ id: 'KillSwitchProgress' });
export type KillSwitchProgressOut = z.output<typeof killSwitchProgress>;

/** As above, for whoever pulls one that somebody else has placed: that it stands is theirs to know, and no more. */
const pulled = z
  .strictObject({
    ...hold,
    reason: text(500)
      .nullable()
      .meta({ description: 'Null: somebody else placed it, and it is not yours to read.' }),
    placedBy: auditActor.nullable().meta({ description: 'Null as the reason is.' }),
    ...counts,
    ...accounts.shape,
  })
  .meta({ id: 'KillSwitchPulled' });

const accountByHand = z
  .strictObject({
    ...whose,
    cause,
    mayHold: z.strictObject({
      enabled: z.boolean(),
      roles: z.array(text(200)),
      groups: z.array(text(200)),
      pass: z.boolean(),
    }),
    portalUrl: text(500).nullable().meta({ description: "The user's page in the Entra admin center." }),
    commands: z.array(text(1_000)).meta({ description: 'Microsoft Graph PowerShell, in this order.' }),
  })
  .meta({ id: 'AccountByHand', description: 'What to do without Curfew. No secret is in it.' });
export type AccountByHandOut = z.output<typeof accountByHand>;

const reason = line(500).optional().meta({ description: 'Why; it stands in the audit log.' });
const tag = 'Kill switch';

export const killSwitchRoutes = {
  pullKillSwitch: route({
    id: 'pullKillSwitch',
    tag,
    method: 'POST',
    path: '/api/v1/kill-switch',
    permission: 'kill-switch:pull',
    summary: 'End all access of a technician, at a customer, or of everybody, and hold it',
    description:
      'Every grant in the scope ends at once and nothing is given, extended or shown there until an owner lifts it. Pulled ' +
      'again while it stands it answers the same hold, and moves nothing that is owed already. Owners and admins pull it for ' +
      'anybody, technicians and approvers for themselves; they are not told why somebody else did.',
    request: {
      headers: createHeaders,
      body: z.discriminatedUnion('scope', [
        z.strictObject({ scope: z.enum(['technician']), technicianId: id, reason }),
        z.strictObject({ scope: z.enum(['customer']), customerId: id, reason }),
        z.strictObject({ scope: z.enum(['organization']), reason }),
      ]),
    },
    success: {
      status: 201,
      description: 'The hold, with the first page of the accounts that it found.',
      schema: pulled,
    },
    refusals: [404, 409],
  }),
  listKillSwitches: route({
    id: 'listKillSwitches',
    tag,
    method: 'GET',
    path: '/api/v1/kill-switch',
    permission: 'kill-switch:read',
    summary: 'List what is held, newest first',
    request: {
      query: pageQuery({
        which: z
          .enum(['standing', 'all'])
          .default('standing')
          .meta({ description: 'all: those that were lifted too.' }),
      }),
    },
    success: { status: 200, description: 'A page of those that you may see.', schema: pageOf(killSwitch) },
    refusals: [],
  }),
  getKillSwitch: route({
    id: 'getKillSwitch',
    tag,
    method: 'GET',
    path: '/api/v1/kill-switch/{id}',
    permission: 'kill-switch:read',
    summary: 'Read how far a kill switch is, account by account',
    request: { params: oneById, query: pageQuery({ state: closingState.optional() }) },
    success: {
      status: 200,
      description: 'The hold, with a page of the accounts that it found.',
      schema: killSwitchProgress,
    },
    refusals: [404],
  }),
  listByHand: route({
    id: 'listByHand',
    tag,
    method: 'GET',
    path: '/api/v1/kill-switch/{id}/by-hand',
    permission: 'kill-switch:read',
    summary: 'List what is left, with the steps to do it by hand',
    description:
      'Whatever Graph has not accepted yet: where it is, what it may hold, and how to close it without Curfew.',
    request: { params: oneById, query: pageQuery({}) },
    success: { status: 200, description: 'A page of what is left.', schema: pageOf(accountByHand) },
    refusals: [404],
  }),
  liftKillSwitch: route({
    id: 'liftKillSwitch',
    tag,
    method: 'POST',
    path: '/api/v1/kill-switch/{id}/lift',
    permission: 'kill-switch:lift',
    summary: 'Let access be asked for again',
    description: 'What was ended stays ended; whatever is not closed yet is closed all the same.',
    request: { params: oneById, body: nothing },
    success: { status: 200, description: 'The hold, lifted.', schema: killSwitch },
    refusals: [404, 409],
  }),
};

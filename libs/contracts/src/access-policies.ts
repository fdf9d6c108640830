import { z } from 'zod';
import {
  createHeaders,
  id,
  instantOut,
  line,
  oneById,
  pageOf,
  pageQuery,
  seconds,
  text,
  unitRole,
} from './fields.js';
import { route } from './route.js';

const fieldRule = z.enum(['off', 'optional', 'required']);

const ticketPatterns = (pattern: z.ZodString) =>
  z
    .array(pattern)
    .max(10)
    .meta({
      description:
        'What a ticket that is given must look like as a whole, one of these: `#` a digit, `@` a letter, `?` either, `+` after ' +
        'one of them for one or more, `\\` before a sign that stands for itself; the rest stands for itself in either case. ' +
        'None: any ticket will do.',
      examples: [['INC-#######', 'CHG#+']],
    });

const weekday = z.enum(['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday']);
const CLOCK = '(?:[01][0-9]|2[0-3]):[0-5][0-9]';
const localTime = (pattern: RegExp, error: string) =>
  z
    .string()
    .max(5)
    .regex(pattern, error)
    .transform((time) => time as `${number}:${number}`);

const allowedHours = z
  .strictObject({
    timeZone: line(64).meta({ description: 'Of the IANA time zone database.', examples: ['Europe/Zurich'] }),
    windows: z
      .array(
        z.strictObject({
          days: z.array(weekday).max(7).meta({ description: 'On which the window begins.' }),
          from: localTime(new RegExp(`^${CLOCK}$`), 'must be a time such as 08:00').meta({
            examples: ['08:00'],
          }),
          to: localTime(
            new RegExp(`^(?:${CLOCK}|24:00)$`),
            'must be a time such as 18:00, at most 24:00',
          ).meta({
            description: 'Not later than `from`: of the next day. 24:00 is the end of the day.',
            examples: ['18:00'],
          }),
        }),
      )
      .max(20),
  })
  .meta({
    description:
      'A grant begins within these hours and ends with them at the latest, by the clocks of the place; windows that touch are ' +
      'one. Null: at any time.',
  });

const allowedHoursOut = z
  .strictObject({
    timeZone: text(64),
    windows: z.array(z.strictObject({ days: z.array(weekday), from: text(5), to: text(5) })),
  })
  .meta({ description: 'Null: at any time.' });

export const accessPolicy = z
  .strictObject({
    id,
    customerId: id.nullable().meta({ description: 'Null: for all customers.' }),
    name: text(100),
    roles: z.array(text(36)).meta({ description: 'In the whole tenant.' }),
    unitRoles: z.array(unitRole),
    groups: z.array(text(36)),
    credential: z.enum(['pass', 'password', 'both']),
    endAction: z.enum(['disable', 'delete']),
    defaultDurationSeconds: z.int(),
    maximumDurationSeconds: z.int(),
    reason: fieldRule,
    ticket: fieldRule,
    ticketPatterns: ticketPatterns(text(60)),
    allowedHours: allowedHoursOut.nullable(),
    technicianGroups: z.array(id).meta({ description: 'Who may use it; none: every technician.' }),
    withheldRoles: z.array(text(36)).meta({
      description: "Roles of it that are above the organization's ceiling: they are not given.",
    }),
    overriddenBy: z
      .strictObject({ id, name: text(100) })
      .nullable()
      .meta({
        description:
          "In a list of one customer: that customer's own policy by the same name, which stands in the place of this one there. " +
          'Null: none does, or the list is of no customer.',
      }),
    usable: z.boolean().meta({
      description:
        'Whether you are one of those whom it is for; in a list of one customer, and it counts there.',
    }),
    state: z.enum(['active', 'archived']),
    version: z.int(),
    createdAt: instantOut,
  })
  .meta({ id: 'AccessPolicy' });

export const policyWarning = z
  .strictObject({
    code: z.enum([
      'groups_archived',
      'groups_empty',
      'no_technician',
      'no_customer',
      'overridden_everywhere',
      'not_connected',
      'pass_unavailable',
      'nothing_left',
      'hours_shorter',
      'overrides',
      'same_name',
    ]),
    message: text(300),
  })
  .meta({ id: 'PolicyWarning' });

const writtenPolicy = accessPolicy
  .extend({
    warnings: z.array(policyWarning).meta({
      description:
        'What keeps people from using it at present, and what its name does. It is saved all the same.',
    }),
  })
  .meta({ id: 'WrittenAccessPolicy' });

export type AccessPolicyOut = z.output<typeof accessPolicy>;

const terms = {
  name: line(100),
  roles: z.array(id).max(50).default([]).meta({
    description:
      'Template ids of built-in directory roles, or ids of custom ones; they hold in the whole tenant.',
  }),
  unitRoles: z.array(unitRole).max(50).default([]).meta({
    description:
      'Roles that hold in one administrative unit alone: for a policy of one customer, since a unit is of one tenant.',
  }),
  groups: z.array(id).max(50).default([]).meta({ description: 'Object ids of Entra groups.' }),
  credential: z
    .enum(['pass', 'password', 'both'])
    .default('pass')
    .meta({ description: 'How the technician gets in: a Temporary Access Pass, a password, or both.' }),
  endAction: z
    .enum(['disable', 'delete'])
    .default('disable')
    .meta({ description: 'What becomes of the account when nothing of it is needed any more.' }),
  defaultDurationSeconds: seconds,
  maximumDurationSeconds: seconds,
  reason: fieldRule.default('optional'),
  ticket: fieldRule.default('optional'),
  ticketPatterns: ticketPatterns(line(60)).default([]),
  allowedHours: allowedHours.nullable().default(null),
  technicianGroups: z.array(id).max(50).default([]).meta({
    description: 'Who may use it: members of any of these technician groups; none: every technician.',
  }),
};

/** Of a change: what is left out of them stays as it is. */
export const changedTerms = {
  ...terms,
  ticketPatterns: ticketPatterns(line(60))
    .optional()
    .meta({ description: 'Left out: as they are, so that whoever does not know of them lifts none.' }),
  allowedHours: allowedHours
    .nullable()
    .optional()
    .meta({ description: 'Left out: as they are. Null: at any time.' }),
};

const tag = 'Access policies';

export const accessPolicyRoutes = {
  createAccessPolicy: route({
    id: 'createAccessPolicy',
    tag,
    method: 'POST',
    path: '/api/v1/access-policies',
    permission: 'access-policy:create',
    summary: 'Create an access policy',
    request: {
      headers: createHeaders,
      body: z.strictObject({
        customerId: id.nullable().default(null).meta({ description: 'Null or left out: for all customers.' }),
        ...terms,
      }),
    },
    success: { status: 201, description: 'The access policy.', schema: writtenPolicy },
    refusals: [404, 409],
  }),
  listAccessPolicies: route({
    id: 'listAccessPolicies',
    tag,
    method: 'GET',
    path: '/api/v1/access-policies',
    permission: 'access-policy:read',
    summary: 'List access policies, oldest first',
    description:
      "A customer's own policy stands in the place of an organization-wide one by the same name; `overriddenBy` tells it in a list of " +
      'that customer.',
    request: {
      query: pageQuery({
        customerId: id
          .optional()
          .meta({ description: "That customer's and the organization-wide ones; left out: all." }),
      }),
    },
    success: { status: 200, description: 'A page of access policies.', schema: pageOf(accessPolicy) },
    refusals: [],
  }),
  getAccessPolicy: route({
    id: 'getAccessPolicy',
    tag,
    method: 'GET',
    path: '/api/v1/access-policies/{id}',
    permission: 'access-policy:read',
    summary: 'Read an access policy',
    request: { params: oneById },
    success: { status: 200, description: 'The access policy.', schema: accessPolicy },
    refusals: [404],
  }),
  changeAccessPolicy: route({
    id: 'changeAccessPolicy',
    tag,
    method: 'PUT',
    path: '/api/v1/access-policies/{id}',
    permission: 'access-policy:write',
    summary: 'Change or archive an access policy as a whole',
    description:
      'What it no longer gives is taken from running grants at once; archiving ends them. What it gives in addition is ' +
      'for new requests only. A change on an old version is refused with 409, and `newer` in the problem is the policy as it is by ' +
      'now.',
    request: {
      params: oneById,
      body: z.strictObject({
        version: z.int().min(1).meta({ description: 'The version that you read.' }),
        state: z.enum(['active', 'archived']).default('active'),
        ...changedTerms,
      }),
    },
    success: { status: 200, description: 'The access policy as it is now.', schema: writtenPolicy },
    refusals: [404, 409],
  }),
};

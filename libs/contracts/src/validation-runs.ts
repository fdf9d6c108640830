import { z } from 'zod';
import { createHeaders, id, instantOut, oneById, pageOf, pageQuery, text } from './fields.js';
import { route } from './route.js';

/** As many as a run takes. */
const MOST = 1_000;

const lineState = z.enum(['waiting', 'running', 'pass', 'warn', 'fail', 'could_not', 'cancelled']);

const validationRun = z
  .strictObject({
    id,
    state: z.enum(['running', 'done', 'cancelled']),
    begunAt: instantOut,
    endedAt: instantOut.nullable(),
    customers: z.int().meta({ description: 'How many customers are in it.' }),
    counts: z
      .strictObject({
        waiting: z.int(),
        running: z.int(),
        pass: z.int(),
        warn: z.int(),
        fail: z.int(),
        couldNot: z.int(),
        cancelled: z.int(),
      })
      .meta({ description: 'How many customers are how far.' }),
  })
  .meta({
    id: 'ValidationRun',
    description:
      'Validate for many customers at once. What is found at each is kept at the customer, as if it had been validated alone.',
  });
export type ValidationRunOut = z.output<typeof validationRun>;

const validationLine = z
  .strictObject({
    customerId: id,
    name: text(200),
    state: lineState.meta({
      description:
        'The verdict where there is one; `could_not`: `why` says why it could not be validated at all.',
    }),
    endedAt: instantOut.nullable(),
    why: z
      .strictObject({ code: text(100), says: text(1_000), mend: text(1_000) })
      .nullable()
      .meta({ description: 'Of one that could not be validated.' }),
  })
  .meta({ id: 'ValidationRunLine', description: 'How far one customer of a validation run is.' });
export type ValidationRunLineOut = z.output<typeof validationLine>;

const tag = 'Customers';

export const validationRunRoutes = {
  beginValidationRun: route({
    id: 'beginValidationRun',
    tag,
    method: 'POST',
    path: '/api/v1/validations',
    permission: 'entra-connection:validate',
    summary: 'Validate many customers at once',
    description:
      'Workers take customers up side by side, so that a slow tenant holds up nobody else; the run outlives any of them. One ' +
      'run at a time for each organization.',
    request: {
      headers: createHeaders,
      body: z.strictObject({
        customerIds: z
          .array(id)
          .min(1, 'must name at least one')
          .max(MOST, `must name at most ${MOST}`)
          .optional()
          .meta({ description: 'Left out: all that are connected.' }),
      }),
    },
    success: { status: 202, description: 'The run, which goes on by itself.', schema: validationRun },
    refusals: [404, 409],
  }),
  getValidationRun: route({
    id: 'getValidationRun',
    tag,
    method: 'GET',
    path: '/api/v1/validations/{id}',
    permission: 'entra-connection:read',
    summary: 'How far a validation run is',
    request: { params: oneById },
    success: { status: 200, description: 'State and counts.', schema: validationRun },
    refusals: [404],
  }),
  listValidationRunLines: route({
    id: 'listValidationRunLines',
    tag,
    method: 'GET',
    path: '/api/v1/validations/{id}/lines',
    permission: 'entra-connection:read',
    summary: 'How far each customer of a validation run is',
    request: {
      params: oneById,
      query: pageQuery({ state: lineState.optional().meta({ description: 'Only those in this state.' }) }),
    },
    success: { status: 200, description: 'A page of customers.', schema: pageOf(validationLine) },
    refusals: [404],
  }),
  cancelValidationRun: route({
    id: 'cancelValidationRun',
    tag,
    method: 'POST',
    path: '/api/v1/validations/{id}/cancel',
    permission: 'entra-connection:validate',
    summary: 'Cancel a validation run: whoever still waits in it is not asked any more',
    request: { params: oneById },
    success: { status: 200, description: 'The run.', schema: validationRun },
    refusals: [404, 409],
  }),
};

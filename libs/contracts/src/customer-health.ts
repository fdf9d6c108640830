import { z } from 'zod';
import { id, instantOut, oneById, pageOf, pageQuery, text } from './fields.js';
import { route } from './route.js';

const status = z.enum(['good', 'attention', 'bad']);

export const customerHealth = z
  .strictObject({
    customerId: id,
    name: text(200),
    status: status.meta({ description: 'As grave as the gravest reason.' }),
    reasons: z.array(
      z.strictObject({
        status: z.enum(['attention', 'bad']),
        cause: z.enum([
          'credential_refused',
          'credential_ended',
          'credential_ends_soon',
          'ends_owed',
          'ends_unproven',
          'not_compared',
          'not_connected',
          'not_validated',
          'removing',
          'second_credential_ends',
          'take_back_failed',
          'take_back_lost',
          'take_back_slow',
          'throttled',
          'validate_failed',
          'validate_warned',
          'validated_before_last_change',
        ]),
        says: text(1_000),
      }),
    ),
    connection: z
      .strictObject({
        credentialKind: z.enum(['secret', 'certificate', 'federated']),
        credentialEndsAt: instantOut.nullable(),
        mayTouchRoleHolders: z.boolean(),
      })
      .nullable()
      .meta({ description: 'Null: not connected.' }),
    validatedAt: instantOut.nullable().meta({ description: 'When Validate was last run.' }),
    verdict: z.enum(['pass', 'warn', 'fail']).nullable().meta({ description: 'What it found.' }),
    throttledUntil: instantOut.nullable().meta({ description: 'Until when Entra asks to wait there.' }),
    comparedAt: instantOut
      .nullable()
      .meta({ description: 'When its accounts were last compared with the tenant.' }),
    accountsInUse: z
      .int()
      .meta({ description: 'Accounts whose access is still to be taken away, at its end or later.' }),
    owedEnds: z.int().meta({ description: 'Of these, whose end is past.' }),
    owedSince: instantOut.nullable(),
  })
  .meta({
    id: 'CustomerHealth',
    description: 'How a customer is, by what is kept of it. Nothing is asked of its tenant.',
  });
export type CustomerHealthOut = z.output<typeof customerHealth>;

const tag = 'Customers';

export const customerHealthRoutes = {
  listCustomerHealth: route({
    id: 'listCustomerHealth',
    tag,
    method: 'GET',
    path: '/api/v1/customer-health',
    permission: 'entra-connection:read',
    summary: 'How all customers are, oldest first',
    request: { query: pageQuery({}) },
    success: { status: 200, description: 'A page of customers.', schema: pageOf(customerHealth) },
    refusals: [],
  }),
  getCustomerHealth: route({
    id: 'getCustomerHealth',
    tag,
    method: 'GET',
    path: '/api/v1/customers/{id}/health',
    permission: 'entra-connection:read',
    summary: 'How a customer is: Validate, credential, take-back, throttling, comparison, what is owed',
    request: { params: oneById },
    success: { status: 200, description: 'How it is, and why.', schema: customerHealth },
    refusals: [404],
  }),
};

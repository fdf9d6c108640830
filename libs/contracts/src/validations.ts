import { z } from 'zod';
import { id, instantOut, oneById, text } from './fields.js';
import { route } from './route.js';

const verdict = z.enum(['pass', 'warn', 'fail']);

const line = z.strictObject({
  id: z.enum([
    'token',
    'tenant',
    'clock',
    'credential_end',
    'permissions',
    'excess_permissions',
    'directory_role',
    'take_back',
    'domain',
    'passes',
    'conditional_access',
    'licence',
    'global_administrators',
    'policies',
    'roles',
    'units',
    'groups',
  ]),
  verdict,
  says: text(4_000).meta({ description: 'What was found.' }),
  mend: text(4_000).nullable().meta({ description: 'What to do about it; null: nothing.' }),
});

export const validation = z
  .strictObject({
    customerId: id,
    connectionVersion: z.int().meta({ description: 'Of the connection that was looked at.' }),
    at: instantOut,
    verdict: verdict.meta({ description: 'As grave as the gravest line.' }),
    lines: z.array(line),
  })
  .meta({
    id: 'Validation',
    description:
      "The pre-flight of a connected tenant. `fail`: access there won't come, or won't go, as promised. `warn`: it will, " +
      'and there is something to know or to better.',
  });
export type ValidationOut = z.output<typeof validation>;

const tag = 'Customers';

export const validationRoutes = {
  validateCustomer: route({
    id: 'validateCustomer',
    tag,
    method: 'POST',
    path: '/api/v1/customers/{id}/entra-connection/validate',
    permission: 'entra-connection:validate',
    summary: 'Look a connected tenant over: a line for each thing that access there depends on',
    description:
      'Everything is asked side by side, and nothing is written in the tenant. What is learned of it (that admins may be ' +
      'disabled by now, that passes were switched on) counts from then on.',
    request: { params: oneById },
    success: { status: 200, description: 'What was found.', schema: validation },
    refusals: [404, 409],
  }),
  getValidation: route({
    id: 'getValidation',
    tag,
    method: 'GET',
    path: '/api/v1/customers/{id}/entra-connection/validation',
    permission: 'entra-connection:read',
    summary: 'Read what the last Validate found',
    request: { params: oneById },
    success: { status: 200, description: 'What was found, and when.', schema: validation },
    refusals: [404],
  }),
};

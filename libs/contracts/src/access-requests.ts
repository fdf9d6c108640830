import { z } from 'zod';
import {
  createHeaders,
  id,
  instantIn,
  instantOut,
  line,
  nothing,
  oneById,
  pageOf,
  pageQuery,
  seconds,
  text,
} from './fields.js';
import { route } from './route.js';

export const accessRequest = z
  .strictObject({
    id,
    customerId: id,
    technicianId: id,
    policyId: id,
    durationSeconds: z.int(),
    startsAt: instantOut.nullable().meta({ description: 'Null: at once.' }),
    reason: text(500).nullable(),
    ticket: text(100).nullable(),
    state: z.enum(['requested', 'approved', 'denied', 'cancelled', 'stale']),
    grantId: id.nullable().meta({ description: 'The grant that came of it.' }),
    createdAt: instantOut,
  })
  .meta({ id: 'AccessRequest' });
export type AccessRequestOut = z.output<typeof accessRequest>;

const tag = 'Access requests';

export const accessRequestRoutes = {
  requestAccess: route({
    id: 'requestAccess',
    tag,
    method: 'POST',
    path: '/api/v1/access-requests',
    permission: 'access-request:create',
    summary: 'Ask for an admin account at a customer',
    description:
      'Approved at once as long as the access policy asks for no review; follow `grantId` to see it become active.',
    request: {
      headers: createHeaders,
      body: z.strictObject({
        customerId: id,
        policyId: id,
        durationSeconds: seconds
          .optional()
          .meta({ description: "Left out: the access policy's default. At most its maximum." }),
        startsAt: instantIn.optional().meta({ description: 'Left out: at once. At most 30 days ahead.' }),
        reason: line(500).optional(),
        ticket: line(100).optional(),
      }),
    },
    success: { status: 201, description: 'The request, and by `grantId` its grant.', schema: accessRequest },
    refusals: [404, 409],
  }),
  listAccessRequests: route({
    id: 'listAccessRequests',
    tag,
    method: 'GET',
    path: '/api/v1/access-requests',
    permission: 'access-request:read',
    summary: 'List access requests, newest first',
    request: { query: pageQuery({ technicianId: id.optional() }) },
    success: { status: 200, description: 'A page of those that you may see.', schema: pageOf(accessRequest) },
    refusals: [],
  }),
  getAccessRequest: route({
    id: 'getAccessRequest',
    tag,
    method: 'GET',
    path: '/api/v1/access-requests/{id}',
    permission: 'access-request:read',
    summary: 'Read an access request',
    request: { params: oneById },
    success: { status: 200, description: 'The request.', schema: accessRequest },
    refusals: [404],
  }),
  cancelAccessRequest: route({
    id: 'cancelAccessRequest',
    tag,
    method: 'POST',
    path: '/api/v1/access-requests/{id}/cancel',
    permission: 'access-request:cancel',
    summary: 'Cancel an access request whose grant has not begun',
    request: { params: oneById, body: nothing },
    success: { status: 200, description: 'The cancelled request.', schema: accessRequest },
    refusals: [404, 409],
  }),
};

import { z } from 'zod';
import { auditPageQuery, id, instantOut, pageOf, text } from './fields.js';
import { route } from './route.js';

/** Who did something. */
export const auditActor = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('technician'), id, tokenId: id.nullable() }),
  z.strictObject({ kind: z.literal('console') }),
  z.strictObject({ kind: z.literal('curfew') }),
]);

export const auditEvent = z
  .strictObject({
    id: text(100),
    sequence: z.int(),
    at: instantOut,
    actor: auditActor,
    action: text(100),
    subject: z.strictObject({ kind: text(100), id: text(100) }),
    customerId: id.nullable(),
    details: z.record(
      text(100),
      z.union([text(2_000), z.number(), z.boolean(), z.null(), z.array(text(500))]),
    ),
  })
  .meta({ id: 'AuditEvent' });
export type AuditEventOut = z.output<typeof auditEvent>;

export const auditEventRoutes = {
  listAuditEvents: route({
    id: 'listAuditEvents',
    tag: 'Audit events',
    method: 'GET',
    path: '/api/v1/audit-events',
    permission: 'audit-event:read',
    summary: 'Read the audit log, newest first',
    request: { query: auditPageQuery },
    success: { status: 200, description: 'A page of the audit log.', schema: pageOf(auditEvent) },
    refusals: [],
  }),
};

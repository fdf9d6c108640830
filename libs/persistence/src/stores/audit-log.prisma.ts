import type { AuditAction, AuditActor, AuditEvent, AuditLog, RecordedAuditEvent } from '#core/audit';
import { idOf } from '#core/shared';
import type { AuditEventModel } from '../generated/models.js';
import { instantOf, isoOf, orNull, shape, text, UnreadableRowError, type Reader } from '../reading.js';
import type { Session } from '../session.js';

export class PrismaAuditLog implements AuditLog {
  constructor(private readonly session: Session) {}

  append(events: readonly AuditEvent[]): Promise<void> {
    return this.session.run(() => {
      this.session.pendingAudit.push(...events);
      return Promise.resolve();
    });
  }

  async list(page: {
    readonly before: number | null;
    readonly limit: number;
  }): Promise<readonly RecordedAuditEvent[]> {
    await this.flush();
    return this.session.run(async (tx) => {
      const rows = await tx.auditEvent.findMany({
        where: {
          organizationId: this.session.organizationId,
          ...(page.before === null ? {} : { sequence: { lt: page.before } }),
        },
        orderBy: { sequence: 'desc' },
        take: page.limit,
      });
      return rows.map(fromRow);
    });
  }

  /** Takes the next numbers of the organization, under the lock of its head row, and writes what was appended. */
  async flush(): Promise<void> {
    const events = this.session.pendingAudit.splice(0);
    if (events.length === 0) return;
    await this.session.run(
      (tx) => tx.$executeRaw`
        WITH head AS (
          INSERT INTO audit_head AS known (organization_id, sequence)
          VALUES (${this.session.organizationId}::uuid, ${events.length})
          ON CONFLICT (organization_id) DO UPDATE SET sequence = known.sequence + excluded.sequence
          RETURNING sequence - ${events.length} AS before
        )
        INSERT INTO audit_event
          (organization_id, sequence, at, actor, action, subject_kind, subject_id, customer_id, details)
        SELECT e.organization_id, head.before + e.place, e.at, e.actor, e.action,
               e.subject_kind, e.subject_id, e.customer_id, e.details
          FROM head, ROWS FROM (
            jsonb_to_recordset(${JSON.stringify(events.map(toRow))}::jsonb) AS (
              organization_id uuid, at timestamptz, actor jsonb, action text,
              subject_kind text, subject_id text, customer_id uuid, details jsonb)
          ) WITH ORDINALITY AS e(
            organization_id, at, actor, action, subject_kind, subject_id, customer_id, details, place)`,
    );
  }
}

const toRow = (event: AuditEvent) => ({
  organization_id: event.organizationId,
  at: isoOf(event.at),
  actor:
    event.actor.kind === 'technician'
      ? { kind: event.actor.kind, id: event.actor.id, tokenId: event.actor.tokenId }
      : { kind: event.actor.kind },
  action: event.action,
  subject_kind: event.subject.kind,
  subject_id: event.subject.id,
  customer_id: event.customerId,
  details: event.details,
});

const technician = shape<Omit<AuditActor & { readonly kind: 'technician' }, 'kind'>>({
  id: text,
  tokenId: orNull(text),
});

/** Who did it, as written in a row. */
export const auditActor: Reader<AuditActor> = (value, place) => {
  const { kind } = shape<{ kind: string }>({ kind: text })(value, place);
  if (kind === 'console' || kind === 'curfew') return { kind };
  if (kind === 'technician') return { kind, ...technician(value, place) };
  throw new UnreadableRowError(`${place}.kind`, 'technician, console or curfew');
};

/** Action and details are shown, never acted upon: an action of a newer version stays readable. */
const fromRow = (row: AuditEventModel): RecordedAuditEvent => ({
  organizationId: idOf(row.organizationId),
  id: row.id,
  sequence: Number(row.sequence),
  at: instantOf(row.at),
  actor: auditActor(row.actor, 'audit_event.actor'),
  action: row.action as AuditAction,
  subject: { kind: row.subjectKind, id: row.subjectId },
  customerId: row.customerId === null ? null : idOf(row.customerId),
  details: row.details as AuditEvent['details'],
});

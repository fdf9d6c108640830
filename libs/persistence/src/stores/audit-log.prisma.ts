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
      // Whoever reads what he wrote himself has it numbered now.
      await tx.$executeRaw`SET CONSTRAINTS audit_note_is_numbered IMMEDIATE`;
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

  /** Leaves a note of what was appended: PostgreSQL itself numbers it when the transaction commits. */
  async flush(): Promise<void> {
    const events = this.session.pendingAudit.splice(0);
    if (events.length === 0) return;
    const { organizationId } = this.session;
    if (events.some((event) => event.organizationId !== organizationId)) {
      throw new Error('An audit event of another organization.');
    }
    await this.session.run(
      (tx) => tx.$executeRaw`
        INSERT INTO audit_note (organization_id, events)
        VALUES (${organizationId}::uuid, ${JSON.stringify(events.map(toRow))}::jsonb)`,
    );
    this.session.hasLogged = true;
  }
}

const toRow = (event: AuditEvent) => ({
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

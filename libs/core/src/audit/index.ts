export {
  CURFEW,
  type AuditAction,
  type AuditActor,
  type AuditEvent,
  type AuditLog,
  type AuditStores,
  type RecordedAuditEvent,
} from './audit-event.js';

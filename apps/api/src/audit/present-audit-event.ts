import type { AuditEventOut } from '#contracts';
import type { AuditActor, RecordedAuditEvent } from '#core/audit';
import { iso } from '../wire.js';

/** As long as the contract lets a fact be. */
const LONGEST_TEXT = 2_000;

export const presentAuditEvent = (event: RecordedAuditEvent): AuditEventOut => ({
  id: event.id,
  sequence: event.sequence,
  at: iso(event.at),
  actor: presentActor(event.actor),
  action: event.action,
  subject: { kind: event.subject.kind, id: event.subject.id },
  customerId: event.customerId,
  details: Object.fromEntries(Object.entries(event.details).map(([key, fact]) => [key, presentFact(fact)])),
});

/** Who did something, as the API names them. */
export const presentActor = (actor: AuditActor): AuditEventOut['actor'] => {
  switch (actor.kind) {
    case 'technician':
      return { kind: 'technician', id: actor.id, tokenId: actor.tokenId };
    case 'console':
      return { kind: 'console' };
    case 'curfew':
      return { kind: 'curfew' };
  }
};

const presentFact = (fact: RecordedAuditEvent['details'][string]): AuditEventOut['details'][string] => {
  if (typeof fact === 'string') return fact.slice(0, LONGEST_TEXT);
  return typeof fact === 'object' && fact !== null ? [...fact] : fact;
};

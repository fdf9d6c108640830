import { identityErrors, may, type Actor, type Permission, type Subject } from '#core/identity';
import type { DomainError, TechnicianId } from '#core/shared';

/** What somebody wants to do to a thing, and what it takes to know of the thing at all. */
export interface Wish {
  readonly permission: Permission;
  readonly read: Permission;
  /** What is said to those who may not know of it. */
  readonly notFound: DomainError;
}

/** Throws unless the actor may. What the actor may not even see is not there. */
export const requireMay = (actor: Actor, wish: Wish, subject: Subject): void => {
  if (may(actor, wish.permission, subject).allowed) return;
  if (!may(actor, wish.read, subject).allowed) throw wish.notFound;
  throw identityErrors.refuse('permission.missing', { permission: wish.permission });
};

/** The actor as the audit log names it. */
export const auditActor = ({ technicianId, tokenId }: Actor) =>
  ({ kind: 'technician', id: technicianId, tokenId }) as const;

/** As whom somebody ends a grant: its own technician, or one who may end everybody's. */
export const endReason = (actor: Actor, owner: TechnicianId): 'ended_by_technician' | 'ended_by_admin' =>
  actor.technicianId === owner ? 'ended_by_technician' : 'ended_by_admin';

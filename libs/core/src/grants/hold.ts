import type { AuditActor } from '#core/audit';
import type { CustomerId, HoldId, Instant, OrganizationId, TechnicianId } from '#core/shared';
import type { Bar, Grant } from './grant.js';

/** Whom a kill switch stops: one person everywhere, one customer, or everybody of the organization. */
export type HoldScope =
  | { readonly kind: 'technician'; readonly technicianId: TechnicianId }
  | { readonly kind: 'customer'; readonly customerId: CustomerId }
  | { readonly kind: 'organization' };

/**
 * What a kill switch leaves behind. Every grant that there was when it was placed is over for good, also when it is lifted a
 * moment later; until it is lifted no new one is given.
 */
export interface Hold {
  readonly id: HoldId;
  readonly organizationId: OrganizationId;
  readonly scope: HoldScope;
  readonly reason: string;
  readonly placedAt: Instant;
  readonly placedBy: AuditActor;
  readonly liftedAt: Instant | null;
  readonly liftedBy: AuditActor | null;
}

/** Whether it concerns what this technician, or Curfew by itself (null), does at this customer. */
export const concerns = (
  { scope }: Pick<Hold, 'scope'>,
  of: { readonly technicianId: TechnicianId | null; readonly customerId: CustomerId },
): boolean => {
  switch (scope.kind) {
    case 'technician':
      return scope.technicianId === of.technicianId;
    case 'customer':
      return scope.customerId === of.customerId;
    case 'organization':
      return true;
  }
};

/** Whether both stop the same people at the same customers. */
export const isSameScope = (one: HoldScope, other: HoldScope): boolean => {
  if (one.kind === 'technician') return other.kind === one.kind && other.technicianId === one.technicianId;
  if (one.kind === 'customer') return other.kind === one.kind && other.customerId === one.customerId;
  return other.kind === 'organization';
};

/** Whether it forbids this grant to give anything. */
export const kills = (hold: Hold, grant: Pick<Grant, 'technicianId' | 'customerId' | 'createdAt'>): boolean =>
  concerns(hold, grant) && (hold.liftedAt === null || hold.placedAt >= grant.createdAt);

/** What the rows around a grant say at one moment. */
export interface GrantSurroundings {
  readonly isKilled: boolean;
  /** The technician is in one of the policy's groups, or the policy names none. */
  readonly isEntitled: boolean;
  readonly technician: 'active' | 'suspended' | 'left';
  readonly customer: 'active' | 'removing' | 'removed';
  /** Null: there is no connection. */
  readonly connection: 'active' | 'removing' | null;
}

/** What forbids the grant; the gravest first. */
export const barOf = (around: GrantSurroundings): Bar | null => {
  if (around.isKilled) return 'killed';
  if (around.technician === 'left') return 'technician_left';
  if (around.technician === 'suspended') return 'technician_suspended';
  if (!around.isEntitled) return 'not_entitled';
  if (around.customer !== 'active') return 'customer_removed';
  return around.connection === 'removing' ? 'connection_removed' : null;
};

import type { Grant, HoldScope } from '#core/grants';
import type { AccountId, GrantId, Instant, TechnicianId } from '#core/shared';

/** One right that somebody was promised: when it runs, as the accepted commands said. */
export interface Right {
  readonly grantId: GrantId;
  readonly accountId: AccountId;
  readonly technicianId: TechnicianId;
  readonly customerId: string;
  readonly roles: readonly string[];
  readonly groups: readonly string[];
  readonly startsAt: Instant;
  readonly acceptedAt: Instant;
  expiresAt: Instant;
  /** Ended before its time by a command that was accepted then. */
  over: Instant | null;
  /** When a command last changed it. */
  changedAt: Instant;
}

export const endOf = ({ expiresAt, over }: Right): Instant => Math.min(expiresAt, over ?? Infinity);

/**
 * Which rights run, told by nothing but what the commands answered: what the whole of Curfew is held against. It knows of no
 * account's state, no claim and no clockwork.
 */
export class Promises {
  readonly rights = new Map<GrantId, Right>();

  accept(grant: Grant, at: Instant): void {
    if (this.rights.has(grant.id)) return;
    this.rights.set(grant.id, {
      grantId: grant.id,
      accountId: grant.accountId,
      technicianId: grant.technicianId,
      customerId: grant.customerId,
      roles: [...grant.approved.roles],
      groups: [...grant.approved.groups],
      startsAt: grant.startsAt,
      acceptedAt: at,
      expiresAt: grant.expiresAt,
      over: null,
      changedAt: at,
    });
  }

  extend(grantId: GrantId, expiresAt: Instant, at: Instant): void {
    const right = this.rights.get(grantId);
    if (right === undefined) return;
    right.expiresAt = expiresAt;
    right.changedAt = at;
  }

  end(grantId: GrantId, at: Instant): void {
    this.endWhere((right) => right.grantId === grantId, at);
  }

  kill(scope: HoldScope, at: Instant): void {
    this.endWhere((right) => {
      if (scope.kind === 'technician') return right.technicianId === scope.technicianId;
      return scope.kind === 'organization' || right.customerId === scope.customerId;
    }, at);
  }

  suspend(technicianId: TechnicianId, at: Instant): void {
    this.endWhere((right) => right.technicianId === technicianId, at);
  }

  /** Those of an account that run then, or did so within so long before. */
  running(accountId: AccountId, at: Instant, withinMs = 0): readonly Right[] {
    return [...this.rights.values()].filter(
      (right) => right.accountId === accountId && right.startsAt <= at && at - withinMs < endOf(right),
    );
  }

  /** When the last of them is over. */
  lastEnd(): Instant {
    return Math.max(0, ...[...this.rights.values()].map(endOf));
  }

  private endWhere(isMeant: (right: Right) => boolean, at: Instant): void {
    for (const right of this.rights.values())
      if (isMeant(right) && at < endOf(right)) {
        right.over = at;
        right.changedAt = at;
      }
  }
}

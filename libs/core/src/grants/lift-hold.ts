import type { AuditActor, AuditStores } from '#core/audit';
import type { Clock, HoldId, OrganizationId, UnitOfWork } from '#core/shared';
import type { GrantStores } from './grant-store.js';
import { holdErrors } from './hold.errors.js';
import type { Hold } from './hold.js';

export interface LiftHoldCommand {
  readonly organizationId: OrganizationId;
  readonly holdId: HoldId;
  readonly actor: AuditActor;
}

/** Lets access be asked for again. It gives nothing back: what there was when the hold was placed is over for good. */
export class LiftHold {
  constructor(
    private readonly ports: {
      readonly unitOfWork: UnitOfWork<AuditStores & GrantStores>;
      readonly clock: Clock;
    },
  ) {}

  /** Throws `hold.not_found`, `hold.already_lifted`. */
  async execute({ organizationId, holdId, actor }: LiftHoldCommand): Promise<Hold> {
    const { clock, unitOfWork } = this.ports;
    return unitOfWork.inOrganization(organizationId, async ({ holds, audit }) => {
      // Whoever pulls again at this moment is told either that it stands, or gets a hold of their own.
      await holds.excludeGiving();
      const at = clock.now();
      const hold = await holds.get(holdId);
      if (hold === null) throw holdErrors.refuse('hold.not_found');
      if (!(await holds.lift(holdId, { at, actor }))) throw holdErrors.refuse('hold.already_lifted');
      await audit.append([
        {
          organizationId,
          at,
          actor,
          action: 'hold.lifted',
          subject: { kind: 'hold', id: holdId },
          customerId: hold.scope.kind === 'customer' ? hold.scope.customerId : null,
          details: { scope: hold.scope.kind, placedAt: new Date(hold.placedAt).toISOString() },
        },
      ]);
      return { ...hold, liftedAt: at, liftedBy: actor };
    });
  }
}

import type { AuditActor } from '#core/audit';
import type { ConvergenceStores } from '#core/convergence';
import type { Clock, CustomerId, OrganizationId, UnitOfWork } from '#core/shared';
import { closeRestoration } from '#core/convergence';

export interface AcceptRestoredCommand {
  readonly organizationId: OrganizationId;
  readonly customerId: CustomerId;
  readonly actor: AuditActor;
}

/** A person answers for a customer whose tenant can't be compared: the restoration no longer waits for it. */
export class AcceptRestored {
  constructor(
    private readonly ports: {
      readonly unitOfWork: Pick<UnitOfWork<ConvergenceStores>, 'inOrganization'>;
      readonly clock: Clock;
    },
  ) {}

  /** False: nothing waits for this customer. */
  execute({ organizationId, customerId, actor }: AcceptRestoredCommand): Promise<boolean> {
    return this.ports.unitOfWork.inOrganization(organizationId, async (stores) => {
      const since = await stores.holds.restoringSince();
      if (since === null) return false;
      const how = { actor, compared: false, at: this.ports.clock.now() };
      return closeRestoration(stores, { organizationId, customerId, since }, how);
    });
  }
}

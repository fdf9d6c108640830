import type { AuditActor, AuditStores } from '#core/audit';
import type { Clock, OrganizationId, UnitOfWork } from '#core/shared';
import type { TenancyStores } from '#core/tenancy';

/** After how many days without a grant a parked account is deleted from Entra; 0: never. */
export class SetUnusedAccountDays {
  constructor(
    private readonly ports: {
      readonly unitOfWork: UnitOfWork<AuditStores & TenancyStores>;
      readonly clock: Clock;
    },
  ) {}

  execute(command: {
    readonly organizationId: OrganizationId;
    /** Whole, 0 to 3650. */
    readonly days: number;
    readonly actor: AuditActor;
  }): Promise<void> {
    const { organizationId, days, actor } = command;
    return this.ports.unitOfWork.inOrganization(organizationId, async ({ organizations, audit }) => {
      await organizations.setUnusedAccountDays(days);
      await audit.append([
        {
          organizationId,
          at: this.ports.clock.now(),
          actor,
          action: 'organization.changed',
          subject: { kind: 'organization', id: organizationId },
          customerId: null,
          details: { unusedAccountDays: days },
        },
      ]);
    });
  }
}

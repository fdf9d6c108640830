import type { AccountStores } from '#core/accounts';
import type { AuditActor, AuditStores } from '#core/audit';
import { aboveCeiling, type GrantStores } from '#core/grants';
import type { Clock, CustomerId, JobQueue, OrganizationId, RoleId, UnitOfWork } from '#core/shared';
import type { RoleCeiling, TenancyStores } from '#core/tenancy';
import { accessErrors } from './access.errors.js';
import { policiesAbove } from './policies-above.js';
import type { AccessStores } from './stores.js';

export interface ChangeRoleCeilingCommand {
  readonly organizationId: OrganizationId;
  /** The version that was read: a change of something else is refused. */
  readonly version: number;
  /** Null: every role may be given. */
  readonly roles: readonly RoleId[] | null;
  readonly actor: AuditActor;
}

type ChangeCeilingStores = AccessStores & AccountStores & AuditStores & GrantStores & TenancyStores;

/**
 * Says which directory roles may be given at most in an organization. Roles above it are taken from running grants at once, and
 * the policies that name them give only the rest: nobody has to find and change these first. It waits for whoever is being
 * given something at the same moment.
 */
export class ChangeRoleCeiling {
  constructor(
    private readonly ports: {
      readonly unitOfWork: UnitOfWork<ChangeCeilingStores>;
      readonly queue: JobQueue;
      readonly clock: Clock;
    },
  ) {}

  /** Throws `role_ceiling.changed_meanwhile`. */
  async execute(command: ChangeRoleCeilingCommand): Promise<RoleCeiling> {
    const { organizationId } = command;
    const { unitOfWork, queue } = this.ports;
    const { saved, customers } = await unitOfWork.inOrganization(organizationId, (stores) =>
      this.change(stores, command),
    );
    for (const customerId of customers) {
      await queue.ring({ name: 'customer.converge', organizationId, customerId });
    }
    return saved;
  }

  private async change(
    stores: ChangeCeilingStores,
    { organizationId, version, actor, ...wanted }: ChangeRoleCeilingCommand,
  ): Promise<{ readonly saved: RoleCeiling; readonly customers: ReadonlySet<CustomerId> }> {
    await stores.holds.excludeGiving();
    const known = await stores.organizations.roleCeiling();
    const roles = wanted.roles === null ? null : [...new Set(wanted.roles)];
    if (known.version !== version || !(await stores.organizations.saveRoleCeiling({ roles, version })))
      throw accessErrors.refuse('role_ceiling.changed_meanwhile', { version: known.version });
    const saved = { roles, version: version + 1 };
    const customers = await this.take(stores, saved);
    await stores.audit.append([
      {
        organizationId,
        at: this.ports.clock.now(),
        actor,
        action: 'role_ceiling.changed',
        subject: { kind: 'organization', id: organizationId },
        customerId: null,
        details: {
          roles,
          noLonger: known.roles === null ? null : aboveCeiling(known.roles, roles),
          version: saved.version,
        },
      },
    ]);
    return { saved, customers };
  }

  /** Has every account looked at now that stands on a policy with a role above it. Answers with their customers. */
  private async take(stores: ChangeCeilingStores, ceiling: RoleCeiling): Promise<ReadonlySet<CustomerId>> {
    const customers = new Set<CustomerId>();
    for await (const { id } of policiesAbove(stores, ceiling)) {
      const concerned = await stores.accounts.endAll(
        { kind: 'policy', policyId: id },
        this.ports.clock.now(),
      );
      for (const { customerId } of concerned) customers.add(customerId);
    }
    return customers;
  }
}

import { isUsableUsername } from '#core/tenancy';
import type { AuditActor, AuditStores } from '#core/audit';
import { idOf, type Clock, type Ids, type OrganizationId, type UnitOfWork } from '#core/shared';
import { identityErrors } from './identity.errors.js';
import type { IdentityStores } from './stores.js';
import type { Technician, TechnicianRole } from './technician.js';

export interface CreateTechnicianCommand {
  readonly organizationId: OrganizationId;
  readonly username: string;
  readonly displayName: string;
  readonly role: TechnicianRole;
  readonly actor: AuditActor;
}

/** Adds a person to the organization. The username becomes part of the names of the person's admin accounts. */
export class CreateTechnician {
  constructor(
    private readonly ports: {
      readonly unitOfWork: UnitOfWork<IdentityStores & AuditStores>;
      readonly clock: Clock;
      readonly ids: Ids;
    },
  ) {}

  /** Throws `technician.username_invalid`, `technician.exists`, `organization.not_found`. */
  async execute(command: CreateTechnicianCommand): Promise<Technician> {
    const { organizationId, displayName, role, actor } = command;
    const username = command.username.toLowerCase();
    if (!isUsableUsername(username)) throw identityErrors.refuse('technician.username_invalid');
    const technician: Technician = {
      id: idOf(this.ports.ids.uuid()),
      organizationId,
      username,
      displayName,
      role,
      state: 'active',
      createdAt: this.ports.clock.now(),
    };
    await this.ports.unitOfWork.inOrganization(organizationId, async (stores) => {
      await stores.technicians.insert(technician);
      await stores.audit.append([
        {
          organizationId,
          at: technician.createdAt,
          actor,
          action: 'technician.created',
          subject: { kind: 'technician', id: technician.id },
          customerId: null,
          details: { username, displayName, role },
        },
      ]);
    });
    return technician;
  }
}

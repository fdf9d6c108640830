import type { AuditActor, AuditStores } from '#core/audit';
import {
  idOf,
  type Clock,
  type IdempotencyStores,
  type Ids,
  type OrganizationId,
  type TechnicianGroupId,
  type UnitOfWork,
} from '#core/shared';
import { beginCreate, type CallersKey } from '#core/tenancy';
import type { IdentityStores } from './stores.js';
import type { TechnicianGroup } from './technician.js';

export interface CreateTechnicianGroupCommand {
  readonly organizationId: OrganizationId;
  readonly name: string;
  readonly actor: AuditActor;
  readonly idempotency: CallersKey | null;
}

/** Makes a new group, with nobody in it. Repeated under the same key it answers the same one. */
export class CreateTechnicianGroup {
  constructor(
    private readonly ports: {
      readonly unitOfWork: UnitOfWork<IdentityStores & AuditStores & IdempotencyStores>;
      readonly clock: Clock;
      readonly ids: Ids;
    },
  ) {}

  /** Throws `technician_group.exists`, `idempotency.key_reused`. */
  async execute(command: CreateTechnicianGroupCommand): Promise<TechnicianGroup> {
    const { organizationId, name, actor } = command;
    const newId = this.ports.ids.uuid();
    return this.ports.unitOfWork.inOrganization(organizationId, async (stores) => {
      const create = { operation: 'technician_group.create', resourceId: newId };
      const { first, resourceId } = await beginCreate(stores, command.idempotency, create);
      const id: TechnicianGroupId = idOf(resourceId);
      const known = first ? null : await stores.groups.get(id);
      if (known !== null) return known;
      const createdAt = this.ports.clock.now();
      const group: TechnicianGroup = { id, organizationId, name, state: 'active', createdAt };
      await stores.groups.insert(group);
      await stores.audit.append([
        {
          organizationId,
          at: createdAt,
          actor,
          action: 'technician_group.created',
          subject: { kind: 'technician_group', id },
          customerId: null,
          details: { name },
        },
      ]);
      return group;
    });
  }
}

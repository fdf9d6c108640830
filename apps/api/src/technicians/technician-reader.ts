import { Inject, Injectable } from '@nestjs/common';
import { PORTS, type Ports } from '#composition';
import {
  identityErrors,
  type Actor,
  type Permission,
  type Technician,
  type TechnicianGroup,
} from '#core/identity';
import { idOf, type TechnicianGroupId, type TechnicianId } from '#core/shared';
import { requireMay } from '../http/authorise.js';

interface Page {
  readonly cursor?: string | undefined;
  readonly limit: number;
}

/** People and groups of the actor's organization. */
@Injectable()
export class TechnicianReader {
  constructor(@Inject(PORTS) private readonly ports: Ports) {}

  /** One that the actor may do this to. Throws `technician.not_found`, `permission.missing`. */
  one(actor: Actor, id: string, permission: Permission = 'technician:read'): Promise<Technician> {
    return this.ports.unitOfWork.inOrganization(actor.organizationId, async ({ technicians }) => {
      const notFound = identityErrors.refuse('technician.not_found');
      const technician = await technicians.get(idOf(id));
      if (technician === null) throw notFound;
      requireMay(actor, { permission, read: 'technician:read', notFound }, technician);
      return technician;
    });
  }

  page(actor: Actor, { cursor, limit }: Page): Promise<readonly Technician[]> {
    const after: TechnicianId | null = cursor === undefined ? null : idOf(cursor);
    return this.ports.unitOfWork.inOrganization(actor.organizationId, ({ technicians }) =>
      technicians.list({ after, limit }),
    );
  }

  groupsOf({ id, organizationId }: Technician): Promise<readonly TechnicianGroupId[]> {
    return this.ports.unitOfWork.inOrganization(organizationId, ({ groups }) => groups.ofTechnician(id));
  }

  /** Throws `technician_group.not_found`, `permission.missing`. */
  group(
    actor: Actor,
    id: string,
    permission: Permission = 'technician-group:read',
  ): Promise<TechnicianGroup> {
    return this.ports.unitOfWork.inOrganization(actor.organizationId, async ({ groups }) => {
      const notFound = identityErrors.refuse('technician_group.not_found');
      const group = await groups.get(idOf(id));
      if (group === null) throw notFound;
      requireMay(actor, { permission, read: 'technician-group:read', notFound }, group);
      return group;
    });
  }

  groups(actor: Actor, { cursor, limit }: Page): Promise<readonly TechnicianGroup[]> {
    const after: TechnicianGroupId | null = cursor === undefined ? null : idOf(cursor);
    return this.ports.unitOfWork.inOrganization(actor.organizationId, ({ groups }) =>
      groups.list({ after, limit }),
    );
  }

  membersOf({ id, organizationId }: TechnicianGroup): Promise<readonly TechnicianId[]> {
    return this.ports.unitOfWork.inOrganization(organizationId, ({ groups }) => groups.members(id));
  }
}

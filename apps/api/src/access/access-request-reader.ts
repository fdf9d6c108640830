import { Inject, Injectable } from '@nestjs/common';
import { PORTS, type Ports } from '#composition';
import { accessErrors, type AccessRequest } from '#core/access';
import { seesAll, type Actor, type Permission } from '#core/identity';
import { idOf } from '#core/shared';
import { requireMay } from '../http/authorise.js';

/** Access requests as far as the actor may see them. */
@Injectable()
export class AccessRequestReader {
  constructor(@Inject(PORTS) private readonly ports: Ports) {}

  /** One that the actor may do this to. Throws `access_request.not_found`, `permission.missing`. */
  one(actor: Actor, id: string, permission: Permission = 'access-request:read'): Promise<AccessRequest> {
    return this.ports.unitOfWork.inOrganization(actor.organizationId, async ({ requests }) => {
      const notFound = accessErrors.refuse('access_request.not_found');
      const request = await requests.get(idOf(id));
      if (request === null) throw notFound;
      const subject = { organizationId: request.organizationId, ownerId: request.technicianId };
      requireMay(actor, { permission, read: 'access-request:read', notFound }, subject);
      return request;
    });
  }

  page(
    actor: Actor,
    query: {
      readonly technicianId?: string | undefined;
      readonly cursor?: string | undefined;
      readonly limit: number;
    },
  ): Promise<readonly AccessRequest[]> {
    const { technicianId, cursor, limit } = query;
    const owner = seesAll(actor.role, 'access-request:read') ? technicianId : actor.technicianId;
    // Somebody else's, asked for by one who sees only their own: there is nothing to see.
    if (technicianId !== undefined && technicianId !== owner) return Promise.resolve([]);
    return this.ports.unitOfWork.inOrganization(actor.organizationId, ({ requests }) =>
      requests.list({
        ...(owner === undefined ? {} : { technicianId: idOf(owner) }),
        after: cursor === undefined ? null : idOf(cursor),
        limit,
      }),
    );
  }
}

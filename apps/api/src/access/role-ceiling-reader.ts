import { Inject, Injectable } from '@nestjs/common';
import { PORTS, type Ports } from '#composition';
import type { RoleCeilingOut } from '#contracts';
import { policiesAbove, type AccessPolicy } from '#core/access';
import { aboveCeiling } from '#core/grants';
import type { Actor } from '#core/identity';

const MOST_POLICIES = 100;

/** The ceiling of the actor's organization, and what stands above it. */
@Injectable()
export class RoleCeilingReader {
  constructor(@Inject(PORTS) private readonly ports: Ports) {}

  read({ organizationId }: Actor): Promise<RoleCeilingOut> {
    return this.ports.unitOfWork.inOrganization(organizationId, async (stores) => {
      const { roles, version } = await stores.organizations.roleCeiling();
      const above: RoleCeilingOut['policiesAbove'] = [];
      const present = ({ id, customerId, name, gives }: AccessPolicy) => ({
        id,
        customerId,
        name,
        withheldRoles: [...aboveCeiling(gives.roles, roles)],
      });
      for await (const policy of policiesAbove(stores, { roles })) {
        above.push(present(policy));
        if (above.length === MOST_POLICIES) break;
      }
      return { roles: roles === null ? null : [...roles], version, policiesAbove: above };
    });
  }
}

import { Inject, Injectable } from '@nestjs/common';
import { PORTS, type Ports } from '#composition';
import {
  accessErrors,
  effectivePolicies,
  PreviewAccessPolicy,
  type AccessPolicy,
  type AccessStores,
  type PolicyPreview,
} from '#core/access';
import { aboveCeiling } from '#core/grants';
import type { Actor, Permission } from '#core/identity';
import { idOf, type CustomerId } from '#core/shared';
import type { SeenPolicy } from './present-access-policy.js';
import { requireMay } from '../http/authorise.js';

/** Access policies of the actor's organization. */
@Injectable()
export class AccessPolicyReader {
  constructor(
    @Inject(PORTS) private readonly ports: Ports,
    private readonly previews: PreviewAccessPolicy,
  ) {}

  /** What a policy reaches as it is. */
  preview({ organizationId, id: policyId }: AccessPolicy): Promise<PolicyPreview> {
    const asItIs = { customerId: null, terms: null, state: null };
    return this.previews.execute({ organizationId, policyId, ...asItIs });
  }

  /** One that the actor may do this to. Throws `access_policy.not_found`, `permission.missing`. */
  one(actor: Actor, id: string, permission: Permission = 'access-policy:read'): Promise<AccessPolicy> {
    return this.ports.unitOfWork.inOrganization(actor.organizationId, async ({ policies }) => {
      const notFound = accessErrors.refuse('access_policy.not_found');
      const policy = await policies.get(idOf(id));
      if (policy === null) throw notFound;
      requireMay(actor, { permission, read: 'access-policy:read', notFound }, policy);
      return policy;
    });
  }

  page(
    actor: Actor,
    query: {
      readonly customerId?: string | undefined;
      readonly cursor?: string | undefined;
      readonly limit: number;
    },
  ): Promise<readonly AccessPolicy[]> {
    const { customerId, cursor, limit } = query;
    return this.ports.unitOfWork.inOrganization(actor.organizationId, ({ policies }) =>
      policies.list({
        customerId: customerId === undefined ? null : idOf(customerId),
        after: cursor === undefined ? null : idOf(cursor),
        limit,
      }),
    );
  }

  /** These policies, each with whether the actor is one of those whom it is for; for a customer, as they count there. */
  async seen(
    actor: Actor,
    policies: readonly AccessPolicy[],
    customerId?: string,
  ): Promise<readonly SeenPolicy[]> {
    const [own, { roles: ceiling }, overridden] = await this.ports.unitOfWork.inOrganization(
      actor.organizationId,
      async (stores) => [
        await stores.groups.ofTechnician(actor.technicianId),
        await stores.organizations.roleCeiling(),
        customerId === undefined ? null : await overriddenAt(stores, policies, idOf(customerId)),
      ],
    );
    return policies.map((policy) => {
      const { technicianGroups } = policy;
      const overriddenBy = overridden?.get(policy.id) ?? null;
      const isFor = technicianGroups.length === 0 || technicianGroups.some((id) => own.includes(id));
      return {
        policy,
        withheld: aboveCeiling(policy.gives.roles, ceiling),
        overriddenBy,
        usable: isFor && overriddenBy === null,
      };
    });
  }
}

const overriddenAt = async (
  stores: AccessStores,
  policies: readonly AccessPolicy[],
  customerId: CustomerId,
) => {
  const forAll = policies.filter((policy) => policy.customerId === null);
  const own = await stores.policies.inUseAt(customerId);
  return effectivePolicies([...forAll, ...own], customerId).overridden;
};

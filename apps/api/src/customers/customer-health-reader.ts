import { Inject, Injectable } from '@nestjs/common';
import { PORTS, type Ports } from '#composition';
import { accessErrors } from '#core/access';
import type { Actor } from '#core/identity';
import { idOf, type CustomerId } from '#core/shared';
import { healthOf, type CustomerHealth } from '#core/validating';
import { requireMay } from '../http/authorise.js';

/** How customers of the actor's organization are. */
@Injectable()
export class CustomerHealthReader {
  constructor(@Inject(PORTS) private readonly ports: Ports) {}

  /** Throws `customer.not_found`, `permission.missing`. */
  one(actor: Actor, id: string): Promise<CustomerHealth> {
    const now = this.ports.clock.now();
    return this.ports.unitOfWork.inOrganization(actor.organizationId, async ({ customerFacts }) => {
      const notFound = accessErrors.refuse('customer.not_found');
      const facts = await customerFacts.of(idOf(id), now);
      if (facts === null) throw notFound;
      const rule = { permission: 'entra-connection:read', read: 'customer:read', notFound } as const;
      requireMay(actor, rule, facts.customer);
      return healthOf(facts, now);
    });
  }

  page(
    actor: Actor,
    { cursor, limit }: { readonly cursor?: string | undefined; readonly limit: number },
  ): Promise<readonly CustomerHealth[]> {
    const now = this.ports.clock.now();
    const after: CustomerId | null = cursor === undefined ? null : idOf(cursor);
    return this.ports.unitOfWork.inOrganization(actor.organizationId, async ({ customerFacts }) =>
      (await customerFacts.list({ after, limit }, now)).map((facts) => healthOf(facts, now)),
    );
  }
}

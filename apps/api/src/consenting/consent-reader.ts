import { Inject, Injectable } from '@nestjs/common';
import { PORTS, type Ports } from '#composition';
import { consentingErrors } from '#core/consenting';
import type { Actor } from '#core/identity';
import type { Consent } from '#core/tenancy';
import { CustomerReader } from '../customers/customer-reader.js';

/** How far customers' consents have come. */
@Injectable()
export class ConsentReader {
  constructor(
    @Inject(PORTS) private readonly ports: Ports,
    private readonly customers: CustomerReader,
  ) {}

  /** Throws `customer.not_found`, `consent.not_found`, `permission.missing`. */
  async read(actor: Actor, customerId: string): Promise<Consent> {
    const { id } = await this.customers.one(actor, customerId, 'entra-connection:read');
    const consent = await this.ports.unitOfWork.inOrganization(actor.organizationId, ({ consents }) =>
      consents.ofCustomer(id),
    );
    if (consent === null) throw consentingErrors.refuse('consent.not_found');
    return consent;
  }

  get now(): number {
    return this.ports.clock.now();
  }

  /** With whom it is done, where the actor may. Throws `customer.not_found`, `permission.missing`. */
  async customer(actor: Actor, customerId: string) {
    const { id } = await this.customers.one(actor, customerId, 'entra-connection:write');
    return { organizationId: actor.organizationId, customerId: id };
  }
}

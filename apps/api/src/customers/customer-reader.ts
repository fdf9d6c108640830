import { Inject, Injectable } from '@nestjs/common';
import { PORTS, type Ports } from '#composition';
import { accessErrors, pendingOf } from '#core/access';
import type { Actor, Permission } from '#core/identity';
import { idOf, type CustomerId } from '#core/shared';
import type {
  Customer,
  EntraConnection,
  PendingCertificate,
  RevokerCredential,
  Validation,
} from '#core/tenancy';
import type { TakeBack } from '#core/validating';
import { requireMay } from '../http/authorise.js';

/** Customers of the actor's organization, and how they are connected. */
@Injectable()
export class CustomerReader {
  constructor(@Inject(PORTS) private readonly ports: Ports) {}

  /** One that the actor may do this to. Throws `customer.not_found`, `permission.missing`. */
  one(actor: Actor, id: string, permission: Permission = 'customer:read'): Promise<Customer> {
    return this.ports.unitOfWork.inOrganization(actor.organizationId, async ({ customers }) => {
      const notFound = accessErrors.refuse('customer.not_found');
      const customer = await customers.get(idOf(id));
      if (customer === null) throw notFound;
      requireMay(actor, { permission, read: 'customer:read', notFound }, customer);
      return customer;
    });
  }

  page(
    actor: Actor,
    { cursor, limit }: { readonly cursor?: string | undefined; readonly limit: number },
  ): Promise<readonly Customer[]> {
    const after: CustomerId | null = cursor === undefined ? null : idOf(cursor);
    return this.ports.unitOfWork.inOrganization(actor.organizationId, ({ customers }) =>
      customers.list({ after, limit }),
    );
  }

  /** Throws `customer.not_found`, `entra_connection.not_found`, `permission.missing`. */
  async connection(actor: Actor, customerId: string): Promise<EntraConnection> {
    const { id } = await this.one(actor, customerId, 'entra-connection:read');
    const connection = await this.ports.unitOfWork.inOrganization(actor.organizationId, ({ connections }) =>
      connections.ofCustomer(id),
    );
    if (connection === null) throw accessErrors.refuse('entra_connection.not_found');
    return connection;
  }

  /** What the last Validate found. Throws `customer.not_found`, `validation.not_found`, `permission.missing`. */
  async validation(actor: Actor, customerId: string): Promise<Validation> {
    const { id } = await this.one(actor, customerId, 'entra-connection:read');
    const known = await this.ports.unitOfWork.inOrganization(actor.organizationId, ({ validations }) =>
      validations.ofCustomer(id),
    );
    if (known === null) throw accessErrors.refuse('validation.not_found');
    return known;
  }

  /** Throws `customer.not_found`, `certificate.pending_not_found`, `permission.missing`. */
  async pendingCertificate(actor: Actor, customerId: string): Promise<PendingCertificate> {
    const { id } = await this.one(actor, customerId, 'entra-connection:read');
    return this.ports.unitOfWork.inOrganization(actor.organizationId, (stores) => pendingOf(stores, id));
  }

  /** What is known of each tier. Throws `customer.not_found`, `customer.not_connected`, `permission.missing`. */
  async takeBack(actor: Actor, customerId: string): Promise<TakeBack> {
    const { id } = await this.one(actor, customerId, 'entra-connection:read');
    const { unitOfWork } = this.ports;
    return unitOfWork.inOrganization(actor.organizationId, async ({ connections, takeBack }) => {
      const connection = await connections.ofCustomer(id);
      if (connection === null) throw accessErrors.refuse('customer.not_connected');
      return { connection, proofs: await takeBack.ofCustomer(id) };
    });
  }

  /** Throws `customer.not_found`, `revoker_credential.not_found`, `permission.missing`. */
  async revokerCredential(actor: Actor, customerId: string): Promise<RevokerCredential> {
    const { id } = await this.one(actor, customerId, 'entra-connection:read');
    const known = await this.ports.unitOfWork.inOrganization(actor.organizationId, ({ connections }) =>
      connections.revokerCredential(id),
    );
    if (known?.state !== 'active') throw accessErrors.refuse('revoker_credential.not_found');
    return known;
  }
}

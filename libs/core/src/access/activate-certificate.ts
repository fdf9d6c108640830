import type { EntraConnection } from '#core/tenancy';
import { accessErrors } from './access.errors.js';
import { certificateErrors } from './certificate.errors.js';
import { ConnectCustomer, type ConnectCustomerPorts } from './connect-customer.js';
import { pendingOf, type PendingCertificateCommand } from './pending-certificate.js';

/**
 * Puts the pending certificate in the place of the credential in use, once a token of the tenant has proven it. Whatever is
 * refused leaves both as they are: the old one in use, the new one pending.
 */
export class ActivateCertificate {
  readonly #connect: ConnectCustomer;

  constructor(private readonly ports: ConnectCustomerPorts) {
    this.#connect = new ConnectCustomer(ports);
  }

  /** Throws `customer.…`, `entra_connection.…`, `certificate.…`, `directory.…`. */
  async execute(command: PendingCertificateCommand): Promise<EntraConnection> {
    const { organizationId, customerId } = command;
    const connection = await this.ports.unitOfWork.inOrganization(organizationId, async (stores) => {
      await pendingOf(stores, customerId);
      return stores.connections.ofCustomer(customerId);
    });
    if (connection === null) throw accessErrors.refuse('entra_connection.not_found');
    if (connection.organizationApp !== undefined) throw certificateErrors.refuse('certificate.not_own_app');
    const { cloud, tenantId, clientId, domain } = connection;
    return this.#connect.execute({
      ...command,
      ...{ cloud, tenantId, clientId, domain },
      credential: { kind: 'pending-certificate' },
      credentialEndsAt: null,
    });
  }
}

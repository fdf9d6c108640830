import { DirectoryError, type AccountStores, type Directory, type TenantInspection } from '#core/accounts';
import type { AuditActor, AuditStores } from '#core/audit';
import type { GrantStores } from '#core/grants';
import {
  idOf,
  SECOND,
  type Clock,
  type ConnectionId,
  type CustomerId,
  type Ids,
  type Instant,
  type JobQueue,
  type OrganizationId,
  type SecretBox,
  type UnitOfWork,
} from '#core/shared';
import { credentialPlace, type Cloud, type EntraConnection, type TenancyStores } from '#core/tenancy';
import { accessErrors } from './access.errors.js';
import type { Certificates } from './certificates.js';
import { readCustomerCredential, type CustomerCredential } from './customer-credential.js';
import { inspectionRefused, judgeInspection } from './judge-inspection.js';
import { connectable, keepConnection } from './keep-connection.js';
import type { KeptCredential } from './offered-credential.js';
import { spendPending } from './pending-certificate.js';

export interface ConnectCustomerCommand {
  readonly organizationId: OrganizationId;
  readonly customerId: CustomerId;
  readonly cloud: Cloud;
  readonly tenantId: string;
  readonly clientId: string;
  readonly credential: CustomerCredential;
  /** When the credential ends, where it can't say so itself; null: not told. */
  readonly credentialEndsAt: Instant | null;
  readonly domain: string;
  readonly actor: AuditActor;
}

type ConnectStores = AccountStores & AuditStores & GrantStores & TenancyStores;

export interface ConnectCustomerPorts {
  readonly unitOfWork: UnitOfWork<ConnectStores>;
  readonly directory: Directory;
  readonly queue: JobQueue;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly box: SecretBox;
  readonly certificates: Certificates;
  readonly federatedOrganization: string | null;
}

/** What was there, what the tenant said, and by what it was asked. */
interface Answered {
  readonly before: EntraConnection | null;
  readonly inspection: TenantInspection;
  readonly credential: KeptCredential;
}

const INSPECTION_MS = 15 * SECOND;

/**
 * Connects a customer to its tenant, or exchanges the credential. The tenant is asked first, and outside of any
 * transaction; when it, or we, refuse, nothing is stored and what was there stays in use.
 */
export class ConnectCustomer {
  constructor(private readonly ports: ConnectCustomerPorts) {}

  /** Throws `customer.not_found`, `certificate.…`, `directory.…`, `entra_connection.…`. */
  async execute(command: ConnectCustomerCommand): Promise<EntraConnection> {
    if ((command.credentialEndsAt ?? Infinity) <= this.ports.clock.now())
      throw accessErrors.refuse('entra_connection.credential_end_past');
    const before = await this.inside(command, (stores) => connectable(stores, command));
    const { credential, pending } = await readCustomerCredential(command.credential, command, this.ports);
    const inspection = await this.inspect(command, credential);
    const refusal = judgeInspection(inspection, command);
    if (refusal !== null) throw refusal;
    const next = this.next(command, { before, inspection, credential });
    await this.inside(command, async (stores) => {
      await keepConnection(stores, { next, before, actor: command.actor, credential });
      if (pending !== null) await spendPending(stores, pending);
    });
    const { organizationId, customerId } = command;
    await this.ports.queue.ring({ name: 'customer.converge', organizationId, customerId });
    return next;
  }

  private inside<T>(
    command: ConnectCustomerCommand,
    work: (stores: ConnectStores) => Promise<T>,
  ): Promise<T> {
    return this.ports.unitOfWork.inOrganization(command.organizationId, work);
  }

  /**
   * Under a connection id that is used nowhere else: the adapter keeps tokens by (connection, version), and a token that
   * an earlier try got must not vouch for the credential of this one.
   */
  private async inspect(
    { cloud, tenantId, clientId }: ConnectCustomerCommand,
    credential: KeptCredential,
  ): Promise<TenantInspection> {
    const connectionId: ConnectionId = idOf(this.ports.ids.uuid());
    try {
      return await this.ports.directory.inspect(
        { connectionId, version: 1, cloud, tenantId, clientId, credential },
        INSPECTION_MS,
      );
    } catch (error) {
      throw error instanceof DirectoryError ? inspectionRefused(error) : error;
    }
  }

  private next(
    command: ConnectCustomerCommand,
    { before, inspection, credential }: Answered,
  ): EntraConnection {
    const { organizationId, customerId, cloud, tenantId, clientId, domain } = command;
    const place = {
      organizationId,
      id: before?.id ?? idOf<'connection'>(this.ports.ids.uuid()),
      version: (before?.version ?? 0) + 1,
    };
    return {
      ...place,
      customerId,
      cloud,
      tenantId: tenantId.toLowerCase(),
      clientId: clientId.toLowerCase(),
      credentialKind: credential.kind,
      sealedCredential: this.ports.box.seal(credential.value, credentialPlace(place)),
      domain: domain.toLowerCase(),
      capabilities: inspection.capabilities,
      timedRolesRefused: {},
      state: 'active',
      checkedAt: this.ports.clock.now(),
      // What the certificate says goes before what people say.
      credentialEndsAt: credential.endsAt ?? inspection.credentialEndsAt ?? command.credentialEndsAt,
    };
  }
}

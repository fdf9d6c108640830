import { accessErrors, connectable, judgeInspection, keepConnection } from '#core/access';
import type { AccountStores, Directory, TenantInspection } from '#core/accounts';
import type { AuditActor, AuditStores } from '#core/audit';
import type { GrantStores } from '#core/grants';
import {
  idOf,
  type Clock,
  type CustomerId,
  type Ids,
  type JobQueue,
  type OrganizationId,
  type SecretBox,
  type UnitOfWork,
} from '#core/shared';
import {
  type Cloud,
  type EntraConnection,
  type TenancyStores,
  type UsableOrganizationApp,
} from '#core/tenancy';
import { consentingErrors } from './consenting.errors.js';
import { inspectByApp } from './inspect-by-app.js';

export interface ConnectByOrganizationAppCommand {
  readonly organizationId: OrganizationId;
  readonly customerId: CustomerId;
  readonly cloud: Cloud;
  /** Named by an admin of the organization: no redirect's word. */
  readonly tenantId: string;
  readonly domain: string;
  readonly actor: AuditActor;
}

type Stores = AccountStores & AuditStores & GrantStores & TenancyStores;

export interface ConnectByOrganizationAppPorts {
  readonly unitOfWork: UnitOfWork<Stores>;
  readonly directory: Directory;
  readonly queue: JobQueue;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly box: SecretBox;
}

/** What was there when the tenant was asked. */
interface Before {
  readonly connection: EntraConnection | null;
  readonly app: UsableOrganizationApp;
}

/**
 * Connects a customer by the organization's app, to which its tenant has consented. The proof is a token that Entra gives the
 * app for that tenant, and what is read with it; when anything is wrong, nothing is stored and what was there stays in use.
 */
export class ConnectByOrganizationApp {
  constructor(private readonly ports: ConnectByOrganizationAppPorts) {}

  /** Throws `customer.…`, `organization_app.not_found`, `directory.…`, `entra_connection.…`. */
  async execute(command: ConnectByOrganizationAppCommand): Promise<EntraConnection> {
    const before = await this.inside(command, (stores) => readBefore(stores, command));
    const inspection = await inspectByApp(this.ports, before.app, command.tenantId);
    const refusal = judgeInspection(inspection, command);
    if (refusal !== null) throw refusal;
    const next = this.next(command, before, inspection);
    await this.inside(command, async (stores) => {
      const now = await readBefore(stores, command);
      if (now.app.version !== before.app.version)
        throw accessErrors.refuse('entra_connection.changed_meanwhile');
      await keepConnection(stores, {
        next,
        before: before.connection,
        actor: command.actor,
        credential: null,
      });
    });
    const { organizationId, customerId } = command;
    await this.ports.queue.ring({ name: 'customer.converge', organizationId, customerId });
    return next;
  }

  private inside<T>(
    { organizationId }: ConnectByOrganizationAppCommand,
    work: (stores: Stores) => Promise<T>,
  ): Promise<T> {
    return this.ports.unitOfWork.inOrganization(organizationId, work);
  }

  private next(
    { organizationId, customerId, cloud, tenantId, domain }: ConnectByOrganizationAppCommand,
    { connection, app }: Before,
    { capabilities }: TenantInspection,
  ): EntraConnection {
    return {
      id: connection?.id ?? idOf(this.ports.ids.uuid()),
      organizationId,
      customerId,
      cloud,
      tenantId: tenantId.toLowerCase(),
      clientId: app.clientId,
      credentialKind: app.credentialKind,
      sealedCredential: app.sealedCredential,
      organizationApp: { id: app.id, version: app.version },
      domain: domain.toLowerCase(),
      capabilities,
      timedRolesRefused: {},
      state: 'active',
      checkedAt: this.ports.clock.now(),
      credentialEndsAt: app.credentialEndsAt,
      version: (connection?.version ?? 0) + 1,
    };
  }
}

const readBefore = async (
  stores: GrantStores & TenancyStores,
  command: ConnectByOrganizationAppCommand,
): Promise<Before> => {
  const connection = await connectable(stores, command);
  const app = await stores.organizationApps.steady(command.cloud);
  if (app === null) throw consentingErrors.refuse('organization_app.not_found');
  await requireFree(stores, command);
  return { connection, app };
};

/** Consent is to the organization's app, not to a customer of it: only one of them may be who has consented. */
export const requireFree = async (
  { connections }: TenancyStores,
  {
    cloud,
    tenantId,
    customerId: own,
  }: Pick<ConnectByOrganizationAppCommand, 'cloud' | 'tenantId' | 'customerId'>,
): Promise<void> => {
  const customers = await connections.customersOfTenant(cloud, tenantId.toLowerCase());
  const customerId = customers.find((id) => id !== own);
  if (customerId !== undefined) throw accessErrors.refuse('entra_connection.tenant_taken', { customerId });
};

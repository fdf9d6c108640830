import { DirectoryError, type AccountStores, type Directory, type TenantInspection } from '#core/accounts';
import type { AuditActor, AuditStores } from '#core/audit';
import type { Grant, GrantState, GrantStores } from '#core/grants';
import {
  idOf,
  SECOND,
  type AccountId,
  type Clock,
  type ConnectionId,
  type CustomerId,
  type GrantId,
  type Ids,
  type Instant,
  type JobQueue,
  type OrganizationId,
  type Secret,
  type SecretBox,
  type UnitOfWork,
} from '#core/shared';
import {
  credentialPlace,
  type Cloud,
  type CredentialKind,
  type EntraConnection,
  type TenancyStores,
} from '#core/tenancy';
import { accessErrors } from './access.errors.js';
import { inspectionRefused, judgeInspection } from './judge-inspection.js';

export interface ConnectCustomerCommand {
  readonly organizationId: OrganizationId;
  readonly customerId: CustomerId;
  readonly cloud: Cloud;
  readonly tenantId: string;
  readonly clientId: string;
  readonly credential: { readonly kind: CredentialKind; readonly value: Secret };
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
}

const INSPECTION_MS = 15 * SECOND;
const PAGE = 200;
const OPEN: readonly GrantState[] = ['scheduled', 'starting', 'active', 'failed', 'ending'];

/**
 * Connects a customer to its tenant, or exchanges the credential. The tenant is asked first, and outside of any
 * transaction; when it, or we, refuse, nothing is stored and what was there stays in use.
 */
export class ConnectCustomer {
  constructor(private readonly ports: ConnectCustomerPorts) {}

  /** Throws `customer.not_found`, `directory.…`, `entra_connection.…`. */
  async execute(command: ConnectCustomerCommand): Promise<EntraConnection> {
    if ((command.credentialEndsAt ?? Infinity) <= this.ports.clock.now())
      throw accessErrors.refuse('entra_connection.credential_end_past');
    const before = await this.inside(command, (stores) => readExisting(stores, command));
    const inspection = await this.inspect(command);
    const refusal = judgeInspection(inspection, command);
    if (refusal !== null) throw refusal;
    const next = this.next(command, before, inspection);
    await this.inside(command, (stores) => this.save(stores, command, { next, before }));
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
  private async inspect(command: ConnectCustomerCommand): Promise<TenantInspection> {
    const { cloud, tenantId, clientId, credential } = command;
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
    before: EntraConnection | null,
    inspection: TenantInspection,
  ): EntraConnection {
    const { organizationId, customerId, cloud, tenantId, clientId, credential, domain } = command;
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
      credentialEndsAt: inspection.credentialEndsAt ?? command.credentialEndsAt,
    };
  }

  private async save(
    stores: ConnectStores,
    command: ConnectCustomerCommand,
    { next, before }: { readonly next: EntraConnection; readonly before: EntraConnection | null },
  ): Promise<void> {
    // Once more: the first account may have been made while the tenant was asked.
    await readExisting(stores, command);
    if (!(await stores.connections.save(next, before?.version ?? null)))
      throw accessErrors.refuse('entra_connection.changed_meanwhile');
    // What waited for this credential need not wait for its next try.
    const waiting = await accountsInUse(stores, next.customerId);
    await stores.accounts.intend(waiting, { dueAt: next.checkedAt });
    // After the accounts, as converge does: whoever locks them the other way round would wait for ever.
    await stores.customers.lift(next.customerId, 'sign-in', next.checkedAt);
    const { cloud, tenantId, clientId, credentialKind, domain, version } = next;
    const endsAt = next.credentialEndsAt;
    const credentialEndsAt = endsAt === null ? null : new Date(endsAt).toISOString();
    await stores.audit.append([
      {
        organizationId: next.organizationId,
        at: next.checkedAt,
        actor: command.actor,
        action: 'entra_connection.changed',
        subject: { kind: 'entra_connection', id: next.id },
        customerId: next.customerId,
        details: { cloud, tenantId, clientId, credentialKind, credentialEndsAt, domain, version },
      },
    ]);
  }
}

const readExisting = async (
  stores: ConnectStores,
  { customerId, tenantId, cloud }: ConnectCustomerCommand,
): Promise<EntraConnection | null> => {
  // Whoever removes it waits, or is seen.
  const customer = await stores.customers.steady(customerId);
  if (customer === null) throw accessErrors.refuse('customer.not_found');
  if (customer.state !== 'active') throw accessErrors.refuse('customer.removed');
  const existing = await stores.connections.ofCustomer(customerId);
  if (existing?.state === 'removing') throw accessErrors.refuse('entra_connection.removing');
  const moves =
    existing !== null && (existing.tenantId !== tenantId.toLowerCase() || existing.cloud !== cloud);
  // An account is made together with its first grant, and grants are never removed.
  if (moves && (await stores.grants.list({ customerId, after: null, limit: 1 })).length > 0)
    throw accessErrors.refuse('entra_connection.tenant_fixed', { tenantId: existing.tenantId });
  return existing;
};

const accountsInUse = async (stores: GrantStores, customerId: CustomerId): Promise<readonly AccountId[]> => {
  const found = new Set<AccountId>();
  for (const state of OPEN) {
    let page: readonly Grant[];
    let after: GrantId | null = null;
    do {
      page = await stores.grants.list({ customerId, state, after, limit: PAGE });
      for (const { accountId } of page) found.add(accountId);
      after = page.at(-1)?.id ?? null;
    } while (page.length === PAGE);
  }
  return [...found].sort();
};

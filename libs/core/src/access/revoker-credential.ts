import { DirectoryError, type Directory, type TenantInspection } from '#core/accounts';
import type { AuditActor, AuditEvent, AuditStores } from '#core/audit';
import {
  idOf,
  SECOND,
  type Clock,
  type CustomerId,
  type Ids,
  type Instant,
  type OrganizationId,
  type SecretBox,
  type UnitOfWork,
} from '#core/shared';
import {
  openApp,
  revokerCredentialPlace,
  type EntraConnection,
  type RevokerCredential,
  type TenancyStores,
} from '#core/tenancy';
import { accessErrors } from './access.errors.js';
import type { Certificates } from './certificates.js';
import { readCustomerCredential, type CustomerCredential } from './customer-credential.js';
import { inspectionRefused, judgeInspection } from './judge-inspection.js';
import { toldOf, type KeptCredential } from './offered-credential.js';
import { spendPending } from './pending-certificate.js';

/** At which customer, and who asks. */
export interface RevokerCredentialCommand {
  readonly organizationId: OrganizationId;
  readonly customerId: CustomerId;
  readonly actor: AuditActor;
}

export interface SetRevokerCredentialCommand extends RevokerCredentialCommand {
  readonly clientId: string;
  readonly credential: CustomerCredential;
  /** When the credential ends, where it can't say so itself; null: not told. */
  readonly credentialEndsAt: Instant | null;
}

type Stores = AuditStores & TenancyStores;

export interface RevokerCredentialPorts {
  readonly unitOfWork: UnitOfWork<Stores>;
  readonly directory: Directory;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly box: SecretBox;
  readonly certificates: Certificates;
  readonly federatedOrganization: string | null;
}

const INSPECTION_MS = 15 * SECOND;

/** With the credential as it will be kept. */
type Asked = Omit<SetRevokerCredentialCommand, 'credential'> & { readonly credential: KeptCredential };

/** What was there when it was asked for. */
interface Before {
  readonly connection: EntraConnection;
  readonly known: RevokerCredential | null;
}

/**
 * Gives the revoker a credential of its own at a customer, or exchanges it: a second way into the same tenant, for the day
 * on which the first is refused. The tenant is asked first; when it, or we, refuse, what was there stays in use.
 */
export class SetRevokerCredential {
  constructor(private readonly ports: RevokerCredentialPorts) {}

  /** Throws `customer.not_found`, `entra_connection.not_found`, `certificate.…`, `directory.…`, `revoker_credential.…`. */
  async execute(command: SetRevokerCredentialCommand): Promise<RevokerCredential> {
    const { unitOfWork, clock } = this.ports;
    if ((command.credentialEndsAt ?? Infinity) <= clock.now())
      throw accessErrors.refuse('entra_connection.credential_end_past');
    const before = await unitOfWork.inOrganization(command.organizationId, (stores) => read(stores, command));
    const { credential, pending } = await readCustomerCredential(command.credential, command, this.ports);
    const asked: Asked = { ...command, credential };
    await this.requireAnother(before.connection, asked);
    const { connection } = before;
    const inspection = await this.inspect(connection, asked);
    const refusal = judgeInspection(inspection, connection);
    if (refusal !== null) throw refusal;
    const next = this.next(asked, before, inspection);
    const sealed = this.ports.box.seal(credential.value, revokerCredentialPlace(next));
    await unitOfWork.inOrganization(command.organizationId, async (stores) => {
      // Once more: the customer may have been connected elsewhere while the tenant was asked.
      const now = await read(stores, command);
      const isSame = now.connection.version === connection.version;
      const expected = before.known?.version ?? null;
      if (!isSame || !(await stores.connections.saveRevokerCredential(next, sealed, expected)))
        throw accessErrors.refuse('revoker_credential.changed_meanwhile');
      if (pending !== null) await spendPending(stores, pending);
      const changed = auditOf(command, next, 'revoker_credential.changed');
      await stores.audit.append([{ ...changed, details: { ...changed.details, ...toldOf(credential) } }]);
    });
    return next;
  }

  /** The same app with the same credential would be refused together with the first. */
  private async requireAnother(connection: EntraConnection, { clientId, credential }: Asked): Promise<void> {
    if (clientId.toLowerCase() !== connection.clientId) return;
    const first = openApp(connection, this.ports.box).credential;
    if (first.kind !== credential.kind) return;
    const [one, other] = [await this.nameOf(first), await this.nameOf(credential)];
    if (one === other) throw accessErrors.refuse('revoker_credential.same');
  }

  /** A certificate is the same one in whatever text it came. */
  private async nameOf({ kind, value }: Pick<KeptCredential, 'kind' | 'value'>): Promise<string> {
    if (kind !== 'certificate') return value.expose();
    try {
      return (await this.ports.certificates.readPem(value)).facts.thumbprintSha256;
    } catch {
      return value.expose();
    }
  }

  /** Under a connection id that is used nowhere else, as when a customer is connected. */
  private async inspect(
    { cloud, tenantId }: EntraConnection,
    { clientId, credential }: Asked,
  ): Promise<TenantInspection> {
    const { directory, ids } = this.ports;
    const app = { connectionId: idOf<'connection'>(ids.uuid()), version: 1, cloud, tenantId, clientId };
    try {
      return await directory.inspect({ ...app, credential }, INSPECTION_MS);
    } catch (error) {
      throw error instanceof DirectoryError ? inspectionRefused(error) : error;
    }
  }

  private next(
    { organizationId, customerId, clientId, credential, credentialEndsAt }: Asked,
    { connection, known }: Before,
    inspection: TenantInspection,
  ): RevokerCredential {
    return {
      organizationId,
      customerId,
      cloud: connection.cloud,
      tenantId: connection.tenantId,
      clientId: clientId.toLowerCase(),
      credentialKind: credential.kind,
      state: 'active',
      checkedAt: this.ports.clock.now(),
      credentialEndsAt: credential.endsAt ?? inspection.credentialEndsAt ?? credentialEndsAt,
      version: (known?.version ?? 0) + 1,
    };
  }
}

/** Takes the revoker's own credential away: it goes on with the first one alone. */
export class RemoveRevokerCredential {
  constructor(private readonly ports: Pick<RevokerCredentialPorts, 'unitOfWork' | 'clock'>) {}

  /** Throws `customer.not_found`, `entra_connection.not_found`, `revoker_credential.…`. */
  execute(command: RevokerCredentialCommand): Promise<RevokerCredential> {
    const { unitOfWork, clock } = this.ports;
    return unitOfWork.inOrganization(command.organizationId, async (stores) => {
      const { known } = await read(stores, command);
      if (known?.state !== 'active') throw accessErrors.refuse('revoker_credential.not_found');
      const { version } = known;
      const gone = { state: 'removed' as const, checkedAt: clock.now(), credentialEndsAt: null };
      const next = { ...known, ...gone, version: version + 1 };
      if (!(await stores.connections.saveRevokerCredential(next, null, version)))
        throw accessErrors.refuse('revoker_credential.changed_meanwhile');
      await stores.audit.append([auditOf(command, next, 'revoker_credential.removed')]);
      return next;
    });
  }
}

const read = async (
  stores: TenancyStores,
  { customerId }: Pick<RevokerCredentialCommand, 'customerId'>,
): Promise<Before> => {
  if ((await stores.customers.get(customerId)) === null) throw accessErrors.refuse('customer.not_found');
  const connection = await stores.connections.ofCustomer(customerId);
  if (connection === null) throw accessErrors.refuse('entra_connection.not_found');
  return { connection, known: await stores.connections.revokerCredential(customerId) };
};

const auditOf = (
  { organizationId, customerId, actor }: RevokerCredentialCommand,
  credential: RevokerCredential,
  action: 'revoker_credential.changed' | 'revoker_credential.removed',
): AuditEvent => {
  const { tenantId, clientId, credentialKind, version, checkedAt: at, credentialEndsAt: endsAt } = credential;
  const credentialEndsAt = endsAt === null ? null : new Date(endsAt).toISOString();
  return {
    organizationId,
    at,
    actor,
    action,
    subject: { kind: 'revoker_credential', id: customerId },
    customerId,
    details: { tenantId, clientId, credentialKind, credentialEndsAt, version },
  };
};

import {
  inspectionRefused,
  readOffered,
  toldOf,
  workAgain,
  type Certificates,
  type KeptCredential,
  type OfferedCredential,
} from '#core/access';
import { DirectoryError, type AccountStores, type Directory, type TenantInspection } from '#core/accounts';
import type { AuditActor, AuditEvent, AuditStores } from '#core/audit';
import type { GrantStores } from '#core/grants';
import {
  idOf,
  SECOND,
  type Clock,
  type CustomerId,
  type CustomerRef,
  type Ids,
  type Instant,
  type JobQueue,
  type OrganizationId,
  type SecretBox,
  type UnitOfWork,
} from '#core/shared';
import {
  organizationAppPlace,
  type Cloud,
  type OrganizationApp,
  type OrganizationAppStore,
  type TenancyStores,
} from '#core/tenancy';
import { consentingErrors } from './consenting.errors.js';

/** Which app, and who asks. */
export interface OrganizationAppCommand {
  readonly organizationId: OrganizationId;
  readonly cloud: Cloud;
  readonly actor: AuditActor;
}

export interface SetOrganizationAppCommand extends OrganizationAppCommand {
  /** Where the credential is proven: the organization's own tenant, or one that has consented. */
  readonly tenantId: string;
  readonly clientId: string;
  readonly credential: OfferedCredential;
  /** When the credential ends, where it can't say so itself; null: not told. */
  readonly credentialEndsAt: Instant | null;
}

export interface OrganizationAppPorts {
  readonly unitOfWork: UnitOfWork<AccountStores & AuditStores & GrantStores & TenancyStores>;
  readonly directory: Directory;
  readonly queue: JobQueue;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly box: SecretBox;
  readonly certificates: Certificates;
}

/** With the credential as it will be kept. */
type Asked = Omit<SetOrganizationAppCommand, 'credential'> & { readonly credential: KeptCredential };

const PROOF_MS = 15 * SECOND;
const PAGE = 100;
/** Whoever asked waits for it; the customers that are not reached are tried by themselves. */
const WAKING_MS = 5 * SECOND;

/**
 * Gives the organization an app of its own, or exchanges its credential. The new credential is proven first, outside of any
 * transaction: when Entra, or we, refuse it, every customer goes on with the one that was there. The old one should stay
 * valid in Entra for some minutes more, for what is under way with it.
 */
export class SetOrganizationApp {
  constructor(private readonly ports: OrganizationAppPorts) {}

  /** Throws `certificate.…`, `directory.…`, `organization_app.…`. */
  async execute(command: SetOrganizationAppCommand): Promise<OrganizationApp> {
    const { unitOfWork, clock, box } = this.ports;
    if ((command.credentialEndsAt ?? Infinity) <= clock.now())
      throw consentingErrors.refuse('organization_app.credential_end_past');
    const before = await unitOfWork.inOrganization(command.organizationId, ({ organizationApps }) =>
      replaceable(organizationApps, command),
    );
    const credential = await readOffered(command.credential, this.ports);
    const asked = { ...command, credential };
    const inspection = await this.inspect(asked);
    const next = this.next(asked, before, inspection);
    const sealed = box.seal(credential.value, organizationAppPlace(next));
    await unitOfWork.inOrganization(command.organizationId, async ({ organizationApps, audit }) => {
      // Once more: the first customer may have consented to the old one while the new one was proven.
      await replaceable(organizationApps, command);
      if (!(await organizationApps.save(next, sealed, before?.version ?? null)))
        throw consentingErrors.refuse('organization_app.changed_meanwhile');
      const changed = auditOf(command, next, 'organization_app.changed');
      await audit.append([{ ...changed, details: { ...changed.details, ...toldOf(credential) } }]);
    });
    await this.wakeUsers(next);
    return next;
  }

  /**
   * Under a connection id that is used nowhere else, as when a customer is connected. That no permission is granted there is
   * nothing against it: each customer's consent grants its own.
   */
  private async inspect(command: Asked): Promise<TenantInspection> {
    const { cloud, tenantId, clientId, credential } = command;
    const connectionId = idOf<'connection'>(this.ports.ids.uuid());
    try {
      return await this.ports.directory.inspect(
        { connectionId, version: 1, cloud, tenantId, clientId, credential },
        PROOF_MS,
      );
    } catch (error) {
      throw error instanceof DirectoryError ? inspectionRefused(error) : error;
    }
  }

  private next(
    command: Asked,
    before: OrganizationApp | null,
    inspection: TenantInspection,
  ): OrganizationApp {
    const { organizationId, cloud, tenantId, clientId, credential } = command;
    return {
      id: before?.id ?? idOf(this.ports.ids.uuid()),
      organizationId,
      cloud,
      tenantId: tenantId.toLowerCase(),
      clientId: clientId.toLowerCase(),
      credentialKind: credential.kind,
      state: 'active',
      checkedAt: this.ports.clock.now(),
      // What the certificate says goes before what people say.
      credentialEndsAt: credential.endsAt ?? inspection.credentialEndsAt ?? command.credentialEndsAt,
      version: (before?.version ?? 0) + 1,
    };
  }

  /**
   * What waited for the credential, at every customer that uses it: a transaction for each, so that none waits for another's
   * rows. The exchange has taken effect, so nothing here may refuse it: whoever is not woken, for a failure or for want of
   * time, is tried again by itself within a minute.
   */
  private async wakeUsers({ organizationId, id, checkedAt }: OrganizationApp): Promise<void> {
    const { unitOfWork, clock } = this.ports;
    const latest = clock.now() + WAKING_MS;
    let page: readonly CustomerId[];
    let after: CustomerId | null = null;
    do {
      const from: CustomerId | null = after;
      page = await unitOfWork
        .inOrganization(organizationId, ({ organizationApps }) =>
          organizationApps.users(id, { after: from, limit: PAGE }),
        )
        .catch(() => []);
      for (const customerId of page) {
        if (clock.now() >= latest) return;
        await this.wake({ organizationId, customerId }, checkedAt).catch(() => undefined);
      }
      after = page.at(-1) ?? null;
    } while (page.length === PAGE);
  }

  private async wake({ organizationId, customerId }: CustomerRef, at: Instant): Promise<void> {
    const { unitOfWork, queue } = this.ports;
    await unitOfWork.inOrganization(organizationId, (stores) => workAgain(stores, customerId, at));
    await queue.ring({ name: 'customer.converge', organizationId, customerId });
  }
}

/** Takes the organization's app away, which no customer uses any more. */
export class RemoveOrganizationApp {
  constructor(private readonly ports: Pick<OrganizationAppPorts, 'unitOfWork' | 'clock'>) {}

  /** Throws `organization_app.…`. */
  execute(command: OrganizationAppCommand): Promise<OrganizationApp> {
    const { unitOfWork, clock } = this.ports;
    return unitOfWork.inOrganization(command.organizationId, async ({ organizationApps, audit }) => {
      const known = await organizationApps.lock(command.cloud);
      if (known?.state !== 'active') throw consentingErrors.refuse('organization_app.not_found');
      const customers = await organizationApps.countUsers(known.id);
      if (customers > 0) throw consentingErrors.refuse('organization_app.in_use', { customers });
      const { version } = known;
      const next = { ...known, state: 'removed' as const, checkedAt: clock.now(), version: version + 1 };
      if (!(await organizationApps.save(next, null, version)))
        throw consentingErrors.refuse('organization_app.changed_meanwhile');
      await audit.append([auditOf(command, next, 'organization_app.removed')]);
      return next;
    });
  }
}

/** The app that is there, where this one may take its place; whoever connects a customer by it waits. */
const replaceable = async (
  apps: OrganizationAppStore,
  { cloud, clientId }: SetOrganizationAppCommand,
): Promise<OrganizationApp | null> => {
  const known = await apps.lock(cloud);
  if (known === null || known.clientId === clientId.toLowerCase()) return known;
  const customers = await apps.countUsers(known.id);
  if (customers > 0)
    throw consentingErrors.refuse('organization_app.client_fixed', { clientId: known.clientId, customers });
  return known;
};

const auditOf = (
  { organizationId, actor }: OrganizationAppCommand,
  app: OrganizationApp,
  action: 'organization_app.changed' | 'organization_app.removed',
): AuditEvent => {
  const { id, cloud, tenantId, clientId, credentialKind, credentialEndsAt: endsAt, version } = app;
  const credentialEndsAt = endsAt === null ? null : new Date(endsAt).toISOString();
  return {
    organizationId,
    at: app.checkedAt,
    actor,
    action,
    subject: { kind: 'organization_app', id },
    customerId: null,
    details: { cloud, tenantId, clientId, credentialKind, credentialEndsAt, version },
  };
};

import { accessErrors, connectable } from '#core/access';
import type { AuditActor, AuditEvent, AuditStores } from '#core/audit';
import type { GrantStores } from '#core/grants';
import {
  idOf,
  type Clock,
  type CustomerId,
  type Ids,
  type OrganizationId,
  type Secret,
  type SecretBox,
  type UnitOfWork,
} from '#core/shared';
import type {
  Cloud,
  Consent,
  EntraConnection,
  ExpectedTenant,
  OrganizationApp,
  TenancyStores,
} from '#core/tenancy';
import { requireFree } from './connect-by-organization-app.js';
import { consentingErrors } from './consenting.errors.js';
import { newLinkState } from './link-state.js';

export interface MakeConsentLinkCommand {
  readonly organizationId: OrganizationId;
  readonly customerId: CustomerId;
  readonly cloud: Cloud;
  /** The only tenant that counts; null: an admin confirms the one whose admin consents. */
  readonly tenantId: string | null;
  readonly domain: string | null;
  readonly ttlMs: number;
  readonly actor: AuditActor;
}

/** A consent that was asked for, and the secret of its link: told once, kept nowhere. */
export interface MadeLink {
  readonly consent: Consent;
  readonly state: Secret;
}

type Stores = AuditStores & GrantStores & TenancyStores;

export interface MakeConsentLinkPorts {
  readonly unitOfWork: UnitOfWork<Stores>;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly box: SecretBox;
}

/** Makes the link by which an admin of the customer consents to the organization's app. A link from before is void then. */
export class MakeConsentLink {
  constructor(private readonly ports: MakeConsentLinkPorts) {}

  /** Throws `customer.…`, `organization_app.not_found`, `entra_connection.…`, `consent.changed_meanwhile`. */
  execute(command: MakeConsentLinkCommand): Promise<MadeLink> {
    const state = newLinkState(command.organizationId, this.ports.ids);
    return this.ports.unitOfWork.inOrganization(command.organizationId, async (stores) => {
      const wish = await wishFor(stores, command);
      const app = await stores.organizationApps.inCloud(command.cloud);
      if (app?.state !== 'active') throw consentingErrors.refuse('organization_app.not_found');
      const before = await stores.consents.ofCustomer(command.customerId);
      const expected = before?.version ?? null;
      const consent = this.consentFor(wish, app, { state, version: (expected ?? 0) + 1 });
      if (!(await stores.consents.save(consent, expected)))
        throw consentingErrors.refuse('consent.changed_meanwhile');
      await stores.audit.append([auditOf(command, consent)]);
      return { consent, state };
    });
  }

  private consentFor(
    { organizationId, customerId, cloud, tenantId, domain, ttlMs }: MakeConsentLinkCommand,
    { clientId }: OrganizationApp,
    { state, version }: { readonly state: Secret; readonly version: number },
  ): Consent {
    const madeAt = this.ports.clock.now();
    return {
      id: idOf(this.ports.ids.uuid()),
      organizationId,
      customerId,
      cloud,
      clientId,
      expectedTenantId: tenantId,
      domain: domain?.toLowerCase() ?? null,
      stateDigest: this.ports.box.digest(state.expose()),
      madeAt,
      expiresAt: madeAt + ttlMs,
      state: 'open',
      claimedTenantId: null,
      answeredAt: null,
      proven: null,
      problem: null,
      attempts: 0,
      dueAt: null,
      version,
    };
  }
}

/** What is asked for, with what is known of the customer already. Throws where it could not be connected so. */
const wishFor = async (
  stores: GrantStores & TenancyStores,
  command: MakeConsentLinkCommand,
): Promise<MakeConsentLinkCommand> => {
  const { customerId, cloud } = command;
  const connection = await stores.connections.ofCustomer(customerId);
  const announced = connection ?? (await stores.customers.get(customerId))?.expected ?? null;
  const tenantId = tenantFor(command, announced);
  await connectable(stores, { customerId, cloud, tenantId: tenantId ?? '' });
  if (tenantId !== null) await requireFree(stores, { ...command, tenantId });
  return { ...command, tenantId, domain: command.domain ?? domainOf(announced, { cloud, tenantId }) };
};

/** What was announced of another tenant says nothing of this one. */
const domainOf = (
  announced: EntraConnection | ExpectedTenant | null,
  { cloud, tenantId }: Pick<MakeConsentLinkCommand, 'cloud' | 'tenantId'>,
): string | null =>
  announced?.cloud === cloud && announced.tenantId?.toLowerCase() === tenantId ? announced.domain : null;

/** A customer that is connected stays where it is, whoever is given the link; what was announced of another counts as named. */
const tenantFor = (
  { tenantId, cloud }: MakeConsentLinkCommand,
  announced: EntraConnection | ExpectedTenant | null,
): string | null => {
  if (tenantId !== null) return tenantId.toLowerCase();
  if (announced?.tenantId == null) return null;
  if (announced.cloud === cloud) return announced.tenantId.toLowerCase();
  throw accessErrors.refuse('entra_connection.tenant_fixed', { tenantId: announced.tenantId });
};

const auditOf = (
  { organizationId, customerId, actor }: MakeConsentLinkCommand,
  { id, cloud, clientId, expectedTenantId, domain, madeAt, expiresAt }: Consent,
): AuditEvent => ({
  organizationId,
  at: madeAt,
  actor,
  action: 'consent.link_made',
  subject: { kind: 'consent', id },
  customerId,
  details: { cloud, clientId, expectedTenantId, domain, expiresAt: new Date(expiresAt).toISOString() },
});

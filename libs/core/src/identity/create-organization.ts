import { isUsablePrefix } from '#core/tenancy';
import type { AuditStores } from '#core/audit';
import { idOf, type Clock, type Ids, type OrganizationId, type UnitOfWork } from '#core/shared';
import type { Organization, TenancyStores } from '#core/tenancy';
import { identityErrors } from './identity.errors.js';

export interface CreateOrganizationCommand {
  readonly slug: string;
  readonly name: string;
  /** With which the names of its managed accounts begin. */
  readonly prefix: string;
}

/** Stands in URLs. */
const SLUG = /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/;

/** Makes a new MSP in this deployment: at the server's console only. */
export class CreateOrganization {
  constructor(
    private readonly ports: {
      readonly unitOfWork: UnitOfWork<TenancyStores & AuditStores>;
      readonly clock: Clock;
      readonly ids: Ids;
    },
  ) {}

  /** Throws `organization.exists`, `organization.slug_invalid`, `organization.prefix_invalid`. */
  async execute({ slug, name, prefix }: CreateOrganizationCommand): Promise<Organization> {
    if (!SLUG.test(slug)) throw identityErrors.refuse('organization.slug_invalid');
    if (!isUsablePrefix(prefix)) throw identityErrors.refuse('organization.prefix_invalid');
    const id: OrganizationId = idOf(this.ports.ids.uuid());
    const createdAt = this.ports.clock.now();
    const organization: Organization = { id, slug, name, naming: { prefix }, createdAt };
    await this.ports.unitOfWork.inOrganization(id, async (stores) => {
      await stores.organizations.insert(organization);
      await stores.audit.append([
        {
          organizationId: id,
          at: createdAt,
          actor: { kind: 'console' },
          action: 'organization.created',
          subject: { kind: 'organization', id },
          customerId: null,
          details: { slug, name, prefix },
        },
      ]);
    });
    return organization;
  }
}

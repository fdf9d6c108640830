import type { AuditActor, AuditStores } from '#core/audit';
import {
  HOUR,
  idOf,
  type Clock,
  type Ids,
  type OrganizationId,
  type Secret,
  type SecretBox,
  type TechnicianId,
  type UnitOfWork,
} from '#core/shared';
import type { ApiToken } from './api-token.js';
import { identityErrors } from './identity.errors.js';
import { roleCovers } from './role-covers.js';
import type { IdentityStores } from './stores.js';
import type { TechnicianRole } from './technician.js';
import { generateToken, prefixOf } from './token-text.js';

export interface CreateApiTokenCommand {
  readonly organizationId: OrganizationId;
  readonly technicianId: TechnicianId;
  /** Null: the technician's own. */
  readonly role: TechnicianRole | null;
  /** Null: 30. */
  readonly days: number | null;
  readonly actor: AuditActor;
}

const DEFAULT_DAYS = 30;
const MAXIMUM_DAYS = 90;
const DAY = 24 * HOUR;

/** Makes a key to the API. The token itself is in the answer and nowhere else: it is kept as a digest. */
export class CreateApiToken {
  constructor(
    private readonly ports: {
      readonly unitOfWork: UnitOfWork<IdentityStores & AuditStores>;
      readonly clock: Clock;
      readonly ids: Ids;
      readonly box: SecretBox;
    },
  ) {}

  /** Throws `technician.not_found`, `token.lifetime_invalid`, `token.role_too_high`. */
  async execute(
    command: CreateApiTokenCommand,
  ): Promise<{ readonly token: Secret; readonly kept: ApiToken }> {
    const days = command.days ?? DEFAULT_DAYS;
    if (!Number.isInteger(days) || days < 1 || days > MAXIMUM_DAYS)
      throw identityErrors.refuse('token.lifetime_invalid', { maximumDays: MAXIMUM_DAYS });
    const token = generateToken(this.ports.ids);
    const kept = await this.ports.unitOfWork.inOrganization(command.organizationId, (stores) =>
      this.keep(stores, command, { token, days }),
    );
    return { token, kept };
  }

  private async keep(
    stores: IdentityStores & AuditStores,
    { organizationId, technicianId, role, actor }: CreateApiTokenCommand,
    made: { readonly token: Secret; readonly days: number },
  ): Promise<ApiToken> {
    const technician = await stores.technicians.get(technicianId);
    if (technician?.state !== 'active') throw identityErrors.refuse('technician.not_found');
    if (role !== null && !roleCovers(technician.role, role))
      throw identityErrors.refuse('token.role_too_high', { role: technician.role });
    const createdAt = this.ports.clock.now();
    const kept: ApiToken = {
      id: idOf(this.ports.ids.uuid()),
      organizationId,
      technicianId,
      role: role ?? technician.role,
      prefix: prefixOf(made.token),
      digest: this.ports.box.digest(made.token.expose()),
      expiresAt: createdAt + made.days * DAY,
      revokedAt: null,
      createdAt,
    };
    await stores.tokens.insert(kept);
    await stores.audit.append([
      {
        organizationId,
        at: createdAt,
        actor,
        action: 'api_token.created',
        subject: { kind: 'api_token', id: kept.id },
        customerId: null,
        details: { technicianId, role: kept.role, expiresAt: new Date(kept.expiresAt).toISOString() },
      },
    ]);
    return kept;
  }
}

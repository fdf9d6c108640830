import type { AuditActor, AuditStores } from '#core/audit';
import type { Clock, OrganizationId, UnitOfWork } from '#core/shared';
import type { TokenId } from './api-token.js';
import { identityErrors } from './identity.errors.js';
import type { IdentityStores } from './stores.js';

export interface RevokeApiTokenCommand {
  readonly organizationId: OrganizationId;
  readonly tokenId: TokenId;
  readonly actor: AuditActor;
}

/** Makes a token worthless from its next use on. */
export class RevokeApiToken {
  constructor(
    private readonly ports: {
      readonly unitOfWork: UnitOfWork<IdentityStores & AuditStores>;
      readonly clock: Clock;
    },
  ) {}

  /** Throws `token.not_found`, also when it was revoked before. */
  async execute({ organizationId, tokenId, actor }: RevokeApiTokenCommand): Promise<void> {
    const at = this.ports.clock.now();
    await this.ports.unitOfWork.inOrganization(organizationId, async (stores) => {
      if (!(await stores.tokens.revoke(tokenId, at))) throw identityErrors.refuse('token.not_found');
      await stores.audit.append([
        {
          organizationId,
          at,
          actor,
          action: 'api_token.revoked',
          subject: { kind: 'api_token', id: tokenId },
          customerId: null,
          details: {},
        },
      ]);
    });
  }
}

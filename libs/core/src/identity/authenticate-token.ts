import type { Clock, Secret, SecretBox, UnitOfWork } from '#core/shared';
import { identityErrors } from './identity.errors.js';
import type { Actor } from './permission.js';
import { roleCovers } from './role-covers.js';
import type { Doorway, IdentityStores } from './stores.js';
import { isTokenText } from './token-text.js';

/** Finds out who holds a token, afresh with each request: what was revoked, ended or suspended counts at once. */
export class AuthenticateToken {
  constructor(
    private readonly ports: {
      readonly unitOfWork: UnitOfWork<IdentityStores>;
      readonly doorway: Doorway;
      readonly clock: Clock;
      readonly box: SecretBox;
    },
  ) {}

  /** Throws `token.invalid`, whatever is wrong with it. */
  async execute(token: Secret): Promise<Actor> {
    if (!isTokenText(token.expose())) throw identityErrors.refuse('token.invalid');
    const digest = this.ports.box.digest(token.expose());
    const organizationId = await this.ports.doorway.organizationOfToken(digest);
    if (organizationId === null) throw identityErrors.refuse('token.invalid');
    const actor = await this.ports.unitOfWork.inOrganization(organizationId, (stores) =>
      this.holder(stores, digest),
    );
    if (actor === null) throw identityErrors.refuse('token.invalid');
    return actor;
  }

  private async holder(stores: IdentityStores, digest: string): Promise<Actor | null> {
    const token = await stores.tokens.byDigest(digest);
    if (token === null || token.revokedAt !== null || token.expiresAt <= this.ports.clock.now()) return null;
    const technician = await stores.technicians.get(token.technicianId);
    if (technician?.state !== 'active') return null;
    const { id, organizationId, username, displayName } = technician;
    // A token never outgrows its person, whose role may have been lowered since.
    const role = roleCovers(technician.role, token.role) ? token.role : technician.role;
    return { organizationId, technicianId: id, username, displayName, role, tokenId: token.id };
  }
}

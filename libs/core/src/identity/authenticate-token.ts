import type { Clock, OrganizationId, Secret, SecretBox, UnitOfWork } from '#core/shared';
import { identityErrors } from './identity.errors.js';
import type { Actor } from './permission.js';
import { roleCovers } from './role-covers.js';
import type { Doorway, IdentityStores } from './stores.js';
import { isTokenText } from './token-text.js';

/** Beyond these the one that was not used for longest is looked up once more. */
const MOST_KNOWN = 10_000;

/** Finds out who holds a token, afresh with each request: what was revoked, ended or suspended counts at once. */
export class AuthenticateToken {
  /** Whose token it is never changes; whether it still counts does, and is asked there each time. */
  readonly #organizations = new Map<string, OrganizationId>();

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
    const organizationId = await this.organizationOf(digest);
    if (organizationId === null) throw identityErrors.refuse('token.invalid');
    const actor = await this.ports.unitOfWork.inOrganization(organizationId, (stores) =>
      this.holder(stores, digest),
    );
    if (actor === null) throw identityErrors.refuse('token.invalid');
    this.keep(digest, organizationId);
    return actor;
  }

  private async organizationOf(digest: string): Promise<OrganizationId | null> {
    return this.#organizations.get(digest) ?? (await this.ports.doorway.organizationOfToken(digest));
  }

  /** Only of those that count: guesses fill nothing. */
  private keep(digest: string, organizationId: OrganizationId): void {
    this.#organizations.delete(digest);
    this.#organizations.set(digest, organizationId);
    const [oldest] = this.#organizations.keys();
    if (this.#organizations.size > MOST_KNOWN && oldest !== undefined) this.#organizations.delete(oldest);
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

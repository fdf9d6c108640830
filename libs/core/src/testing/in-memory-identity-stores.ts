import {
  identityErrors,
  type ApiToken,
  type ApiTokenStore,
  type Doorway,
  type Technician,
  type TechnicianStore,
  type TokenId,
} from '#core/identity';
import type { Instant, OrganizationId, TechnicianId } from '#core/shared';
import type { InMemoryDatabase } from './in-memory-database.js';
import type { InMemoryTransaction } from './in-memory-transaction.js';

export class InMemoryTechnicianStore implements TechnicianStore {
  constructor(private readonly tx: InMemoryTransaction) {}

  insert(technician: Technician): Promise<void> {
    return this.tx.run(() => {
      const { organizations, technicians } = this.tx.database;
      if (this.#named(technician.username) !== undefined) throw identityErrors.refuse('technician.exists');
      this.tx.insert(technicians, technician);
      const missing = identityErrors.refuse('organization.not_found');
      this.tx.mustExist(organizations, technician.organizationId, missing);
    });
  }

  get(id: TechnicianId): Promise<Technician | null> {
    return this.tx.run(() => this.tx.database.technicians.get(this.tx.organizationId, id) ?? null);
  }

  byUsername(username: string): Promise<Technician | null> {
    return this.tx.run(() => this.#named(username) ?? null);
  }

  #named(username: string): Technician | undefined {
    return this.tx.database.technicians.of(this.tx.organizationId).find((row) => row.username === username);
  }
}

export class InMemoryApiTokenStore implements ApiTokenStore {
  constructor(private readonly tx: InMemoryTransaction) {}

  insert(token: ApiToken): Promise<void> {
    return this.tx.run(() => {
      const { technicians, tokens } = this.tx.database;
      if (tokens.everything().some((row) => row.digest === token.digest)) {
        throw new Error('This digest is taken.');
      }
      this.tx.insert(tokens, token);
      this.tx.mustExist(technicians, token.technicianId, identityErrors.refuse('technician.not_found'));
    });
  }

  byDigest(digest: string): Promise<ApiToken | null> {
    return this.tx.run(() => {
      const rows = this.tx.database.tokens.of(this.tx.organizationId);
      return rows.find((row) => row.digest === digest) ?? null;
    });
  }

  revoke(id: TokenId, at: Instant): Promise<boolean> {
    return this.tx.run(() => {
      const { tokens } = this.tx.database;
      const token = tokens.get(this.tx.organizationId, id);
      if (token === undefined || token.revokedAt !== null) return false;
      tokens.put(this.tx.organizationId, id, { ...token, revokedAt: at });
      return true;
    });
  }
}

export class InMemoryDoorway implements Doorway {
  constructor(private readonly database: InMemoryDatabase) {}

  organizationOfToken(digest: ApiToken['digest']): Promise<OrganizationId | null> {
    const token = this.database.tokens.everything().find((row) => row.digest === digest);
    return Promise.resolve(token?.organizationId ?? null);
  }

  organizationOfSlug(slug: string): Promise<OrganizationId | null> {
    const organization = this.database.organizations.everything().find((row) => row.slug === slug);
    return Promise.resolve(organization?.id ?? null);
  }
}

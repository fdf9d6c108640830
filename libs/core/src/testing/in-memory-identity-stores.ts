import {
  identityErrors,
  type ApiToken,
  type ApiTokenStore,
  type Doorway,
  type Technician,
  type GroupWithMembers,
  type TechnicianGroup,
  type TechnicianGroupStore,
  type TechnicianStore,
  type TokenId,
} from '#core/identity';
import type { Instant, OrganizationId, TechnicianGroupId, TechnicianId } from '#core/shared';
import type { InMemoryDatabase, MemberRow } from './in-memory-database.js';
import { compare, pageOf } from './in-memory-page.js';
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

  list(page: {
    readonly after: TechnicianId | null;
    readonly limit: number;
  }): Promise<readonly Technician[]> {
    return this.tx.run(() => pageOf(this.tx.database.technicians.of(this.tx.organizationId), page, 'oldest'));
  }

  steady(id: TechnicianId): Promise<Technician | null> {
    return this.get(id);
  }

  lockWithOwners(id: TechnicianId): Promise<readonly Technician[]> {
    return this.tx.run(() =>
      this.tx.database.technicians
        .of(this.tx.organizationId)
        .filter((row) => row.id === id || (row.role === 'owner' && row.state === 'active'))
        .sort((a, b) => compare(a.id, b.id)),
    );
  }

  save({ id, role, state }: Technician): Promise<void> {
    return this.tx.run(() => {
      const { technicians } = this.tx.database;
      const known = technicians.get(this.tx.organizationId, id);
      if (known !== undefined) technicians.put(this.tx.organizationId, id, { ...known, role, state });
    });
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

  revokeAllOf(technicianId: TechnicianId, at: Instant): Promise<number> {
    return this.tx.run(() => {
      const { tokens } = this.tx.database;
      const valid = tokens
        .of(this.tx.organizationId)
        .filter((token) => token.technicianId === technicianId && token.revokedAt === null);
      for (const token of valid) tokens.put(this.tx.organizationId, token.id, { ...token, revokedAt: at });
      return valid.length;
    });
  }
}

export class InMemoryTechnicianGroupStore implements TechnicianGroupStore {
  constructor(private readonly tx: InMemoryTransaction) {}

  insert(group: TechnicianGroup): Promise<void> {
    return this.tx.run(() => {
      const { groups, organizations } = this.tx.database;
      this.#requireFreeName(group);
      this.tx.insert(groups, group);
      const missing = identityErrors.refuse('organization.not_found');
      this.tx.mustExist(organizations, group.organizationId, missing);
    });
  }

  get(id: TechnicianGroupId): Promise<TechnicianGroup | null> {
    return this.tx.run(() => this.tx.database.groups.get(this.tx.organizationId, id) ?? null);
  }

  lock(id: TechnicianGroupId): Promise<TechnicianGroup | null> {
    return this.get(id);
  }

  list(page: {
    readonly after: TechnicianGroupId | null;
    readonly limit: number;
  }): Promise<readonly TechnicianGroup[]> {
    return this.tx.run(() => pageOf(this.tx.database.groups.of(this.tx.organizationId), page, 'oldest'));
  }

  save(group: TechnicianGroup): Promise<void> {
    return this.tx.run(() => {
      const { groups } = this.tx.database;
      const known = groups.get(this.tx.organizationId, group.id);
      if (known === undefined) return;
      this.#requireFreeName(group);
      const { name, state } = group;
      groups.put(this.tx.organizationId, group.id, { ...known, name, state });
    });
  }

  withMembers(ids: readonly TechnicianGroupId[]): Promise<readonly GroupWithMembers[]> {
    return this.tx.run(() => {
      const groups = this.tx.database.groups.of(this.tx.organizationId);
      const found = groups
        .filter(({ id }) => ids.includes(id))
        .sort((one, other) => compare(one.id, other.id));
      return found.map(({ id, name, state }) => ({
        group: { id, name, state },
        members: this.#members()
          .flatMap(({ groupId, technicianId }) => (groupId === id ? [technicianId] : []))
          .sort(compare),
      }));
    });
  }

  members(id: TechnicianGroupId): Promise<readonly TechnicianId[]> {
    return this.tx.run(() =>
      this.#members()
        .filter(({ groupId }) => groupId === id)
        .map(({ technicianId }) => technicianId)
        .sort(compare),
    );
  }

  addMembers(groupId: TechnicianGroupId, technicianIds: readonly TechnicianId[]): Promise<void> {
    return this.tx.run(() => {
      const { groups, members, technicians } = this.tx.database;
      for (const technicianId of technicianIds) {
        this.tx.mustExist(groups, groupId, identityErrors.refuse('technician_group.not_found'));
        this.tx.mustExist(technicians, technicianId, identityErrors.refuse('technician.not_found'));
        members.put(this.tx.organizationId, `${groupId} ${technicianId}`, { groupId, technicianId });
      }
    });
  }

  removeMembers(groupId: TechnicianGroupId, technicianIds: readonly TechnicianId[]): Promise<void> {
    return this.tx.run(() => {
      for (const technicianId of technicianIds)
        this.tx.database.members.delete(this.tx.organizationId, `${groupId} ${technicianId}`);
    });
  }

  steady(ids: readonly TechnicianGroupId[]): Promise<readonly TechnicianGroupId[]> {
    return this.tx.run(() => ids.filter((id) => this.#isActive(id)).sort(compare));
  }

  ofTechnician(technicianId: TechnicianId): Promise<readonly TechnicianGroupId[]> {
    return this.tx.run(() =>
      this.#members()
        .filter((row) => row.technicianId === technicianId && this.#isActive(row.groupId))
        .map(({ groupId }) => groupId)
        .sort(compare),
    );
  }

  #members(): readonly MemberRow[] {
    return this.tx.database.members.of(this.tx.organizationId);
  }

  #isActive(id: TechnicianGroupId): boolean {
    return this.tx.database.groups.get(this.tx.organizationId, id)?.state === 'active';
  }

  #requireFreeName({ id, name }: TechnicianGroup): void {
    const rows = this.tx.database.groups.of(this.tx.organizationId);
    if (rows.some((row) => row.name === name && row.id !== id))
      throw identityErrors.refuse('technician_group.exists');
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

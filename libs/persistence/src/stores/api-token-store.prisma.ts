import type { ApiToken, ApiTokenStore, TokenId } from '#core/identity';
import { idOf, type Instant, type TechnicianId } from '#core/shared';
import { keyOfToken, leaveKey } from '../doorway.prisma.js';
import type { ApiTokenModel } from '../generated/models.js';
import { dateOf, dateOrNull, instantOf, instantOrNull } from '../reading.js';
import type { Session } from '../session.js';
import { technicianRole } from './technician-store.prisma.js';

export class PrismaApiTokenStore implements ApiTokenStore {
  constructor(private readonly session: Session) {}

  insert(token: ApiToken): Promise<void> {
    return this.session.run(async (tx) => {
      await tx.apiToken.create({ data: toRow(token) });
      await leaveKey(tx, keyOfToken(token.digest), token.organizationId);
    });
  }

  byDigest(digest: string): Promise<ApiToken | null> {
    const { organizationId } = this.session;
    return this.session.run(async (tx) => {
      const row = await tx.apiToken.findUnique({
        where: { organizationId_digest: { organizationId, digest } },
      });
      return row === null ? null : fromRow(row);
    });
  }

  revoke(id: TokenId, at: Instant): Promise<boolean> {
    const { organizationId } = this.session;
    return this.session.run(async (tx) => {
      const { count } = await tx.apiToken.updateMany({
        where: { organizationId, id, revokedAt: null },
        data: { revokedAt: dateOf(at) },
      });
      return count === 1;
    });
  }

  revokeAllOf(technicianId: TechnicianId, at: Instant): Promise<number> {
    const { organizationId } = this.session;
    return this.session.run(async (tx) => {
      const { count } = await tx.apiToken.updateMany({
        where: { organizationId, technicianId, revokedAt: null },
        data: { revokedAt: dateOf(at) },
      });
      return count;
    });
  }
}

const toRow = (token: ApiToken): ApiTokenModel => ({
  organizationId: token.organizationId,
  id: token.id,
  technicianId: token.technicianId,
  role: token.role,
  prefix: token.prefix,
  digest: token.digest,
  expiresAt: dateOf(token.expiresAt),
  revokedAt: dateOrNull(token.revokedAt),
  createdAt: dateOf(token.createdAt),
});

const fromRow = (row: ApiTokenModel): ApiToken => ({
  organizationId: idOf(row.organizationId),
  id: idOf(row.id),
  technicianId: idOf(row.technicianId),
  role: technicianRole(row.role, 'api_token.role'),
  prefix: row.prefix,
  digest: row.digest,
  expiresAt: instantOf(row.expiresAt),
  revokedAt: instantOrNull(row.revokedAt),
  createdAt: instantOf(row.createdAt),
});

import type { ApiToken, Doorway } from '#core/identity';
import { idOf, type OrganizationId } from '#core/shared';
import type { Prisma, PrismaClient } from './generated/client.js';
import { answered, type Probe } from './refusals.js';

export const keyOfToken = (digest: string): string => `token:${digest}`;
export const keyOfSlug = (slug: string): string => `slug:${slug}`;

/** Lets the doorway lead from this key to the organization, in the transaction that makes what the key stands for. */
export const leaveKey = async (
  tx: Prisma.TransactionClient,
  key: string,
  organizationId: OrganizationId,
): Promise<void> => {
  // Not by `create`: it reads the row back, and doorway keys can only be read by naming them.
  await tx.$executeRaw`INSERT INTO doorway_key (key, organization_id) VALUES (${key}, ${organizationId}::uuid)`;
};

/**
 * Finds an organization by a key that the caller has: row-level security shows the row of that key and no other, so this
 * needs no role that could read across organizations.
 */
export class PrismaDoorway implements Doorway {
  constructor(
    private readonly prisma: PrismaClient,
    private readonly answers: Probe,
  ) {}

  organizationOfToken(digest: ApiToken['digest']): Promise<OrganizationId | null> {
    return this.#organizationOf(keyOfToken(digest));
  }

  organizationOfSlug(slug: string): Promise<OrganizationId | null> {
    return this.#organizationOf(keyOfSlug(slug));
  }

  #organizationOf(key: string): Promise<OrganizationId | null> {
    return answered(async () => {
      const [, rows] = await this.prisma.$transaction([
        this.prisma.$queryRaw`SELECT set_config('app.doorway_key', ${key}, true)`,
        this.prisma.$queryRaw<{ organizationId: string }[]>`
          SELECT organization_id AS "organizationId" FROM doorway_key WHERE key = ${key}`,
      ]);
      return rows[0] === undefined ? null : idOf(rows[0].organizationId);
    }, this.answers);
  }
}

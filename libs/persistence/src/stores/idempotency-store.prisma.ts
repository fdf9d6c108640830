import { sharedErrors, type IdempotencyStore, type IdempotentCreate } from '#core/shared';
import type { Session } from '../session.js';

export class PrismaIdempotencyStore implements IdempotencyStore {
  constructor(private readonly session: Session) {}

  begin(create: IdempotentCreate): Promise<{ readonly first: boolean; readonly resourceId: string }> {
    const { organizationId } = this.session;
    const { key, actorId, operation, bodyDigest, resourceId } = create;
    return this.session.run(async (tx) => {
      // Waits for whoever is writing the same key at this moment: either they commit and are found below, or they fail and
      // we are the first.
      const inserted = await tx.$executeRaw`
        INSERT INTO idempotency_key (organization_id, actor_id, key, operation, body_digest, resource_id)
        VALUES (${organizationId}::uuid, ${actorId}, ${key}, ${operation}, ${bodyDigest}, ${resourceId})
        ON CONFLICT (organization_id, actor_id, key) DO NOTHING`;
      if (inserted === 1) return { first: true, resourceId };
      const known = await tx.idempotencyKey.findUniqueOrThrow({
        where: { organizationId_actorId_key: { organizationId, actorId, key } },
      });
      if (known.operation !== operation || known.bodyDigest !== bodyDigest) {
        throw sharedErrors.refuse('idempotency.key_reused');
      }
      return { first: false, resourceId: known.resourceId };
    });
  }
}

import type { IdempotencyStores, IdempotentCreate } from '#core/shared';

/** A create as its caller named it by `Idempotency-Key`. */
export type CallersKey = Pick<IdempotentCreate, 'key' | 'actorId' | 'bodyDigest'>;

/** The id to use for a new resource, and whether this is the first time that its caller asks. */
export const beginCreate = (
  stores: IdempotencyStores,
  key: CallersKey | null,
  create: Pick<IdempotentCreate, 'operation' | 'resourceId'>,
): Promise<{ readonly first: boolean; readonly resourceId: string }> =>
  key === null
    ? Promise.resolve({ first: true, resourceId: create.resourceId })
    : stores.idempotency.begin({ ...key, ...create });

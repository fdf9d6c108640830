/** One create as its caller named it: the same key with the same body is the same create. */
export interface IdempotentCreate {
  /** The caller's `Idempotency-Key`. */
  readonly key: string;
  /** Who sent it: keys of different people never meet. */
  readonly actorId: string;
  readonly operation: string;
  readonly bodyDigest: string;
  /** The id that the new resource will have. */
  readonly resourceId: string;
}

/**
 * Remembers creates, in the transaction of the create itself. `begin` answers the id to use: the one given when this is
 * the first time, the earlier one when it is a repetition. Throws `idempotency.key_reused` for another body or operation.
 */
export interface IdempotencyStore {
  begin(create: IdempotentCreate): Promise<{ readonly first: boolean; readonly resourceId: string }>;
}

export interface IdempotencyStores {
  readonly idempotency: IdempotencyStore;
}

import type { ObjectId } from '#core/shared';
import type { EntraApp } from '#core/tenancy';

/** What is known to have happened to a user; what isn't there was not told, which is no "unchanged". */
export interface UserChange {
  readonly objectId: ObjectId;
  /** `soft`: it is in the recycle bin and may come back. Null: it is there. */
  readonly removed: 'soft' | 'hard' | null;
  readonly enabled?: boolean;
  /** Null: it bears none. */
  readonly marker?: string | null;
  readonly upn?: string;
}

export interface UserChanges {
  /** Each user once, with what was told last. */
  readonly changes: readonly UserChange[];
  /** Where to go on; opaque, and no secret. */
  readonly cursor: string;
  /** There was no going on from the given cursor: this is all there is, told from the beginning. */
  readonly restarted: boolean;
  /** Everything up to now was told. False: there is more at the cursor already. */
  readonly caughtUp: boolean;
}

/**
 * What has changed among a tenant's users. A hint: it lags like every reading, and tells a change more than once.
 * Promised: some thousand changes at the most at a time; back within `timeoutMs`; what was told is never behind the cursor and untold. Throws `DirectoryError` when
 * nothing can be read, `invalid` for a cursor that never came from here.
 */
export interface TenantChanges {
  /** From null: all users as they are, then their changes. */
  readChanges(app: EntraApp, cursor: string | null, timeoutMs: number): Promise<UserChanges>;
}

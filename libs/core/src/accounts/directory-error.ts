import type { Workload } from '#core/tenancy';

/** What a failed call means, classified once by the adapter from status, Graph code and text. */
export type DirectoryErrorReason =
  /** Not visible yet: 404/400 right after a create, a removal that the authorisation check hasn't seen. */
  | 'replication'
  | 'throttled'
  | 'consent_missing'
  | 'directory_role_missing'
  /** The name (or object) is taken. With `later`: something else is in the way that passes, such as a pending request. */
  | 'conflict'
  /** The object, or the state to go on from, does not exist (any more). */
  | 'gone'
  | 'credential_bad'
  /** Refused for its content: sending it again can't help. */
  | 'invalid'
  | 'quota'
  /** The tenant lacks the licence for this feature. With `later`: Graph is known to say so of licensed tenants too. */
  | 'licence_missing'
  /** The tenant's own rules for this role forbid it; the message names them. */
  | 'forbidden_by_policy'
  /** A timed role in its first minutes can't be taken yet. */
  | 'too_soon'
  /** A group or unit that can't be managed through Graph (dynamic, mail-enabled, synced). */
  | 'not_manageable'
  /** No answer, or one that leaves open whether it was carried out: timeout, reset, 5xx. */
  | 'unanswered'
  /** Not sent, or not looked at, because a call before it failed (424) or the budget ran out. */
  | 'not_tried'
  | 'unknown';

/** A call that failed. `message` carries Graph's code and text, never a request body. */
export class DirectoryError extends Error {
  override readonly name = 'DirectoryError';

  constructor(
    readonly reason: DirectoryErrorReason,
    message: string,
    readonly facts: {
      readonly retry: 'later' | 'never';
      readonly workload: Workload;
      readonly status: number | null;
      /** Graph's or Entra's own code: `Request_ResourceNotFound`, `AADSTS7000215`. */
      readonly code: string | null;
      readonly retryAfterSeconds: number | null;
      /** For Microsoft's support. */
      readonly requestId: string | null;
      /** Nothing left: what was sent and heard before says that it would be refused. */
      readonly unsent?: boolean;
      /** Whom a throttle is for, in Graph's words: `Tenant_Application/ReadWrite/{app}/{tenant}`. */
      readonly throttleScope?: string | null;
      /** Which limit it was, in Graph's words: `WriteLimitExceeded`. */
      readonly throttleInformation?: string | null;
    },
  ) {
    super(message);
  }

  /** Trying the same again can help. */
  get healable(): boolean {
    return this.facts.retry === 'later';
  }
}

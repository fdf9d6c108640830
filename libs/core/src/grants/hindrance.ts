import type { Instant } from '#core/shared';
import { refusesCredential } from '#core/tenancy';
import type { ClosingAccount } from './closing-account.js';

/** What keeps an account from being closed: Graph's kind of refusal and its words, and until when it is not tried again. */
export interface Hindrance {
  readonly reason: string;
  readonly message: string;
  readonly until: Instant;
}

/** A throttle of the customer goes before the account's own failure: while it lasts, the account is not even tried. */
export const hindranceOf = ({ failure, state, throttle }: ClosingAccount): Hindrance | null => {
  if (state === 'closed') return null;
  if (throttle !== null) {
    // Sign-in throttles too: that is no word against the credential.
    const reason = refusesCredential([throttle], 0) ? 'credential_bad' : 'throttled';
    return { reason, message: throttle.reason, until: throttle.until };
  }
  return failure === null
    ? null
    : { reason: failure.reason, message: failure.message, until: failure.retryAt };
};

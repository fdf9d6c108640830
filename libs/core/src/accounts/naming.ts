import type { AccountId, SecretBox } from '#core/shared';
import { isLocalPart, type NamingPattern } from '#core/tenancy';
import { accountErrors } from './account.errors.js';

/** Second and later tries carry `.2` to `.9`; a username may not end so, which keeps the numbers readable back. */
const LAST_ATTEMPT = 9;
const NUMBERED = /^(?<stem>.+?)(?:\.(?<attempt>[2-9]))?@(?<domain>[^@]+)$/;

/**
 * The user principal name of a technician's account: `{prefix}{username}@{domain}`. Throws `account.name_invalid`.
 */
export const accountName = (
  pattern: NamingPattern,
  of: { readonly username: string; readonly domain: string },
): string => {
  const local = `${pattern.prefix}${of.username}`.toLowerCase();
  if (!isLocalPart(local)) {
    throw accountErrors.refuse('account.name_invalid', { pattern: '{prefix}{username}@{domain}' });
  }
  return `${local}@${of.domain.toLowerCase()}`;
};

/** The next name to try when this one belongs to a user that is not ours; null when all are used up. */
export const nextName = (upn: string): string | null => {
  const { stem, attempt, domain } = NUMBERED.exec(upn)?.groups ?? {};
  const next = Number(attempt ?? 1) + 1;
  return stem === undefined || next > LAST_ATTEMPT ? null : `${stem}.${next}@${domain}`;
};

/** The part before the @, which Entra wants as mail nickname. */
export const localPart = (upn: string): string => upn.slice(0, upn.indexOf('@'));

/** What proves an object to be ours: an HMAC over tenant, our account id and the name at creation. */
export const markerOf = (
  box: SecretBox,
  of: { tenantId: string; accountId: AccountId; upn: string },
): string => `curfew1.${box.mark(['managed_account', of.tenantId, of.accountId, of.upn])}`;

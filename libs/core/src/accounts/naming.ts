import { idOf, type AccountId, type SecretBox } from '#core/shared';
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

/**
 * What proves an object to be ours: our account id, and an HMAC over tenant, that id and the name at creation. It can be
 * judged without the account's row, which a restored backup may not have. Of old accounts, `curfew1.` and the HMAC alone.
 */
export const markerOf = (
  box: SecretBox,
  of: { tenantId: string; accountId: AccountId; upn: string },
): string => `curfew2.${of.accountId}.${box.mark(['managed_account', of.tenantId, of.accountId, of.upn])}`;

const MARKER = /^curfew2\.(?<accountId>[0-9a-f-]{36})\.[\w-]{43}$/;

/** It looks like one of ours; whether it is, only the HMAC tells. */
export const isMarkerLike = (marker: string): boolean => /^curfew\d+\./.test(marker);

/**
 * Whose marker it is when it was made for a user of this very name; else null. Names are unique in a tenant, so a marker
 * that somebody copied to another user proves nothing there.
 */
export const accountMarked = (
  box: SecretBox,
  of: { tenantId: string; marker: string; upn: string },
): AccountId | null => {
  const { accountId } = MARKER.exec(of.marker)?.groups ?? {};
  if (accountId === undefined) return null;
  const made = markerOf(box, {
    tenantId: of.tenantId,
    accountId: idOf(accountId),
    upn: of.upn.toLowerCase(),
  });
  return made === of.marker ? idOf(accountId) : null;
};

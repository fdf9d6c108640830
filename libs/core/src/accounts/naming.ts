import { idOf, type AccountId, type OrganizationId, type SecretBox } from '#core/shared';
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

/** In which place of ours a marker is judged: one tenant may be connected by several organizations of a deployment. */
export interface MarkedIn {
  readonly organizationId: OrganizationId;
  readonly tenantId: string;
}

/**
 * What proves an object to be ours: our account id, and an HMAC over organization, tenant, that id and the name at creation. It
 * can be judged without the account's row, which a restored backup may not have. What was made before says less: `curfew2.`
 * nothing of the organization, `curfew1.` not even the account's id.
 */
export const markerOf = (box: SecretBox, of: MarkedIn & { accountId: AccountId; upn: string }): string =>
  `curfew3.${of.accountId}.${box.mark(['managed_account', of.organizationId, of.tenantId, of.accountId, of.upn])}`;

const MARKER = /^curfew(?<kind>[23])\.(?<accountId>[0-9a-f-]{36})\.[\w-]{43}$/;

/** It looks like one of ours; whether it is, only the HMAC tells. */
export const isMarkerLike = (marker: string): boolean => /^curfew\d+\./.test(marker);

/**
 * Whose marker it is when this organization made it for a user of this very name; else null. Names are unique in a tenant, so
 * a marker that somebody copied to another user proves nothing there.
 */
export const accountMarked = (
  box: SecretBox,
  of: MarkedIn & { marker: string; upn: string },
): AccountId | null => {
  const { kind, accountId } = MARKER.exec(of.marker)?.groups ?? {};
  if (kind !== '3' || accountId === undefined) return null;
  const { organizationId, tenantId } = of;
  const made = markerOf(box, {
    organizationId,
    tenantId,
    accountId: idOf(accountId),
    upn: of.upn.toLowerCase(),
  });
  return made === of.marker ? idOf(accountId) : null;
};

/** As `accountMarked`, for a user whose account's row is known: then a marker that names no organization will do. */
export const ownAccountMarked = (
  box: SecretBox,
  of: MarkedIn & { marker: string; upn: string },
): AccountId | null => accountMarked(box, of) ?? accountMarkedBefore(box, of);

const accountMarkedBefore = (
  box: SecretBox,
  { tenantId, marker, upn }: { tenantId: string; marker: string; upn: string },
): AccountId | null => {
  const { kind, accountId } = MARKER.exec(marker)?.groups ?? {};
  if (kind !== '2' || accountId === undefined) return null;
  const mark = box.mark(['managed_account', tenantId, accountId, upn.toLowerCase()]);
  return marker === `curfew2.${accountId}.${mark}` ? idOf(accountId) : null;
};

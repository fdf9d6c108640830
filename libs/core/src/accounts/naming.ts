import type { AccountId, SecretBox } from '#core/shared';
import { accountErrors } from './account.errors.js';

/** Entra allows 64 characters before the @ and 48 after. (Entra password policy page) */
const LOCAL_PART_MAX = 64;
const LOCAL_PART = /^[a-z0-9](?:[a-z0-9._-]*[a-z0-9_-])?$/;

export const isUsablePrefix = (prefix: string): boolean => /^[a-z0-9][a-z0-9._-]{0,15}$/.test(prefix);
export const isUsableUsername = (username: string): boolean =>
  username.length <= 40 && LOCAL_PART.test(username) && !username.includes('..');

/**
 * The user principal name of a technician's account: `{prefix}{username}@{domain}`; the second and later tries, when a
 * name belongs to somebody else, carry a number. Throws `account.name_invalid`.
 */
export const accountName = (
  pattern: { readonly prefix: string },
  of: { readonly username: string; readonly domain: string; readonly attempt?: number },
): { readonly upn: string; readonly mailNickname: string } => {
  const number = of.attempt === undefined || of.attempt === 1 ? '' : String(of.attempt);
  const local = `${pattern.prefix}${of.username}${number}`.toLowerCase();
  if (local.length > LOCAL_PART_MAX || !LOCAL_PART.test(local) || local.includes('..')) {
    throw accountErrors.refuse('account.name_invalid', { pattern: '{prefix}{username}@{domain}' });
  }
  return { upn: `${local}@${of.domain.toLowerCase()}`, mailNickname: local };
};

/** What proves an object to be ours: an HMAC over tenant, our account id and the name at creation. */
export const markerOf = (
  box: SecretBox,
  of: { tenantId: string; accountId: AccountId; upn: string },
): string => `curfew1.${box.mark(['managed_account', of.tenantId, of.accountId, of.upn])}`;

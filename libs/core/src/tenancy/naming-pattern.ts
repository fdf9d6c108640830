/** How managed accounts are called: `{prefix}{username}@{domain}`. */
export interface NamingPattern {
  readonly prefix: string;
}

/** Entra allows 64 characters before the @ and 48 after. (Entra password policy page) */
const LOCAL_PART_MAX = 64;
const LOCAL_PART = /^[a-z0-9](?:[a-z0-9._-]*[a-z0-9_-])?$/;

/** It may stand before the @ of a user principal name. */
export const isLocalPart = (text: string): boolean =>
  text.length <= LOCAL_PART_MAX && LOCAL_PART.test(text) && !text.includes('..');

/** It may not end with a dot: the rest of the name would then look like the number of a second account. */
export const isUsablePrefix = (prefix: string): boolean => prefix.length <= 16 && isLocalPart(prefix);

/** It may not end as the number of a second account does (`.2` to `.9`), which keeps names readable back. */
export const isUsableUsername = (username: string): boolean =>
  username.length <= 40 && isLocalPart(username) && !/\.[2-9]$/.test(username);

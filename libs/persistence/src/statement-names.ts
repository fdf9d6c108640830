import { createHash } from 'node:crypto';

/** More texts than Curfew has statements. */
const MOST_NAMED = 500;
const NAMELESS = '';
/** With more parameters it has a list in it, and there are as many texts as lists have lengths. */
const HAS_LIST = /\$31\b/;

/**
 * A name for each statement's text: PostgreSQL parses and plans a named one once for a connection, and not each time, which
 * with many joins and row-level security takes longer than the statement itself.
 * None for what has a list in it, nor for what comes after the first few hundred.
 */
export const statementNames = (): ((query: { readonly sql: string }) => string) => {
  const names = new Map<string, string>();
  return ({ sql }) => {
    const known = names.get(sql);
    if (known !== undefined) return known;
    if (names.size >= MOST_NAMED || HAS_LIST.test(sql)) return NAMELESS;
    const name = `curfew-${createHash('sha256').update(sql).digest('base64url')}`;
    names.set(sql, name);
    return name;
  };
};

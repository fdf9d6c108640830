import { createHash } from 'node:crypto';

/** More texts than Curfew has statements: lists of different lengths make texts of their own, which need no name. */
const MOST_NAMED = 500;
const NAMELESS = '';

/**
 * A name for each statement's text: PostgreSQL parses and plans a named one once for a connection, and not each time, which
 * with many joins and row-level security takes longer than the statement itself.
 * None for what comes after the first few hundred.
 */
export const statementNames = (): ((query: { readonly sql: string }) => string) => {
  const names = new Map<string, string>();
  return ({ sql }) => {
    const known = names.get(sql);
    if (known !== undefined) return known;
    if (names.size >= MOST_NAMED) return NAMELESS;
    const name = `curfew-${createHash('sha256').update(sql).digest('base64url')}`;
    names.set(sql, name);
    return name;
  };
};

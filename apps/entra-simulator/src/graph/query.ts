/** A URL under /v1.0 as Graph reads it. */
export interface Target {
  readonly path: string;
  /** Option names in lower case when they begin with `$`; values decoded, `+` for a space included. */
  readonly query: Map<string, string>;
  /** An option that was given more than once, which OData forbids. */
  readonly twice?: string;
}

export function parseTarget(target: string): Target {
  const mark = target.indexOf('?');
  // A function without parameters may be called with or without its brackets.
  const path = (mark < 0 ? target : target.slice(0, mark)).replace(/\(\)(?=\/|$)/g, '');
  const query = new Map<string, string>();
  if (mark < 0) return { path, query };
  let twice: string | undefined;
  for (const [written, value] of new URLSearchParams(target.slice(mark + 1))) {
    const name = written.startsWith('$') ? written.toLowerCase() : written;
    if (name.startsWith('$') && query.has(name)) twice = name;
    query.set(name, value);
  }
  return { path, query, ...(twice === undefined ? {} : { twice }) };
}

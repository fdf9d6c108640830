/** Query options of a URL as Graph reads them: names as written, values decoded. */
export function parseTarget(target: string): { path: string; query: Map<string, string> } {
  const mark = target.indexOf('?');
  const path = mark < 0 ? target : target.slice(0, mark);
  const query = new Map<string, string>();
  if (mark < 0) return { path, query };
  for (const [name, value] of new URLSearchParams(target.slice(mark + 1))) query.set(name, value);
  return { path, query };
}

import type { GraphRequest } from '../graph-answer.js';
import type { Cost } from './bucket-pair.js';

/** What a read costs without `$select`; all others cost one. Source: graph/throttling-limits. */
const DEARER: readonly (readonly [RegExp, number])[] = [
  [/^\/users\/[^/]+\/(transitiveM|m)emberOf/i, 2],
  [/^\/users(\/[^/]+)?($|\?)/i, 2],
  [/^\/users\(/i, 2],
];

/** What Graph counts a request for. */
export const costOf = ({ method, path }: GraphRequest): Cost => {
  if (method !== 'GET') return { writes: 1, units: 1 };
  const base = DEARER.find(([pattern]) => pattern.test(path))?.[1] ?? 1;
  return { writes: 0, units: Math.max(1, base - (path.includes('$select=') ? 1 : 0)) };
};

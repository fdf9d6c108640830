import { unsupportedQuery, malformed, type GraphError } from './errors.js';
import type { Reader } from './select.js';

export type FilterOperator = 'eq' | 'ne' | 'in' | 'startsWith' | 'endsWith';

/** Which operators a property can be filtered by; `advanced` ones need ConsistencyLevel and $count. */
export type FilterRules = Readonly<
  Record<string, { basic: readonly FilterOperator[]; advanced?: readonly FilterOperator[] }>
>;

export interface Clause {
  readonly property: string;
  readonly operator: FilterOperator;
  readonly values: readonly (string | boolean | null)[];
}

const literal = String.raw`'(?:[^']|'')*'|true|false|null|[0-9a-fA-F-]{36}`;
const path = String.raw`[\w/]+`;
const forms: readonly [RegExp, (operator: string) => FilterOperator][] = [
  [new RegExp(`^(${path})\\s+(eq|ne)\\s+(${literal})$`), (operator) => operator as FilterOperator],
  [new RegExp(`^(${path})\\s+(in)\\s*\\(((?:${literal}|[\\s,])*)\\)$`), () => 'in'],
];
const call = new RegExp(`^(startsWith|endsWith)\\(\\s*(${path})\\s*,\\s*(${literal})\\s*\\)$`, 'i');
const literals = new RegExp(literal, 'g');

/** Clauses joined by `and`; anything else is a query that Graph's directory does not support here. */
export function parseFilter(text: string): Clause[] {
  return splitByAnd(text).map(parseClause);
}

/** The refusal for a clause that the entity's rules do not allow, if there is one. */
export function filterRefusal(
  clauses: readonly Clause[],
  rules: FilterRules,
  query: { isAdvanced: boolean; resource: string },
): GraphError | undefined {
  for (const { property, operator } of clauses) {
    const rule = rules[property];
    if (rule?.basic.includes(operator) === true) continue;
    if (rule?.advanced?.includes(operator) !== true) return unsupportedClause(property, query.resource);
    if (!query.isAdvanced) return unsupportedQuery();
  }
  return undefined;
}

export const passesFilter = (clauses: readonly Clause[], read: Reader): boolean =>
  clauses.every((clause) => passes(clause, read));

/** The value that `property eq 'value'` asks for, when that clause is there: look-ups go by it. */
export function equalTo(clauses: readonly Clause[], property: string): string | undefined {
  const clause = clauses.find((one) => one.operator === 'eq' && one.property === property);
  const value = clause?.values[0];
  return typeof value === 'string' ? value : undefined;
}

function passes({ property, operator, values }: Clause, read: Reader): boolean {
  const [first, second] = property.split('/') as [string, string | undefined];
  const outer = read(first);
  const value = second === undefined ? outer : (outer as Record<string, unknown> | undefined)?.[second];
  const actual = fold(value);
  const asked = values.map(fold);
  return tests[operator](actual, asked);
}

const tests: Record<FilterOperator, (actual: unknown, asked: readonly unknown[]) => boolean> = {
  eq: (actual, asked) => actual === asked[0],
  ne: (actual, asked) => actual !== asked[0],
  in: (actual, asked) => asked.includes(actual),
  startsWith: (actual, asked) => typeof actual === 'string' && actual.startsWith(String(asked[0])),
  endsWith: (actual, asked) => typeof actual === 'string' && actual.endsWith(String(asked[0])),
};

/** Graph compares strings without case; no value is null. */
const fold = (value: unknown): unknown => (typeof value === 'string' ? value.toLowerCase() : (value ?? null));

function parseClause(text: string): Clause {
  const called = call.exec(text);
  if (called !== null) {
    const operator = called[1]!.toLowerCase() === 'startswith' ? 'startsWith' : 'endsWith';
    return { property: called[2]!, operator, values: readLiterals(called[3]!) };
  }
  for (const [form, operatorOf] of forms) {
    const found = form.exec(text);
    if (found === null) continue;
    return { property: found[1]!, operator: operatorOf(found[2]!), values: readLiterals(found[3]!) };
  }
  if (/\b(or|not|any|all|has|lt|gt|le|ge)\b/.test(text)) throw unsupportedQuery();
  throw malformed(`Invalid filter clause: '${text}' could not be parsed.`);
}

const readLiterals = (text: string): (string | boolean | null)[] =>
  (text.match(literals) ?? []).map((one) => {
    if (one === 'null') return null;
    if (one === 'true' || one === 'false') return one === 'true';
    return one.startsWith("'") ? one.slice(1, -1).replaceAll("''", "'") : one;
  });

function splitByAnd(text: string): string[] {
  const masked = text.replace(/'(?:[^']|'')*'/g, (quoted) => '\u0000'.repeat(quoted.length));
  const parts: string[] = [];
  let start = 0;
  for (const found of masked.matchAll(/\s+and\s+/g)) {
    parts.push(text.slice(start, found.index));
    start = found.index + found[0].length;
  }
  return [...parts, text.slice(start)].map((part) => part.trim());
}

const unsupportedClause = (property: string, resource: string): GraphError =>
  unsupportedQuery(
    `Unsupported or invalid query filter clause specified for property '${property}' of resource '${resource}'.`,
  );

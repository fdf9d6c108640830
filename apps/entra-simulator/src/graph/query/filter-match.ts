import { asList, asObject } from '../../foundation/json.js';
import type { Reader } from '../select.js';
import type { Clause, FilterTree } from './filter-tree.js';

export type Predicate = (read: Reader) => boolean;

/** The tree as one function, made once for a whole list. */
export function predicateOf(tree: FilterTree): Predicate {
  if (tree.kind === 'clause') return clausePredicate(tree);
  if (tree.kind === 'not') {
    const inner = predicateOf(tree.inner);
    return (read) => !inner(read);
  }
  if (tree.kind === 'any') return anyPredicate(tree.property, tree.inner);
  if (tree.kind === 'count') {
    const passes = ordered[tree.operator];
    return (read) => passes(asList(valueAt(read, tree.property)).length, tree.value);
  }
  const parts = tree.parts.map(predicateOf);
  return tree.kind === 'and'
    ? (read) => parts.every((part) => part(read))
    : (read) => parts.some((part) => part(read));
}

function anyPredicate(property: string, inner: FilterTree | undefined): Predicate {
  if (inner === undefined) return (read) => asList(valueAt(read, property)).length > 0;
  const passes = predicateOf(inner);
  return (read) =>
    asList(valueAt(read, property)).some((member) =>
      passes((name) => (name === '' ? member : asObject(member)[name])),
    );
}

function valueAt(read: Reader, path: string): unknown {
  if (!path.includes('/')) return read(path);
  const [first = '', ...rest] = path.split('/');
  return rest.reduce<unknown>((value, name) => asObject(value)[name], read(first));
}

function clausePredicate({ property, operator, literals }: Clause): Predicate {
  const asked = literals.map(({ value, kind }) =>
    kind === 'DateTimeOffset' ? Date.parse(String(value)) : fold(value),
  );
  const actualOf = literals.some((literal) => literal.kind === 'DateTimeOffset') ? instant : fold;
  const passes = tests[operator];
  return (read) => passes(actualOf(valueAt(read, property)), asked);
}

type Test = (actual: unknown, asked: readonly unknown[]) => boolean;

const ordered = {
  eq: (a: unknown, b: unknown) => a === b,
  ne: (a: unknown, b: unknown) => a !== b,
  gt: (a: unknown, b: unknown) => areAlike(a, b) && (a as number) > (b as number),
  ge: (a: unknown, b: unknown) => areAlike(a, b) && (a as number) >= (b as number),
  lt: (a: unknown, b: unknown) => areAlike(a, b) && (a as number) < (b as number),
  le: (a: unknown, b: unknown) => areAlike(a, b) && (a as number) <= (b as number),
} as const;

/** Nothing is before or after a property that has no value. */
const areAlike = (a: unknown, b: unknown): boolean => a !== null && typeof a === typeof b;

const first =
  (compare: (a: never, b: never) => boolean): Test =>
  (actual, asked) =>
    compare(actual as never, asked[0] as never);

const onText =
  (test: (actual: string, asked: string) => boolean): Test =>
  (actual, asked) =>
    typeof actual === 'string' && test(actual, String(asked[0]));

const tests: Record<Clause['operator'], Test> = {
  eq: first(ordered.eq),
  ne: first(ordered.ne),
  gt: first(ordered.gt),
  ge: first(ordered.ge),
  lt: first(ordered.lt),
  le: first(ordered.le),
  in: (actual, asked) => asked.includes(actual),
  startsWith: onText((actual, asked) => actual.startsWith(asked)),
  endsWith: onText((actual, asked) => actual.endsWith(asked)),
  contains: onText((actual, asked) => actual.includes(asked)),
};

/** Graph compares strings without case; no value is null. */
const fold = (value: unknown): unknown => (typeof value === 'string' ? value.toLowerCase() : (value ?? null));

const instant = (value: unknown): unknown => (typeof value === 'string' ? Date.parse(value) : null);

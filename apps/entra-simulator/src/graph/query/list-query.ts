import { isEventual, type GraphContext } from '../context.js';
import { badRequest, malformed, unsupportedQuery } from '../errors.js';
import { conjuncts, equalTo, parseFilter, type Clause } from '../filter.js';
import type { Reader } from '../select.js';
import { typeProperties } from '../../validation/type-properties.js';
import { predicateOf, type Predicate } from './filter-match.js';
import { judgeFilter } from './filter-rules.js';
import type { FilterRules } from './property-rules.js';
import { searchPredicate } from './search.js';

/** What an entity can be asked for in a list. */
export interface Queryable {
  /** OpenAPI type without `microsoft.graph.`. */
  readonly type: string;
  /** As Graph names the resource in errors. */
  readonly resource: string;
  readonly rules: FilterRules;
  /** Properties that `$search` may name. */
  readonly searchable?: readonly string[];
  /** Properties that `$orderby` may name; default as `searchable`. */
  readonly sortable?: readonly string[];
  /** Those that it may name in advanced queries only. */
  readonly sortableAdvanced?: readonly string[];
  /** Logs are ordered and filtered in one query; directory objects in advanced ones only. */
  readonly sortsFiltered?: boolean;
}

export interface Order {
  readonly property: string;
  readonly descending: boolean;
}

/** The list options of one request, read and judged. */
export interface ListQuery {
  /** What must hold of every item. */
  readonly clauses: readonly Clause[];
  readonly passes?: Predicate;
  readonly order?: Order;
  readonly counts: boolean;
  /** Answered from the index, which lags by itself; look-ups by id are not. */
  readonly isIndexed: boolean;
}

const biggestPage = 999;
const usualPage = 100;

const isFollowUp = (ctx: GraphContext): boolean => ctx.request.query.has('$skiptoken');

export function readListQuery(ctx: GraphContext, what: Queryable, isCountSegment = false): ListQuery {
  const { query } = ctx.request;
  const hasCount = isCountSegment || countOption(query.get('$count'));
  const isAdvanced = isEventual(ctx) && hasCount;
  const { clauses, passes: filter } = readFilter(query.get('$filter'), what, isAdvanced);
  const passes = both(filter, readSearch(ctx, what));
  const order = readOrder(ctx, what, isAdvanced);
  const isQuery = passes !== undefined || order !== undefined || isAdvanced;
  return {
    clauses,
    ...(passes === undefined ? {} : { passes }),
    ...(order === undefined ? {} : { order }),
    counts: isAdvanced && !isFollowUp(ctx),
    isIndexed: isQuery && equalTo(clauses, 'id') === undefined,
  };
}

function both(one: Predicate | undefined, other: Predicate | undefined): Predicate | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return (read) => one(read) && other(read);
}

function readFilter(text: string | undefined, what: Queryable, isAdvanced: boolean) {
  if (text === undefined) return { clauses: [] };
  const tree = parseFilter(text);
  judgeFilter(tree, { ...what, isAdvanced });
  return { clauses: conjuncts(tree), passes: predicateOf(tree) };
}

function readSearch(ctx: GraphContext, what: Queryable): Predicate | undefined {
  const search = ctx.request.query.get('$search');
  if (search === undefined) return undefined;
  if (!isEventual(ctx)) {
    throw unsupportedQuery(
      "Request with $search query parameter only works through MSGraph with a special request header: 'ConsistencyLevel: eventual'",
    );
  }
  return searchPredicate(search, what.searchable ?? []);
}

/** [I] The texts, seen with directory objects; that two properties are refused is [?]. */
function readOrder(ctx: GraphContext, what: Queryable, isAdvanced: boolean): Order | undefined {
  const text = ctx.request.query.get('$orderby');
  if (text === undefined) return undefined;
  const found = /^\s*(\w+)(?:\s+(asc|desc))?\s*$/i.exec(text);
  if (found === null) throw malformed(`Invalid orderby clause: Syntax error in '${text}'.`);
  const property = found[1]!;
  demandSortable(property, what, isAdvanced);
  const { query } = ctx.request;
  if (what.sortsFiltered !== true && (query.has('$filter') || query.has('$search')) && !isAdvanced) {
    throw unsupportedQuery('Sorting not supported for current query.');
  }
  return { property, descending: found[2]?.toLowerCase() === 'desc' };
}

function demandSortable(property: string, what: Queryable, isAdvanced: boolean): void {
  const { fields } = typeProperties(what.type);
  if (fields.size > 0 && !fields.has(property)) {
    throw malformed(`Could not find a property named '${property}' on type 'microsoft.graph.${what.type}'.`);
  }
  if ((what.sortable ?? what.searchable)?.includes(property) === true) return;
  if (isAdvanced && what.sortableAdvanced?.includes(property) === true) return;
  throw unsupportedQuery(`Unsupported sort property '${property}' for '${what.resource}'.`);
}

function countOption(value: string | undefined): boolean {
  if (value === undefined) return false;
  const wanted = value.toLowerCase();
  if (wanted === 'true' || wanted === 'false') return wanted === 'true';
  throw malformed(
    `Invalid value '${value}' for $count query option found. Valid values are 'true' and 'false'.`,
  );
}

export function pageSize(ctx: GraphContext): number {
  const top = ctx.request.query.get('$top');
  if (top === undefined) return usualPage;
  if (!/^\d+$/.test(top)) {
    throw malformed(
      `Invalid value '${top}' for $top query option found. The $top query option requires a non-negative integer value.`,
    );
  }
  const size = Number(top);
  if (size < 1 || size > biggestPage) {
    throw badRequest(
      `Invalid page size specified: '${top}'. Must be between 1 and ${biggestPage} inclusive.`,
    );
  }
  return size;
}

/** By row: its keys by property. Rows are never changed but replaced, so a key is worked out once for many pages. */
const keys = new WeakMap<object, Map<string, string>>();

/** In the order asked for. Text goes without case, and what has no value comes first. */
export function sortedBy<T extends object>(
  items: readonly T[],
  { property, descending }: Order,
  read: (item: T) => Reader,
): T[] {
  const keyed = items.map((item) => ({ item, key: keyOf(item, property, read) }));
  const sign = descending ? -1 : 1;
  keyed.sort((a, b) => (a.key === b.key ? 0 : a.key < b.key ? -sign : sign));
  return keyed.map(({ item }) => item);
}

function keyOf<T extends object>(item: T, property: string, read: (item: T) => Reader): string {
  const known = keys.get(item) ?? new Map<string, string>();
  const found = known.get(property);
  if (found !== undefined) return found;
  const value = read(item)(property);
  const key = typeof value === 'string' ? value.toLowerCase() : '';
  keys.set(item, known.set(property, key));
  return key;
}

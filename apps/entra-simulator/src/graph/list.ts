import { isText, type Json } from '../foundation/json.js';
import { isEventual, ok, type GraphContext, type GraphReply } from './context.js';
import { badRequest, malformed, unsupportedQuery } from './errors.js';
import { filterRefusal, parseFilter, passesFilter, type Clause, type FilterRules } from './filter.js';
import { contextOf, pick, selectedNames, type Reader } from './select.js';

/** How one kind of entity is listed. */
export interface Listing<T> {
  /** OpenAPI type without `microsoft.graph.`. */
  readonly type: string;
  /** As Graph names the resource in errors. */
  readonly resource: string;
  /** The fragment of @odata.context. */
  readonly context: string;
  readonly defaults: readonly string[];
  readonly rules: FilterRules;
  readonly read: (item: T, ctx: GraphContext) => Reader;
  /** Properties that `$search` and `$orderby` may name. */
  readonly searchable?: readonly string[];
  /** Collections that Graph gives whole. */
  readonly isUnpaged?: boolean;
}

const biggestPage = 999;
const usualPage = 100;

/** Answers a collection: filter, search, order, page, select – in that order. */
export function list<T>(
  ctx: GraphContext,
  listing: Listing<T>,
  items: (clauses: readonly Clause[]) => T[],
): GraphReply {
  const clauses = clausesOf(ctx, listing);
  const readers = items(clauses)
    .map((item) => listing.read(item, ctx))
    .filter((read) => passesFilter(clauses, read));
  const found = ordered(ctx, listing, searched(ctx, listing, readers));
  const select = ctx.request.query.get('$select');
  const names = selectedNames(listing.type, select, listing.defaults);
  const { page, next } = pageOf(ctx, found, listing.isUnpaged === true);
  const counts = ctx.request.query.get('$count') === 'true' && isEventual(ctx) && !isFollowUp(ctx);
  return ok({
    '@odata.context': contextOf(ctx.root, listing.context, select),
    ...(counts ? { '@odata.count': found.length } : {}),
    ...(next === undefined ? {} : { '@odata.nextLink': next }),
    value: page.map((read) => pick(listing.type, names, read)),
  });
}

const isAdvanced = (ctx: GraphContext): boolean =>
  isEventual(ctx) && ctx.request.query.get('$count') === 'true';

const isFollowUp = (ctx: GraphContext): boolean => ctx.request.query.has('$skiptoken');

export function clausesOf<T>(ctx: GraphContext, listing: Pick<Listing<T>, 'rules' | 'resource'>): Clause[] {
  const filter = ctx.request.query.get('$filter');
  if (filter === undefined) return [];
  const clauses = parseFilter(filter);
  const refusal = filterRefusal(clauses, listing.rules, {
    isAdvanced: isAdvanced(ctx),
    resource: listing.resource,
  });
  if (refusal !== undefined) throw refusal;
  return clauses;
}

function searched<T>(ctx: GraphContext, listing: Listing<T>, readers: Reader[]): Reader[] {
  const search = ctx.request.query.get('$search');
  if (search === undefined) return readers;
  if (!isEventual(ctx)) {
    throw unsupportedQuery(
      "Request with $search query parameter only works through MSGraph with a special request header: 'ConsistencyLevel: eventual'",
    );
  }
  const found = /^"(\w+):(.*)"$/.exec(search);
  const property = found?.[1] ?? '';
  if (found === null || listing.searchable?.includes(property) !== true) throw unsupportedQuery();
  const wanted = found[2]!.toLowerCase();
  return readers.filter((read) => textOf(read, property).toLowerCase().includes(wanted));
}

function ordered<T>(ctx: GraphContext, listing: Listing<T>, readers: Reader[]): Reader[] {
  const orderBy = ctx.request.query.get('$orderby');
  if (orderBy === undefined) return readers;
  const [property = '', direction = 'asc'] = orderBy.trim().split(/\s+/);
  if (listing.searchable?.includes(property) !== true) throw unsupportedQuery();
  if (ctx.request.query.has('$filter') && !isAdvanced(ctx)) throw unsupportedQuery();
  const sign = direction === 'desc' ? -1 : 1;
  return [...readers].sort((a, b) => sign * textOf(a, property).localeCompare(textOf(b, property)));
}

function textOf(read: Reader, property: string): string {
  const value = read(property);
  return isText(value) ? value : '';
}

function pageOf(ctx: GraphContext, found: Reader[], isUnpaged: boolean): { page: Reader[]; next?: string } {
  if (isUnpaged) return { page: found };
  const size = pageSize(ctx);
  const start = readSkipToken(ctx);
  const page = found.slice(start, start + size);
  return start + size < found.length ? { page, next: nextLink(ctx, start + size) } : { page };
}

function pageSize(ctx: GraphContext): number {
  const top = ctx.request.query.get('$top');
  if (top === undefined) return usualPage;
  const size = Number(top);
  if (!Number.isInteger(size) || size < 1 || size > biggestPage) {
    throw badRequest(
      `Invalid page size specified: '${top}'. Must be between 1 and ${biggestPage} inclusive.`,
    );
  }
  return size;
}

const tokenPrefix = 'RFNwdAIAAQAAAB';

function readSkipToken(ctx: GraphContext): number {
  const token = ctx.request.query.get('$skiptoken');
  if (token === undefined) return 0;
  const offset = Number(Buffer.from(token.slice(tokenPrefix.length), 'base64url').toString('utf8'));
  if (!token.startsWith(tokenPrefix) || !Number.isInteger(offset)) throw malformed('Invalid skip token.');
  return offset;
}

function nextLink(ctx: GraphContext, offset: number): string {
  const token = `${tokenPrefix}${Buffer.from(String(offset)).toString('base64url')}`;
  const kept = [...ctx.request.query].filter(([name]) => name !== '$skiptoken');
  const pairs = [...kept, ['$skiptoken', token]].map(
    ([name, value]) => `${name}=${encodeURIComponent(value!)}`,
  );
  return `${ctx.root}${ctx.request.path}?${pairs.join('&')}`;
}

export function entity(
  ctx: GraphContext,
  what: { type: string; context: string; defaults: readonly string[]; read: Reader },
): Json {
  const select = ctx.request.query.get('$select');
  return {
    '@odata.context': `${contextOf(ctx.root, what.context, select)}/$entity`,
    ...pick(what.type, selectedNames(what.type, select, what.defaults), what.read),
  };
}

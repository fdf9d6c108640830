import { isText, type Json } from '../foundation/json.js';
import type { View } from '../state/replicated.js';
import { demand, isEventual, ok, type GraphContext, type GraphReply } from './context.js';
import { badRequest } from './errors.js';
import type { Clause } from './filter.js';
import { pageSize, readListQuery, sortedBy, type ListQuery, type Queryable } from './query/list-query.js';
import { readPageToken, writePageToken, type PagePlace } from './query/page-token.js';
import { contextOf, pick, selectedNames, type Reader } from './select.js';

/** How one kind of entity is listed. */
export interface Listing<T> extends Queryable {
  /** The fragment of @odata.context. */
  readonly context: string;
  readonly defaults: readonly string[];
  /** Cheap: it is made for every item of a filtered list. */
  readonly read: (item: T, ctx: GraphContext) => Reader;
  /** Collections that Graph gives whole. */
  readonly isUnpaged?: boolean;
  /** Whoever lists applies `$select` himself. */
  readonly isWhole?: boolean;
}

/** The items of a list that must meet the clauses, seen through the view: that of the index, or the directory's. */
export type Source<T> = (clauses: readonly Clause[], view: View) => T[];

interface Page {
  readonly readers: readonly Reader[];
  readonly next?: PagePlace;
  readonly total?: number;
}

/** Answers a collection: filter, search, order, page, select – in that order. */
export function list<T extends object>(
  ctx: GraphContext,
  listing: Listing<T>,
  source: Source<T>,
): GraphReply {
  const query = readListQuery(ctx, listing);
  const select = listing.isWhole === true ? undefined : ctx.request.query.get('$select');
  const names = selectedNames(listing.type, select, listing.defaults);
  const page = pageOf(ctx, { listing, query }, source(query.clauses, viewOf(ctx, query)));
  return ok({
    '@odata.context': contextOf(ctx.root, listing.context, select),
    ...(query.counts ? { '@odata.count': page.total } : {}),
    ...(page.next === undefined ? {} : { '@odata.nextLink': nextLink(ctx, page.next) }),
    value: page.readers.map((read) => pick(listing.type, names, read)),
  });
}

/** Answers `…/$count`: a number as text, in advanced queries only. */
export function count<T extends object>(
  ctx: GraphContext,
  listing: Listing<T>,
  source: Source<T>,
): GraphReply {
  demand(isEventual(ctx), () => badRequest('$count is not currently supported.'));
  const query = readListQuery(ctx, listing, true);
  const { passes } = query;
  const items = source(query.clauses, viewOf(ctx, query));
  const found = passes === undefined ? items : items.filter((item) => passes(listing.read(item, ctx)));
  return { status: 200, body: String(found.length) };
}

const viewOf = (ctx: GraphContext, query: ListQuery): View => (query.isIndexed ? ctx.indexView : ctx.view);

function pageOf<T extends object>(
  ctx: GraphContext,
  { listing, query }: { listing: Listing<T>; query: ListQuery },
  items: readonly T[],
): Page {
  const read = (item: T): Reader => listing.read(item, ctx);
  const { passes, order, counts } = query;
  if (listing.isUnpaged !== true && order === undefined && !counts) {
    // Only as many readers as the page takes: what lies before it was judged by earlier pages.
    return walk(ctx, items, (item) => {
      const reader = read(item);
      return passes === undefined || passes(reader) ? reader : undefined;
    });
  }
  const found = passes === undefined ? items : items.filter((item) => passes(read(item)));
  const inOrder = order === undefined ? found : sortedBy(found, order, read);
  const total = found.length;
  return listing.isUnpaged === true
    ? { readers: inOrder.map(read), total }
    : { ...walk(ctx, inOrder, read), total };
}

/** A page from the place that the token names; the next place is told only when something lies there. */
function walk<S>(ctx: GraphContext, items: readonly S[], readerOf: (item: S) => Reader | undefined): Page {
  const size = pageSize(ctx);
  const readers: Reader[] = [];
  let end = startOf(ctx, items, readerOf);
  for (let i = end; i < items.length; i++) {
    const reader = readerOf(items[i]!);
    if (reader === undefined) continue;
    if (readers.length === size) return { readers, next: { offset: end, ...lastOf(readers) } };
    readers.push(reader);
    end = i + 1;
  }
  return { readers };
}

/** Things may have come and gone since the link was made: the last item shown tells where to go on. */
function startOf<S>(
  ctx: GraphContext,
  items: readonly S[],
  readerOf: (item: S) => Reader | undefined,
): number {
  const { offset, after } = readPageToken(groundOf(ctx));
  if (after === undefined || idAt(items[offset - 1], readerOf) === after) return offset;
  const place = items.findIndex((item) => idAt(item, readerOf) === after);
  return place < 0 ? offset : place + 1;
}

const idAt = <S>(item: S | undefined, readerOf: (item: S) => Reader | undefined): unknown =>
  item === undefined ? undefined : readerOf(item)?.('id');

function lastOf(readers: readonly Reader[]): { after?: string } {
  const id = readers.at(-1)?.('id');
  return isText(id) ? { after: id } : {};
}

const groundOf = ({ request, now }: GraphContext) => ({ path: request.path, query: request.query, now });

/** With the options of this page, but not with its headers: ConsistencyLevel is to be sent again. */
function nextLink(ctx: GraphContext, place: PagePlace): string {
  const kept = [...ctx.request.query].filter(([name]) => name !== '$skiptoken');
  const pairs = [...kept, ['$skiptoken', writePageToken(place, groundOf(ctx))]].map(
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

import { isText, type Json } from '../../foundation/json.js';
import type { Change } from '../../state/changes.js';
import { header, ok, type GraphContext, type GraphReply, type Route } from '../context.js';
import { badRequest, GraphError, malformed, unsupportedQuery } from '../errors.js';
import { parseFilter } from '../filter.js';
import { readDeltaToken, writeDeltaToken, type DeltaPlace, type DeltaState } from '../query/delta-token.js';
import type { FilterTree } from '../query/filter-tree.js';
import { contextOf, selectedNames } from '../select.js';
import {
  changedRow,
  membersOf,
  trackedGroups,
  trackedUsers,
  wholeRow,
  type DeltaAsk,
  type Tracked,
} from './delta-rows.js';

export const deltaRoutes: readonly Route[] = [trackedUsers, trackedGroups].map((tracked) => ({
  method: 'GET',
  path: `/${tracked.kind}/delta`,
  workload: 'directory',
  answer: (ctx) => answerDelta(ctx, tracked),
}));

/** [?] No document tells the size of a page. */
const rowsOfPage = 200;
const membersOfPage = 1000;
/** [D] Scoping filters. */
const mostIds = 50;

interface Round {
  readonly ctx: GraphContext;
  readonly ask: DeltaAsk;
  readonly state: DeltaState;
}

function answerDelta(ctx: GraphContext, tracked: Tracked): GraphReply {
  refuseOptions(ctx);
  ctx.tenant.changes.follow();
  const state = stateOf(ctx, tracked);
  const round = { ctx, state, ask: askOf(ctx, tracked, state.select) };
  if (ctx.request.query.get('$deltatoken')?.toLowerCase() === 'latest')
    return deltaLinkReply(round, [], state);
  return state.place?.upTo === undefined && !ctx.request.query.get('$deltatoken')
    ? wholePage(round)
    : changesPage(round);
}

/** Always the same replica: what one round has told, the next does not take back. */
const askOf = (ctx: GraphContext, tracked: Tracked, select: string | undefined): DeltaAsk => {
  const asked = select?.split(',').map((name) => name.trim());
  const own = asked?.filter((name) => name !== 'members' && name !== 'manager');
  return {
    tracked,
    tenant: ctx.tenant,
    view: { ...ctx.view, replica: 0 },
    names: own === undefined ? undefined : selectedNames(tracked.type, own.join(','), ['id']),
    withMembers: tracked.type === 'group' && (asked?.includes('members') ?? true),
    isMinimal: /\breturn=minimal\b/i.test(header(ctx, 'prefer') ?? ''),
  };
};

/** [D] Not supported with delta; `$top` and `$search` are seen to be ignored ([I] msgraph-sdk-powershell#1879). */
function refuseOptions({ request: { query } }: GraphContext): void {
  const refused = ['$orderby', '$expand', '$count'].find((name) => query.has(name));
  if (refused !== undefined) throw unsupportedQuery(`${refused} is not supported with delta queries.`);
  if (query.has('$skiptoken') && (query.has('$select') || query.has('$deltatoken'))) {
    throw badRequest('A $skiptoken of a delta query is to be used whole and alone.');
  }
}

function stateOf(ctx: GraphContext, tracked: Tracked): DeltaState {
  const { query } = ctx.request;
  const { changes } = ctx.tenant;
  const token = query.get('$skiptoken') ?? query.get('$deltatoken') ?? '';
  const select = query.get('$select');
  if (token === '' || token.toLowerCase() === 'latest') {
    const ids = idsIn(query.get('$filter'));
    return {
      epoch: changes.epoch,
      kind: tracked.kind,
      position: changes.position(ctx.now),
      issuedAt: ctx.now,
      ...(select === undefined ? {} : { select }),
      ...(ids === undefined ? {} : { ids }),
    };
  }
  const state = readDeltaToken(token, { epoch: changes.epoch, kind: tracked.kind, now: ctx.now });
  if (state === undefined) throw gone(ctx);
  if ((state.place === undefined) === query.has('$skiptoken')) throw malformed('Badly formed token.');
  return select === undefined ? state : { ...state, select };
}

/** [D] 410 with a Location that holds an empty token: read everything anew from there. */
const gone = ({ root, request }: GraphContext): GraphError =>
  new GraphError(
    { status: 410, code: 'syncStateNotFound' },
    'The sync state is not found: a full synchronization is required.',
    {
      headers: { Location: `${root}${request.path}?$deltatoken=` },
    },
  );

function idsIn(filter: string | undefined): string[] | undefined {
  if (filter === undefined) return undefined;
  const ids = idsOf(parseFilter(filter));
  // [I] The text, msgraph-sdk-powershell#1879.
  if (ids === undefined) throw unsupportedQuery('Filter not supported.');
  if (ids.length > mostIds)
    throw unsupportedQuery(`A delta query can be filtered by ${mostIds} ids at most.`);
  return ids.map((id) => id.toLowerCase());
}

function idsOf(tree: FilterTree): string[] | undefined {
  if (tree.kind === 'or') {
    const parts = tree.parts.map(idsOf);
    return parts.every((ids) => ids !== undefined) ? parts.flat() : undefined;
  }
  if (tree.kind !== 'clause' || tree.property !== 'id' || tree.operator !== 'eq') return undefined;
  const [literal] = tree.literals;
  return isText(literal?.value) ? [literal.value] : undefined;
}

/** The state as it is, page by page. */
function wholePage(round: Round): GraphReply {
  const { ask, state } = round;
  const isAsked = askedIds(state);
  const objects = ask.tracked
    .objects(ask.tenant)
    .seeAll(ask.view)
    .filter((object) => isAsked(object.id));
  const page = { rows: [] as Json[], index: startOf(objects, state.place), told: state.place?.members ?? 0 };
  for (let room = membersOfPage; page.index < objects.length && page.rows.length < rowsOfPage && room > 0;) {
    room -= tell(ask, objects[page.index]!, { page, room });
  }
  if (page.index >= objects.length) return deltaLinkReply(round, page.rows, state);
  const after = objects[page.index - 1]?.id;
  const place = { offset: page.index, members: page.told, ...(after === undefined ? {} : { after }) };
  return nextLinkReply(round, page.rows, place);
}

function askedIds({ ids }: DeltaState): (id: string) => boolean {
  if (ids === undefined) return () => true;
  const asked = new Set(ids);
  return (id) => asked.has(id);
}

interface GrowingPage {
  readonly rows: Json[];
  index: number;
  told: number;
}

/** One object with as many of its members as there is room for; the rest follows under its id alone. */
function tell(
  ask: DeltaAsk,
  object: { id: string },
  { page, room }: { page: GrowingPage; room: number },
): number {
  const row = page.told === 0 ? wholeRow(ask, object) : { id: object.id };
  const { shown, isAll } = ask.withMembers
    ? membersOf(ask, object.id, [page.told, room])
    : { shown: [], isAll: true };
  page.rows.push(shown.length === 0 ? row : { ...row, 'members@delta': shown });
  page.told = isAll ? 0 : page.told + shown.length;
  if (isAll) page.index += 1;
  return shown.length;
}

function startOf(objects: readonly { id: string }[], place: DeltaPlace | undefined): number {
  if (place?.after === undefined || objects[place.offset - 1]?.id === place.after) return place?.offset ?? 0;
  const found = objects.findIndex((object) => object.id === place.after);
  return found < 0 ? place.offset : found + 1;
}

/** What changed since the token, object by object. */
function changesPage(round: Round): GraphReply {
  const { ctx, ask, state } = round;
  const upTo = state.place?.upTo ?? ctx.tenant.changes.position(ctx.now, state.position);
  const changes = ctx.tenant.changes.between(state.position, upTo, ask.tracked.kind);
  if (changes === undefined) throw gone(ctx);
  const byObject = new Map<string, Change[]>();
  for (const change of changes) byObject.set(change.id, [...(byObject.get(change.id) ?? []), change]);
  const isAsked = askedIds(state);
  const followed = [...byObject].filter(([id]) => isAsked(id));
  const offset = state.place?.offset ?? 0;
  const rows = followed
    .slice(offset, offset + rowsOfPage)
    .map(([id, own]) => changedRow(ask, id, own))
    .filter((row) => row !== undefined);
  if (offset + rowsOfPage < followed.length)
    return nextLinkReply(round, rows, { upTo, offset: offset + rowsOfPage });
  return deltaLinkReply(round, rows, { ...state, position: upTo });
}

const nextLinkReply = (round: Round, rows: Json[], place: DeltaPlace): GraphReply =>
  reply(round, rows, {
    '@odata.nextLink': linkTo(round, '$skiptoken', { ...round.state, place }),
  });

function deltaLinkReply(round: Round, rows: Json[], { place: _, ...state }: DeltaState): GraphReply {
  const fresh = { ...state, issuedAt: round.ctx.now };
  return reply(round, rows, { '@odata.deltaLink': linkTo(round, '$deltatoken', fresh) });
}

const linkTo = ({ ctx }: Round, name: string, state: DeltaState): string =>
  `${ctx.root}${ctx.request.path}?${name}=${writeDeltaToken(state)}`;

function reply({ ctx, ask, state }: Round, rows: Json[], link: Json): GraphReply {
  const body = {
    '@odata.context': contextOf(ctx.root, ask.tracked.kind, state.select),
    ...link,
    value: rows,
  };
  return ask.isMinimal ? { ...ok(body), headers: { 'Preference-Applied': 'return=minimal' } } : ok(body);
}

import { isText, type Json } from '../../foundation/json.js';
import type { GraphContext, GraphReply } from '../context.js';
import { list, type Listing } from '../list.js';
import { referenceTo } from '../references.js';

/** A page of directoryObjects of mixed types: $select keeps names of any of them, and the type always stays. */
export function objectPage(
  ctx: GraphContext,
  objects: Json[],
  how: Pick<Listing<Json>, 'isUnpaged'> = {},
): GraphReply {
  const select = ctx.request.query.get('$select')?.split(',');
  const names = select === undefined ? undefined : new Set(['@odata.type', ...select]);
  const query = new Map([...ctx.request.query].filter(([name]) => name !== '$select'));
  const unselected = { ...ctx, request: { ...ctx.request, query } };
  const reply = list(unselected, { ...listing, ...how }, () => objects);
  const body = reply.body as { value: Json[] };
  const shown = body.value.map((entry) => entry['id'] as Json);
  return { ...reply, body: { ...body, value: shown.map((object) => keep(object, names)) } };
}

/** A page of references, as strings: so Microsoft's OpenAPI has them. */
export function referencePage(ctx: GraphContext, ids: readonly string[]): GraphReply {
  const reply = objectPage(
    ctx,
    ids.map((id) => ({ id })),
  );
  const body = reply.body as { value: { id: string }[] };
  const value = body.value.map(({ id }) => referenceTo(ctx.root, id));
  return {
    ...reply,
    body: { ...body, '@odata.context': `${ctx.root}/$metadata#Collection($ref)`, value },
  };
}

/** The page machinery carries each object whole, under its first name. */
const listing = {
  type: 'directoryObject',
  resource: 'DirectoryObject',
  context: 'directoryObjects',
  defaults: ['id'],
  rules: { id: { basic: [] } },
  read: (object: Json) => () => object,
} as const;

const keep = (object: Json, names: ReadonlySet<string> | undefined): Json =>
  names === undefined
    ? object
    : Object.fromEntries(Object.entries(object).filter(([name]) => names.has(name)));

export const isOfType = (type: string) => (object: Json) =>
  isText(object['@odata.type']) && object['@odata.type'] === `#microsoft.graph.${type}`;

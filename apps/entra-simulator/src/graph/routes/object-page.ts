import { isText, type Json } from '../../foundation/json.js';
import type { GraphContext, GraphReply } from '../context.js';
import { list, type Listing } from '../list.js';
import { describedRules } from '../query/property-rules.js';
import { referenceTo } from '../references.js';

interface PageKind {
  /** The type that all of them are. */
  readonly cast?: 'group' | 'user' | 'directoryRole';
  /** Collections that Graph gives whole. */
  readonly isUnpaged?: boolean;
}

/**
 * A page of directoryObjects of mixed types, or cast to one of them: $select keeps names of any of them, and the type
 * always stays.
 */
export function objectPage(
  ctx: GraphContext,
  objects: Json[],
  { cast, isUnpaged = false }: PageKind = {},
): GraphReply {
  const select = ctx.request.query.get('$select')?.split(',');
  const names = select === undefined ? undefined : new Set(['@odata.type', ...select]);
  const reply = list(ctx, { ...listingOf(cast), isUnpaged }, () => objects);
  const body = reply.body as { value: Json[] };
  const shown = body.value.map((entry) => entry[whole] as Json);
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

/** The page machinery carries each object whole, under a name of its own. */
const whole = '@whole';

const uncast: Listing<Json> = {
  type: 'directoryObject',
  resource: 'DirectoryObject',
  context: 'directoryObjects',
  defaults: [whole],
  rules: { id: { basic: [] } },
  read: (object) => (property) => (property === whole ? object : object[property]),
  isWhole: true,
};

/** What a cast names can be queried as itself. */
function listingOf(cast: PageKind['cast']): Listing<Json> {
  if (cast !== 'group' && cast !== 'user') return uncast;
  const resource = cast === 'group' ? 'Group' : 'User';
  return { ...uncast, type: cast, resource, rules: describedRules(cast), searchable: ['displayName'] };
}

const keep = (object: Json, names: ReadonlySet<string> | undefined): Json =>
  names === undefined
    ? object
    : Object.fromEntries(Object.entries(object).filter(([name]) => names.has(name)));

export const isOfType = (type: string) => (object: Json) =>
  isText(object['@odata.type']) && object['@odata.type'] === `#microsoft.graph.${type}`;

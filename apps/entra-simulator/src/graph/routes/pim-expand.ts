import { roleById } from '../../directory/role-catalogue.js';
import type { Json } from '../../foundation/json.js';
import type { GraphContext, GraphReply } from '../context.js';
import { malformed } from '../errors.js';
import { principalObject } from './objects.js';
import { seenSchedules } from './pim-view.js';
import { roleDefinitionObject } from './roles.js';

type Navigation = (ctx: GraphContext, item: Json) => Json | undefined;

/** What requests, schedules and instances lead to alike. */
const navigations: Readonly<Record<string, Navigation>> = {
  principal: (ctx, item) => principalObject(ctx.tenant, String(item['principalId']), ctx.view),
  roleDefinition: (_, item) => {
    const role = roleById(String(item['roleDefinitionId']));
    return role === undefined ? undefined : roleDefinitionObject(role);
  },
};

const requestNavigations: Readonly<Record<string, Navigation>> = {
  ...navigations,
  targetSchedule: (ctx, item) =>
    seenSchedules(ctx, 'assignment').find((schedule) => schedule['id'] === item['targetScheduleId']),
};

/** A page with what `$expand` names; null for what is gone by now. The items are whole, whatever the page selects. */
export function expandedPage(ctx: GraphContext, reply: GraphReply, items: readonly Json[]): GraphReply {
  const named = namedIn(ctx);
  if (named.length === 0) return reply;
  const body = reply.body as { value: Json[] };
  return { ...reply, body: { ...body, value: body.value.map((shown) => led(ctx, named, { shown, items })) } };
}

export function expandedOne(ctx: GraphContext, shown: Json, item: Json): Json {
  return led(ctx, namedIn(ctx), { shown, items: [item] });
}

function namedIn(ctx: GraphContext): [string, Navigation][] {
  const expand = ctx.request.query.get('$expand');
  if (expand === undefined || expand === '') return [];
  const known = ctx.request.path.includes('AssignmentScheduleRequests') ? requestNavigations : navigations;
  return expand.split(',').map((text) => {
    const name = text.trim();
    const navigation = known[name];
    if (navigation === undefined) {
      throw malformed(
        `Parsing OData Select and Expand failed: Could not find a property named '${name}' to expand.`,
      );
    }
    return [name, navigation];
  });
}

function led(
  ctx: GraphContext,
  named: readonly [string, Navigation][],
  { shown, items }: { shown: Json; items: readonly Json[] },
): Json {
  const item = items.find((one) => one['id'] === shown['id']);
  if (item === undefined && named.length > 0) throw malformed('$select must keep the id beside $expand.');
  const found = named.map(([name, navigation]) => [name, navigation(ctx, item!) ?? null]);
  return { ...shown, ...(Object.fromEntries(found) as Json) };
}

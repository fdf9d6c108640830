import { isEventual, type GraphContext } from '../context.js';
import { unsupportedQuery } from '../errors.js';

const queryOptions = ['$filter', '$search', '$orderby', '$count'];

/**
 * [D] A cast such as memberOf/microsoft.graph.group together with a query is an advanced query; whether a bare cast
 * is one too is open, and the tenant's switch decides.
 */
export function demandCast(ctx: GraphContext): void {
  const { query } = ctx.request;
  const isBare = !queryOptions.some((option) => query.has(option));
  if (isBare && ctx.tenant.config.switches.bareCasts !== 'refused') return;
  const isAdvanced = isEventual(ctx) && query.get('$count')?.toLowerCase() === 'true';
  if (!isAdvanced) throw unsupportedQuery();
}

import type { GraphContext } from '../graph/context.js';
import type { Reader } from '../graph/select.js';
import { wordsOf } from '../graph/workloads.js';
import type { User } from '../state/model.js';
import { demandLicence } from './licence-check.js';
import { signInActivityOf } from './sign-in-view.js';

/**
 * `signInActivity` of users comes from the reporting service, which asks for a permission and a licence of its own
 * and refuses the whole request in its own words. The other properties are read as before.
 */
export function readingSignInActivity(
  ctx: GraphContext,
  read: (user: User) => Reader,
): (user: User) => Reader {
  const select = ctx.request.query.get('$select') ?? '';
  if (!select.split(',').some((name) => name.trim() === 'signInActivity')) return read;
  if (!ctx.caller.roles.has('AuditLog.Read.All'))
    throw wordsOf.reports.denied([['AuditLog.Read.All']], 'GET');
  demandLicence(ctx.tenant, true);
  return (user) => {
    const own = read(user);
    return (property) =>
      property === 'signInActivity' ? signInActivityOf(ctx.tenant, user.id, ctx.now) : own(property);
  };
}

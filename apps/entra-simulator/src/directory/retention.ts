import type { World } from '../state/world.js';
import type { Tenant } from '../state/tenant.js';
import { Writer } from '../state/writer.js';
import { purgeGroup } from './groups.js';
import { purgeUser } from './users.js';

/** How long what was deleted can be restored. */
const keptMs = 30 * 24 * 60 * 60 * 1000;

export const isKept = (item: { deletedAt?: number }, now: number): boolean =>
  (item.deletedAt ?? 0) + keptMs > now;

/** Does what Entra does by itself: what was deleted too long ago goes for good. The oldest stand first. */
export function purgeOverdue(world: World, tenant: Tenant): void {
  const now = world.clock.now();
  const overdue = {
    users: upTo(tenant.deletedUsers.truths(), now),
    groups: upTo(tenant.deletedGroups.truths(), now),
  };
  if (overdue.users.length + overdue.groups.length === 0) return;
  const writer = new Writer(world, tenant, { by: 'portal', requestId: 'retention' });
  for (const user of overdue.users) purgeUser(writer, user);
  for (const group of overdue.groups) purgeGroup(writer, group);
}

function upTo<T extends { deletedAt?: number }>(items: Iterable<T>, now: number): T[] {
  const overdue: T[] = [];
  for (const item of items) {
    if (isKept(item, now)) break;
    overdue.push(item);
  }
  return overdue;
}

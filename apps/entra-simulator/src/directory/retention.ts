import type { Due } from '../state/agenda.js';
import type { Writer } from '../state/writer.js';
import { purgeGroup } from './groups.js';
import { purgeUser } from './users.js';

/** What was deleted thirty days ago goes for good, unless it has been restored meanwhile. */
export function purgeOverdue(writer: Writer, due: Due): void {
  const { deletedUsers, deletedGroups } = writer.tenant;
  const user = due.table === 'deletedUsers' ? deletedUsers.truth(due.key) : undefined;
  const group = due.table === 'deletedGroups' ? deletedGroups.truth(due.key) : undefined;
  if (user?.dueAt === due.at) purgeUser(writer, user);
  if (group?.dueAt === due.at) purgeGroup(writer, group);
}

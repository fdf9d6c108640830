import type { AccountRef, AccountStores } from '#core/accounts';
import type { AuditActor, AuditEvent, AuditStores } from '#core/audit';
import type { GrantStores } from '#core/grants';
import { identityErrors, type IdentityStores, type TechnicianGroup } from '#core/identity';
import type {
  Clock,
  Instant,
  JobQueue,
  OrganizationId,
  TechnicianGroupId,
  TechnicianId,
  UnitOfWork,
} from '#core/shared';
import { ringCustomers } from './ring-customers.js';

interface OfGroup {
  readonly organizationId: OrganizationId;
  readonly groupId: TechnicianGroupId;
  readonly actor: AuditActor;
}
export type ChangeTechnicianGroupCommand = OfGroup & Pick<TechnicianGroup, 'name' | 'state'>;
export type SetGroupMembersCommand = OfGroup & { readonly technicianIds: readonly TechnicianId[] };

type GroupStores = AccountStores & AuditStores & GrantStores & IdentityStores;

export interface TechnicianGroupPorts {
  readonly unitOfWork: UnitOfWork<GroupStores>;
  readonly queue: JobQueue;
  readonly clock: Clock;
}

const MOST_MEMBERS = 1_000;

/** Renames a group, or archives it for good: whatever stood on nothing but this group ends. */
export class ChangeTechnicianGroup {
  constructor(private readonly ports: TechnicianGroupPorts) {}

  /** Throws `technician_group.not_found`, `technician_group.exists`, `technician_group.archived`. */
  execute(command: ChangeTechnicianGroupCommand): Promise<TechnicianGroup> {
    return change(this.ports, command, async (stores, group, now) => {
      const { name, state } = command;
      if (group.name === name && group.state === state) return { group, accounts: [], audit: null };
      if (group.state === 'archived') throw identityErrors.refuse('technician_group.archived');
      const next = { ...group, name, state };
      await stores.groups.save(next);
      const accounts = state === 'archived' ? await end(stores, { groupId: group.id, now, of: null }) : [];
      const action = state === 'archived' ? 'technician_group.archived' : 'technician_group.changed';
      return { group: next, accounts, audit: { action, details: { name, accounts: accounts.length } } };
    });
  }
}

/** Says who is in a group. Whoever is in it no longer loses what stood on nothing but this group, at once. */
export class SetGroupMembers {
  constructor(private readonly ports: TechnicianGroupPorts) {}

  /** Throws `technician_group.not_found`, `technician_group.archived`, `technician_group.too_large`, `technician.not_found`. */
  execute(command: SetGroupMembersCommand): Promise<TechnicianGroup> {
    const wanted = [...new Set(command.technicianIds)];
    if (wanted.length > MOST_MEMBERS) throw identityErrors.refuse('technician_group.too_large');
    return change(this.ports, command, async (stores, group, now) => {
      if (group.state === 'archived') throw identityErrors.refuse('technician_group.archived');
      const members = await stores.groups.members(group.id);
      const added = wanted.filter((id) => !members.includes(id));
      const removed = members.filter((id) => !wanted.includes(id));
      if (added.length + removed.length === 0) return { group, accounts: [], audit: null };
      await stores.groups.addMembers(group.id, added);
      await stores.groups.removeMembers(group.id, removed);
      const accounts = removed.length === 0 ? [] : await end(stores, { groupId: group.id, now, of: removed });
      const details = { added, removed, accounts: accounts.length };
      return { group, accounts, audit: { action: 'technician_group.members_changed', details } };
    });
  }
}

interface Changed {
  readonly group: TechnicianGroup;
  readonly accounts: readonly AccountRef[];
  readonly audit: Pick<AuditEvent, 'action' | 'details'> | null;
}

/** Under the group's lock, which every access request that stands on it shares. */
const change = async (
  { clock, queue, unitOfWork }: TechnicianGroupPorts,
  { actor, groupId, organizationId }: OfGroup,
  work: (stores: GroupStores, group: TechnicianGroup, now: Instant) => Promise<Changed>,
): Promise<TechnicianGroup> => {
  const { group, accounts } = await unitOfWork.inOrganization(organizationId, async (stores) => {
    const known = await stores.groups.lock(groupId);
    if (known === null) throw identityErrors.refuse('technician_group.not_found');
    const at = clock.now();
    const changed = await work(stores, known, at);
    const subject = { kind: 'technician_group', id: groupId };
    if (changed.audit !== null)
      await stores.audit.append([{ organizationId, at, actor, subject, customerId: null, ...changed.audit }]);
    return changed;
  });
  await ringCustomers(queue, organizationId, accounts);
  return group;
};

const end = async (
  { accounts, grants }: GroupStores,
  gone: {
    readonly groupId: TechnicianGroupId;
    readonly of: readonly TechnicianId[] | null;
    readonly now: Instant;
  },
): Promise<readonly AccountRef[]> => {
  const scope = { kind: 'group', groupId: gone.groupId, technicianIds: gone.of } as const;
  const ended = await accounts.endAll(scope, gone.now);
  await grants.forbidUnentitled(scope);
  return ended;
};

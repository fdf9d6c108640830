import type { Instant, OrganizationId, TechnicianGroupId, TechnicianId } from '#core/shared';

export type TechnicianRole = 'owner' | 'admin' | 'approver' | 'technician' | 'auditor';

/** A person of the organization who signs in. */
export interface Technician {
  readonly id: TechnicianId;
  readonly organizationId: OrganizationId;
  /** Lower case; part of the name of the person's admin accounts. Unique in the organization. */
  readonly username: string;
  readonly displayName: string;
  readonly role: TechnicianRole;
  /** `left` is final: the person's accounts are removed everywhere. */
  readonly state: 'active' | 'suspended' | 'left';
  readonly createdAt: Instant;
}

/** A named set of technicians. */
export interface TechnicianGroup {
  readonly id: TechnicianGroupId;
  readonly organizationId: OrganizationId;
  /** Unique in the organization, archived ones included. */
  readonly name: string;
  /** `archived` is final: it entitles nobody any more. */
  readonly state: 'active' | 'archived';
  readonly createdAt: Instant;
}

export interface GroupWithMembers {
  readonly group: Pick<TechnicianGroup, 'id' | 'name' | 'state'>;
  readonly members: readonly TechnicianId[];
}

export interface TechnicianGroupStore {
  /** Throws `technician_group.exists` when the name is taken. */
  insert(group: TechnicianGroup): Promise<void>;
  get(id: TechnicianGroupId): Promise<TechnicianGroup | null>;
  /** As `get`, for whoever may change it or its members in this transaction: others wait. */
  lock(id: TechnicianGroupId): Promise<TechnicianGroup | null>;
  /** Oldest first, archived ones included. */
  list(page: {
    readonly after: TechnicianGroupId | null;
    readonly limit: number;
  }): Promise<readonly TechnicianGroup[]>;
  /** Name and state. Throws `technician_group.exists` when the name is taken. */
  save(group: TechnicianGroup): Promise<void>;
  /** Each of these groups that exists, archived or not, with its members. */
  withMembers(ids: readonly TechnicianGroupId[]): Promise<readonly GroupWithMembers[]>;
  members(id: TechnicianGroupId): Promise<readonly TechnicianId[]>;
  /** Only of a group that was locked in this transaction. Who is in it already stays. */
  addMembers(id: TechnicianGroupId, technicianIds: readonly TechnicianId[]): Promise<void>;
  removeMembers(id: TechnicianGroupId, technicianIds: readonly TechnicianId[]): Promise<void>;
  /** Which of these groups exist and are not archived; they and their members stay as they are until the transaction ends. */
  steady(ids: readonly TechnicianGroupId[]): Promise<readonly TechnicianGroupId[]>;
  /** The groups that are not archived and have this member. */
  ofTechnician(technicianId: TechnicianId): Promise<readonly TechnicianGroupId[]>;
}

export interface TechnicianStore {
  /** Throws `technician.exists` when the username is taken. */
  insert(technician: Technician): Promise<void>;
  get(id: TechnicianId): Promise<Technician | null>;
  byUsername(username: string): Promise<Technician | null>;
  /** Oldest first. */
  list(page: { readonly after: TechnicianId | null; readonly limit: number }): Promise<readonly Technician[]>;
  /** As `get`; role and state stay as they are until the transaction ends. */
  steady(id: TechnicianId): Promise<Technician | null>;
  /** That person and every active owner, for whoever may change one of them in this transaction: others wait. */
  lockWithOwners(id: TechnicianId): Promise<readonly Technician[]>;
  /** Role and state; the rest of a person stays as it is. */
  save(technician: Technician): Promise<void>;
}

import type { Instant, OrganizationId, TechnicianId } from '#core/shared';

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

export interface TechnicianStore {
  /** Throws `technician.exists` when the username is taken. */
  insert(technician: Technician): Promise<void>;
  get(id: TechnicianId): Promise<Technician | null>;
  byUsername(username: string): Promise<Technician | null>;
}

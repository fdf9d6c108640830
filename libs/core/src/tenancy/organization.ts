import type { Instant, OrganizationId, RoleId } from '#core/shared';
import type { NamingPattern } from './naming-pattern.js';

/** One MSP of the deployment. */
export interface Organization {
  readonly id: OrganizationId;
  /** Stands in URLs and token commands: lower case, digits and dashes, unique in the deployment. */
  readonly slug: string;
  readonly name: string;
  readonly naming: NamingPattern;
  readonly createdAt: Instant;
}

/** Which directory roles may be given at most, in the whole tenant or in a unit; `roles` null: all of them. */
export interface RoleCeiling {
  readonly roles: readonly RoleId[] | null;
  readonly version: number;
}

export interface OrganizationStore {
  insert(organization: Organization): Promise<void>;
  /** The organization of this unit of work; null when it doesn't exist. */
  get(): Promise<Organization | null>;
  /** Others who lock it wait until this transaction ends: for what reads all of its customers before it adds some. */
  lock(): Promise<void>;
  /** After so many days without a grant a parked account is deleted; 0: never. 90 unless said. */
  unusedAccountDays(): Promise<number>;
  setUnusedAccountDays(days: number): Promise<void>;
  /** All roles unless said, in version 1. */
  roleCeiling(): Promise<RoleCeiling>;
  /** Compare-and-swap on `version`, which is raised by one. */
  saveRoleCeiling(ceiling: RoleCeiling): Promise<boolean>;
}

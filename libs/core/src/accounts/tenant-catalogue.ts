import type { GroupId, RoleId, UnitId } from '#core/shared';
import type { EntraApp } from '#core/tenancy';
import type { DirectoryError } from './directory-error.js';

/** A group of the tenant, as somebody chooses it for an access policy. */
export interface CatalogueGroup {
  readonly id: GroupId;
  readonly displayName: string;
  /** Directory roles may be assigned to it: its members count as admins. */
  readonly roleAssignable: boolean;
  /** A rule decides who is in it. */
  readonly dynamic: boolean;
  /** It comes from an on-premises directory. */
  readonly synced: boolean;
  readonly mailEnabled: boolean;
  /** Graph lets us put people into it: neither dynamic nor synced, nor for mail alone. */
  readonly manageable: boolean;
}

/** A directory role that can be assigned: one of Microsoft's or one of the tenant's own. */
export interface CatalogueRole {
  readonly id: RoleId;
  readonly templateId: RoleId;
  readonly displayName: string;
  readonly builtIn: boolean;
  /** Microsoft marks it as privileged; null where nobody told us (custom roles, new ones): to be treated as if it were. */
  readonly privileged: boolean | null;
}

export interface CatalogueUnit {
  readonly id: UnitId;
  readonly displayName: string;
  /** Only who holds a role at this unit may change its members, whatever else he holds. */
  readonly restricted: boolean;
}

export interface CatalogueDomain {
  readonly name: string;
  readonly verified: boolean;
  /** Passwords and passes are Entra's own; a federated domain sends its users elsewhere. */
  readonly managed: boolean;
  readonly isDefault: boolean;
  /** The tenant's own `.onmicrosoft.com`, which can't be lost. */
  readonly initial: boolean;
}

/** What could be read of a list; none is in it twice. */
export interface CatalogueList<T> {
  readonly items: readonly T[];
  /** There is nothing else. False: the list goes on, or what follows could not be read. */
  readonly complete: boolean;
  /** Why it breaks off in the middle; null when it is complete or as long as was wished. */
  readonly brokenOff: DirectoryError | null;
}

export interface GroupWish {
  /** Words with which a name or one of its words begins, or that it contains: Entra decides. Its index lags. */
  readonly search?: string;
  /** From 1; more than 25,000 are never read. */
  readonly limit: number;
}

/**
 * What a tenant has to choose from. Promised: back within `timeoutMs`; nothing is written; a list that breaks off says
 * so. Throws `DirectoryError` when not even a beginning can be read.
 */
export interface TenantCatalogue {
  listGroups(app: EntraApp, wish: GroupWish, timeoutMs: number): Promise<CatalogueList<CatalogueGroup>>;
  /** Those that are switched on. */
  listRoles(app: EntraApp, timeoutMs: number): Promise<CatalogueList<CatalogueRole>>;
  listUnits(app: EntraApp, timeoutMs: number): Promise<CatalogueList<CatalogueUnit>>;
  listDomains(app: EntraApp, timeoutMs: number): Promise<CatalogueList<CatalogueDomain>>;
}

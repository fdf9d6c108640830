import {
  DirectoryError,
  type CatalogueDomain,
  type CatalogueGroup,
  type CatalogueList,
  type CatalogueRole,
  type CatalogueUnit,
  type TenantCatalogue,
} from '#core/accounts';
import {
  MINUTE,
  SECOND,
  type Clock,
  type CustomerId,
  type Instant,
  type OrganizationId,
  type SecretBox,
  type UnitOfWork,
} from '#core/shared';
import {
  openApp,
  type EntraApp,
  type EntraConnection,
  type TenancyStores,
  type TenantCapabilities,
} from '#core/tenancy';
import { accessErrors } from './access.errors.js';
import { catalogueRefused, gapOf, type CatalogueGap, type ListTitle } from './catalogue-gap.js';
import { inOrder, partAfter, placeOf, type CataloguePlace } from './catalogue-page.js';
import { ShortMemory, type Memorable } from './short-memory.js';

/** The lists of a tenant that an admin chooses from, and what is in each. */
export interface CatalogueItems {
  readonly domains: CatalogueDomain;
  readonly groups: CatalogueGroup;
  readonly roles: CatalogueRole;
  readonly units: CatalogueUnit;
}
export type CatalogueName = keyof CatalogueItems;

export interface ReadCatalogueCommand<Name extends CatalogueName> {
  readonly organizationId: OrganizationId;
  readonly customerId: CustomerId;
  readonly list: Name;
  /** Of groups alone; null: whatever they are called. */
  readonly search: string | null;
  /** Not what is remembered. */
  readonly fresh: boolean;
  readonly after: CataloguePlace | null;
  readonly limit: number;
}

/** A part of a list, with what the connection may do there. */
export interface CataloguePart<Item> {
  readonly items: readonly Item[];
  readonly next: CataloguePlace | null;
  /** How many were read, on all pages. */
  readonly total: number;
  /** Null: these are all. */
  readonly gap: CatalogueGap | null;
  readonly askedAt: Instant;
  readonly capabilities: TenantCapabilities;
}

export interface ReadCataloguePorts {
  readonly unitOfWork: UnitOfWork<TenancyStores>;
  readonly catalogue: TenantCatalogue;
  readonly clock: Clock;
  readonly box: SecretBox;
}

interface ListReading<Item> extends ListTitle {
  readonly read: (
    catalogue: TenantCatalogue,
    app: EntraApp,
    search: string | null,
  ) => Promise<CatalogueList<Item>>;
  readonly placed: (item: Item) => CataloguePlace;
}

/** Somebody waits in front of it. */
const LIST_MS = 10 * SECOND;
/** One page of Graph's, and so one call, however many groups there are: who looks for one among more gives its name. */
const MOST_GROUPS = 999;
const KEEP_MS = MINUTE;
/** As long as it takes to look at another page. */
const KEEP_BROKEN_MS = 5 * SECOND;
const BOUNDS = { answers: 500, bytes: 32 * 1_024 * 1_024 };
/** About what an item takes: ids, flags, a name of usual length, and the object itself. */
const ITEM_BYTES = 500;

const byDisplayName = ({ displayName, id }: { readonly displayName: string; readonly id: string }) =>
  placeOf(displayName, id);
const TOO_MANY = 'Name it by its id, as the Entra admin centre shows it.';

const LISTS: { readonly [Name in CatalogueName]: ListReading<CatalogueItems[Name]> } = {
  domains: {
    many: 'domains',
    permission: 'Domain.Read.All',
    narrow: 'Give the name of the domain itself.',
    read: (catalogue, app) => catalogue.listDomains(app, LIST_MS),
    placed: ({ name }) => placeOf(name, name),
  },
  groups: {
    many: 'groups',
    permission: 'Group.Read.All',
    narrow: 'Give in `search` how the name of the group begins, or more of it.',
    read: (catalogue, app, search) =>
      catalogue.listGroups(app, { limit: MOST_GROUPS, ...(search === null ? {} : { search }) }, LIST_MS),
    placed: byDisplayName,
  },
  roles: {
    many: 'roles',
    permission: 'RoleManagement.ReadWrite.Directory',
    narrow: TOO_MANY,
    read: (catalogue, app) => catalogue.listRoles(app, LIST_MS),
    placed: byDisplayName,
  },
  units: {
    many: 'administrative units',
    permission: 'AdministrativeUnit.Read.All',
    narrow: TOO_MANY,
    read: (catalogue, app) => catalogue.listUnits(app, LIST_MS),
    placed: byDisplayName,
  },
};

/**
 * Reads what a customer's tenant has to choose from. A list is remembered for a minute, for this organization, customer and
 * version of the connection alone (ADR 33); rights, customer and connection are looked at each time.
 */
export class ReadCatalogue {
  readonly #memory: ShortMemory<CatalogueList<unknown>>;

  constructor(private readonly ports: ReadCataloguePorts) {
    this.#memory = new ShortMemory(ports.clock, BOUNDS);
  }

  /** Throws `customer.…`, `entra_connection.removing`, `directory.…`. */
  async execute<Name extends CatalogueName>(
    command: ReadCatalogueCommand<Name>,
  ): Promise<CataloguePart<CatalogueItems[Name]>> {
    const { organizationId, customerId, list, search, fresh } = command;
    const connection = await this.ports.unitOfWork.inOrganization(organizationId, (stores) =>
      usableConnection(stores, customerId),
    );
    const question = [organizationId, customerId, connection.id, connection.version, list, search];
    const { value, askedAt } = await this.#memory.ask(JSON.stringify(question), fresh, () =>
      this.ask(connection, list, search),
    );
    const { placed, ...title }: ListReading<CatalogueItems[Name]> = LISTS[list];
    // The question names the list.
    const items = value.items as readonly CatalogueItems[Name][];
    return {
      ...partAfter(items, placed, command),
      total: items.length,
      gap: gapOf(value, title),
      askedAt,
      capabilities: connection.capabilities,
    };
  }

  private async ask<Name extends CatalogueName>(
    connection: EntraConnection,
    list: Name,
    search: string | null,
  ): Promise<Memorable<CatalogueList<unknown>>> {
    const { read, placed, ...title }: ListReading<CatalogueItems[Name]> = LISTS[list];
    try {
      const told = await read(this.ports.catalogue, openApp(connection, this.ports.box), search);
      const bytes = told.items.length * ITEM_BYTES;
      const keepMs = told.brokenOff === null ? KEEP_MS : KEEP_BROKEN_MS;
      return { value: { ...told, items: inOrder(told.items, placed) }, keepMs, bytes };
    } catch (error) {
      throw error instanceof DirectoryError ? catalogueRefused(error, title) : error;
    }
  }
}

const usableConnection = async (
  { customers, connections }: TenancyStores,
  customerId: CustomerId,
): Promise<EntraConnection> => {
  const customer = await customers.get(customerId);
  if (customer === null) throw accessErrors.refuse('customer.not_found');
  if (customer.state !== 'active') throw accessErrors.refuse('customer.removed');
  const connection = await connections.ofCustomer(customerId);
  if (connection === null) throw accessErrors.refuse('customer.not_connected');
  if (connection.state === 'removing') throw accessErrors.refuse('entra_connection.removing');
  return connection;
};

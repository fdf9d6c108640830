import {
  DirectoryError,
  type CatalogueDomain,
  type CatalogueGroup,
  type CatalogueList,
  type CatalogueRole,
  type CatalogueUnit,
  type DirectoryErrorReason,
  type GroupWish,
  type TenantCatalogue,
  type TenantChanges,
  type UserChange,
  type UserChanges,
} from '#core/accounts';
import { idOf, type ObjectId } from '#core/shared';
import type { EntraApp } from '#core/tenancy';
import { FAKE_CLIENT_ID, FAKE_CREDENTIAL } from './fake-directory-tenant.js';

/** What a fake tenant has to choose from; empty unless said. */
export interface FakeCatalogueSpec {
  readonly tenantId: string;
  readonly groups?: readonly CatalogueGroup[];
  readonly roles?: readonly CatalogueRole[];
  readonly units?: readonly CatalogueUnit[];
  readonly domains?: readonly CatalogueDomain[];
  /** Lists that the app may not read. */
  readonly closed?: readonly FakeListName[];
}

export type FakeListName = 'groups' | 'roles' | 'units' | 'domains' | 'changes';

interface Telling {
  readonly at: number;
  readonly change: UserChange;
}

/** One tenant of the fake, with what happens to its users. */
export class FakeCatalogueTenant {
  readonly #users = new Map<ObjectId, Telling>();
  #time = 0;
  #oldest = 0;

  constructor(readonly spec: FakeCatalogueSpec) {}

  /** The user is there now and like this; fields that are not named stay as they were. */
  put(objectId: ObjectId, fields: Omit<UserChange, 'objectId' | 'removed'>): void {
    this.#tell({ ...this.#users.get(objectId)?.change, ...fields, objectId, removed: null });
  }

  remove(objectId: ObjectId, removed: 'soft' | 'hard'): void {
    this.#tell({ objectId, removed });
  }

  /** Every cursor so far leads nowhere from now on. */
  forget(): void {
    this.#time += 1;
    this.#oldest = this.#time;
  }

  since(cursor: string | null): UserChanges {
    const from = cursor === null ? 0 : placeOf(cursor);
    const restarted = cursor !== null && from < this.#oldest;
    const told = [...this.#users.values()].filter(({ at, change }) =>
      restarted || cursor === null ? change.removed === null : at > from,
    );
    const changes = told.map(({ change }) => change);
    return { changes, cursor: `place ${this.#time}`, restarted, caughtUp: true };
  }

  #tell(change: UserChange): void {
    this.#time += 1;
    this.#users.set(change.objectId, { at: this.#time, change });
  }
}

/** In memory what `EntraDirectory` is for catalogue and changes. Denies by default: an unknown app is `credential_bad`. */
export class FakeTenantCatalogue implements TenantCatalogue, TenantChanges {
  readonly #tenants = new Map<string, FakeCatalogueTenant>();
  /** Called before each list is read, with whose it is; one that throws lets the reading fail. */
  onRead: (list: FakeListName, app: EntraApp) => void | Promise<void> = () => undefined;

  addTenant(spec: FakeCatalogueSpec): FakeCatalogueTenant {
    const tenant = new FakeCatalogueTenant(spec);
    this.#tenants.set(spec.tenantId, tenant);
    return tenant;
  }

  async listGroups(
    app: EntraApp,
    { search, limit }: GroupWish,
    timeoutMs: number,
  ): Promise<CatalogueList<CatalogueGroup>> {
    const { spec } = await this.#open(app, 'groups', timeoutMs);
    const words = search?.trim().toLowerCase() ?? '';
    const found = (spec.groups ?? []).filter(({ displayName }) => displayName.toLowerCase().includes(words));
    return { items: found.slice(0, limit), complete: found.length <= limit, brokenOff: null };
  }

  async listRoles(app: EntraApp, timeoutMs: number): Promise<CatalogueList<CatalogueRole>> {
    return whole((await this.#open(app, 'roles', timeoutMs)).spec.roles);
  }

  async listUnits(app: EntraApp, timeoutMs: number): Promise<CatalogueList<CatalogueUnit>> {
    return whole((await this.#open(app, 'units', timeoutMs)).spec.units);
  }

  async listDomains(app: EntraApp, timeoutMs: number): Promise<CatalogueList<CatalogueDomain>> {
    return whole((await this.#open(app, 'domains', timeoutMs)).spec.domains);
  }

  async readChanges(app: EntraApp, cursor: string | null, timeoutMs: number): Promise<UserChanges> {
    return (await this.#open(app, 'changes', timeoutMs)).since(cursor);
  }

  async #open(app: EntraApp, list: FakeListName, timeoutMs: number): Promise<FakeCatalogueTenant> {
    await this.onRead(list, app);
    const tenant = this.#tenants.get(app.tenantId);
    const fits = app.clientId === FAKE_CLIENT_ID && app.credential.value.expose() === FAKE_CREDENTIAL;
    if (timeoutMs <= 0) throw refusal('unanswered', 'later');
    if (tenant === undefined || !fits) throw refusal('credential_bad', 'later');
    if (tenant.spec.closed?.includes(list) === true) throw refusal('consent_missing', 'never');
    return tenant;
  }
}

const whole = <T>(items: readonly T[] = []): CatalogueList<T> => ({ items, complete: true, brokenOff: null });

const placeOf = (cursor: string): number => {
  const place = /^place (\d+)$/.exec(cursor)?.[1];
  if (place === undefined) throw refusal('invalid', 'never');
  return Number(place);
};

const refusal = (reason: DirectoryErrorReason, retry: 'later' | 'never'): DirectoryError =>
  new DirectoryError(reason, 'Refused by the fake catalogue.', {
    retry,
    workload: reason === 'credential_bad' ? 'sign-in' : 'directory',
    status: null,
    code: null,
    retryAfterSeconds: null,
    requestId: null,
  });

/** A group as one asks for it in a test: an ordinary one unless said. */
export const fakeCatalogueGroup = (
  displayName: string,
  flags: Partial<CatalogueGroup> = {},
): CatalogueGroup => ({
  id: idOf(`group ${displayName}`),
  displayName,
  roleAssignable: false,
  dynamic: false,
  synced: false,
  mailEnabled: false,
  manageable: true,
  ...flags,
});

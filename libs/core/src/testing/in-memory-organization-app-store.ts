import { identityErrors } from '#core/identity';
import type { CustomerId, OrganizationAppId } from '#core/shared';
import type {
  Cloud,
  EntraConnection,
  OrganizationApp,
  OrganizationAppStore,
  UsableOrganizationApp,
} from '#core/tenancy';
import type { InMemoryDatabase } from './in-memory-database.js';
import { pageOf } from './in-memory-page.js';
import type { InMemoryTransaction } from './in-memory-transaction.js';

/** A connection as it is read: what it has of its organization's app is the app's, as it is now. */
export const asRead = (row: EntraConnection, database: InMemoryDatabase): EntraConnection => {
  const app = database.organizationApps
    .of(row.organizationId)
    .find(({ id }) => id === row.organizationApp?.id);
  if (app === undefined) return row;
  const { id, version, clientId, credentialKind, credentialEndsAt, sealed } = app;
  const organizationApp = { id, version };
  return {
    ...row,
    clientId,
    credentialKind,
    credentialEndsAt,
    sealedCredential: sealed ?? '',
    organizationApp,
  };
};

export class InMemoryOrganizationAppStore implements OrganizationAppStore {
  constructor(private readonly tx: InMemoryTransaction) {}

  inCloud(cloud: Cloud): Promise<OrganizationApp | null> {
    return this.tx.run(() => {
      const row = this.tx.database.organizationApps.get(this.tx.organizationId, cloud);
      if (row === undefined) return null;
      const { sealed: _, ...app } = row;
      return app;
    });
  }

  steady(cloud: Cloud): Promise<UsableOrganizationApp | null> {
    return this.tx.run(() => {
      const row = this.tx.database.organizationApps.get(this.tx.organizationId, cloud);
      if (row === undefined || row.sealed === null) return null;
      const { sealed: sealedCredential, ...app } = row;
      return { ...app, sealedCredential };
    });
  }

  lock(cloud: Cloud): Promise<OrganizationApp | null> {
    return this.inCloud(cloud);
  }

  users(
    id: OrganizationAppId,
    page: { readonly after: CustomerId | null; readonly limit: number },
  ): Promise<readonly CustomerId[]> {
    return this.tx.run(() => {
      const users = this.#usersOf(id).map((customerId) => ({ id: customerId }));
      return pageOf(users, page, 'oldest').map((user) => user.id);
    });
  }

  countUsers(id: OrganizationAppId): Promise<number> {
    return this.tx.run(() => this.#usersOf(id).length);
  }

  save(app: OrganizationApp, sealed: string | null, expectedVersion: number | null): Promise<boolean> {
    return this.tx.run(() => {
      this.tx.own(app);
      const { organizations, organizationApps } = this.tx.database;
      const missing = identityErrors.refuse('organization.not_found');
      this.tx.mustExist(organizations, app.organizationId, missing);
      const known = organizationApps.get(this.tx.organizationId, app.cloud);
      if ((known?.version ?? null) !== expectedVersion) return false;
      organizationApps.put(this.tx.organizationId, app.cloud, { ...app, sealed });
      return true;
    });
  }

  #usersOf(id: OrganizationAppId): readonly CustomerId[] {
    return this.tx.database.connections
      .of(this.tx.organizationId)
      .flatMap(({ organizationApp, customerId }) => (organizationApp?.id === id ? [customerId] : []));
  }
}

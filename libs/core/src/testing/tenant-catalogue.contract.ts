import {
  DirectoryError,
  type CatalogueGroup,
  type TenantCatalogue,
  type TenantChanges,
} from '#core/accounts';
import { Secret, type ObjectId } from '#core/shared';
import type { EntraApp } from '#core/tenancy';

/**
 * A tenant with a catalogue in front of it. It has the groups Helpers, Readers (plain), Protected (role-assignable),
 * Everybody (dynamic), From the office (synced), Newsletter (for mail) and Project (Microsoft 365); the units Berlin and
 * Vault (restricted); and the domains acme.example (default) and elsewhere.example (federated).
 */
export interface CatalogueWorld {
  readonly catalogue: TenantCatalogue & TenantChanges;
  readonly app: EntraApp;
  /** Makes a disabled user that bears the marker. */
  makeUser(upn: string, marker: string): Promise<ObjectId>;
  enable(user: ObjectId): Promise<void>;
  remove(user: ObjectId): Promise<void>;
  /** Empties the recycle bin of it. */
  purge(user: ObjectId): Promise<void>;
  /** The next cursor that is shown leads nowhere any more. */
  losePlace(): Promise<void>;
  close(): Promise<void>;
}

/** What a test wants its tenant to be like. */
export interface CatalogueWish {
  /** The app was consented to nothing that opens a list. */
  readonly closed?: boolean;
}

const BUDGET_MS = 10_000;
const MANAGEABLE = { dynamic: false, synced: false, mailEnabled: false, manageable: true };

/** What both the fake and the adapter of `TenantCatalogue` and `TenantChanges` keep. */
export const tenantCatalogueContract = (
  name: string,
  makeWorld: (wish: CatalogueWish) => Promise<CatalogueWorld>,
): void => {
  describe(`${name} keeps the contract of TenantCatalogue`, () => {
    let world: CatalogueWorld;
    const enter = async (wish: CatalogueWish = {}): Promise<CatalogueWorld> =>
      (world = await makeWorld(wish));
    afterEach(() => world.close());

    const groups = async (search?: string): Promise<ReadonlyMap<string, CatalogueGroup>> => {
      const wish = { limit: 100, ...(search === undefined ? {} : { search }) };
      const { items } = await world.catalogue.listGroups(world.app, wish, BUDGET_MS);
      return new Map(items.map((group) => [group.displayName, group]));
    };
    const changed = (cursor: string | null) => world.catalogue.readChanges(world.app, cursor, BUDGET_MS);

    describe('groups', () => {
      it('are told with what decides whether they can be used', async () => {
        await enter();
        const found = await groups();

        expect([...found.keys()].sort()).toEqual(
          ['Everybody', 'From the office', 'Helpers', 'Newsletter', 'Project', 'Protected', 'Readers'].sort(),
        );
        expect(found.get('Helpers')).toMatchObject({ ...MANAGEABLE, roleAssignable: false });
        expect(found.get('Protected')).toMatchObject({ ...MANAGEABLE, roleAssignable: true });
        expect(found.get('Everybody')).toMatchObject({ dynamic: true, manageable: false });
        expect(found.get('From the office')).toMatchObject({ synced: true, manageable: false });
        expect(found.get('Newsletter')).toMatchObject({ mailEnabled: true, manageable: false });
        expect(found.get('Project')).toMatchObject({ mailEnabled: true, manageable: true });
      });

      it('are found by their names', async () => {
        await enter();

        expect([...(await groups('help')).keys()]).toEqual(['Helpers']);
        expect((await groups('nothing like it')).size).toBe(0);
        expect((await groups('  ')).size).toBe(7);
      });

      it('that are more than wished for never pass for all', async () => {
        await enter();
        const list = (limit: number) => world.catalogue.listGroups(world.app, { limit }, BUDGET_MS);

        const some = await list(3);
        expect(some).toMatchObject({ complete: false, brokenOff: null });
        expect(new Set(some.items.map(({ id }) => id)).size).toBe(3);
        expect(await list(6)).toMatchObject({ complete: false });
        const all = await list(7);
        expect(all).toMatchObject({ complete: true, brokenOff: null });
        expect(all.items).toHaveLength(7);
      });
    });

    it('tells roles with those that are privileged, units with those that are restricted', async () => {
      await enter();
      const roles = await world.catalogue.listRoles(world.app, BUDGET_MS);
      const units = await world.catalogue.listUnits(world.app, BUDGET_MS);

      expect(roles.complete && units.complete).toBe(true);
      expect(roles.items).toContainEqual({
        id: '62e90394-69f5-4237-9190-012177145e10',
        templateId: '62e90394-69f5-4237-9190-012177145e10',
        displayName: 'Global Administrator',
        builtIn: true,
        privileged: true,
      });
      expect(roles.items.find(({ displayName }) => displayName === 'Message Center Reader')).toMatchObject({
        privileged: false,
      });
      expect(units.items.map(({ displayName, restricted }) => [displayName, restricted]).sort()).toEqual([
        ['Berlin', false],
        ['Vault', true],
      ]);
    });

    it('S106: tells domains with those on which no account can be made', async () => {
      await enter();
      const { items, complete } = await world.catalogue.listDomains(world.app, BUDGET_MS);

      expect(complete).toBe(true);
      expect(items.find((domain) => domain.name === 'acme.example')).toMatchObject({
        verified: true,
        managed: true,
        isDefault: true,
      });
      expect(items.find((domain) => domain.name === 'elsewhere.example')).toMatchObject({ managed: false });
    });

    describe('a list that cannot be read', () => {
      const reasons = (app: EntraApp, timeoutMs: number): Promise<readonly string[]> =>
        Promise.all(
          [
            world.catalogue.listGroups(app, { limit: 5 }, timeoutMs),
            world.catalogue.listRoles(app, timeoutMs),
            world.catalogue.listUnits(app, timeoutMs),
            world.catalogue.listDomains(app, timeoutMs),
            world.catalogue.readChanges(app, null, timeoutMs),
          ].map((reading) =>
            reading.then(
              () => 'read',
              (error: unknown) => (error instanceof DirectoryError ? error.reason : String(error)),
            ),
          ),
        );

      it('is a missing consent where nothing opens it', async () => {
        await enter({ closed: true });

        expect(await reasons(world.app, BUDGET_MS)).toEqual(Array(5).fill('consent_missing'));
      });

      it('is a bad credential, or no answer in time, and never an empty list', async () => {
        await enter();
        const wrong: EntraApp = {
          ...world.app,
          credential: { kind: 'secret', value: new Secret('not the right one') },
        };

        expect(await reasons(wrong, BUDGET_MS)).toEqual(Array(5).fill('credential_bad'));
        expect(await reasons(world.app, 0)).toEqual(Array(5).fill('unanswered'));
      });
    });

    describe('changes', () => {
      it('begin with everybody, and go on with what has changed since', async () => {
        await enter();
        const user = await world.makeUser('jo@acme.example', 'mark');

        const first = await changed(null);
        expect(first).toMatchObject({ restarted: false, caughtUp: true });
        expect(first.changes).toContainEqual({
          objectId: user,
          removed: null,
          enabled: false,
          marker: 'mark',
          upn: 'jo@acme.example',
        });
        const nothing = await changed(first.cursor);
        expect(nothing.changes).toEqual([]);
        await world.enable(user);
        const second = await changed(nothing.cursor);
        expect(second.changes).toMatchObject([{ objectId: user, removed: null, enabled: true }]);
        // What was read once can be read again: nothing is lost when its reader dies.
        expect((await changed(nothing.cursor)).changes).toMatchObject([{ objectId: user, enabled: true }]);
      });

      it('S103: tell a removal into the recycle bin from one for good', async () => {
        await enter();
        const user = await world.makeUser('jo@acme.example', 'mark');
        const { cursor } = await changed(null);

        await world.remove(user);
        const removed = await changed(cursor);
        expect(removed.changes).toMatchObject([{ objectId: user, removed: 'soft' }]);
        await world.purge(user);
        expect((await changed(removed.cursor)).changes).toMatchObject([{ objectId: user, removed: 'hard' }]);
      });

      it('S102: begin anew, once and saying so, when the place is lost', async () => {
        await enter();
        const user = await world.makeUser('jo@acme.example', 'mark');
        const { cursor } = await changed(null);
        await world.losePlace();

        const anew = await changed(cursor);

        expect(anew).toMatchObject({ restarted: true, caughtUp: true });
        expect(anew.changes).toContainEqual(
          expect.objectContaining({ objectId: user, enabled: false, marker: 'mark' }),
        );
        expect(await changed(anew.cursor)).toMatchObject({ restarted: false, changes: [] });
      });

      it.each([
        '',
        'nonsense',
        'https://elsewhere.example/v1.0/users/delta?$deltatoken=x',
        '//elsewhere.example/users/delta?$deltatoken=x',
        '/users/delta/../../me?$deltatoken=x',
        '/users?$deltatoken=x',
        '/users/delta?$deltatoken=x#y',
        '/users/delta?$deltatoken=x\r\nX: y',
        '/users/delta?$select=id',
      ])('do not go on from a cursor that never came from there: %j', async (cursor) => {
        await enter();

        await expect(changed(cursor)).rejects.toMatchObject({ reason: 'invalid', facts: { retry: 'never' } });
      });
    });
  });
};

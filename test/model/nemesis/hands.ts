import { idOf, type RoleId } from '#core/shared';
import type { Chance } from '../kernel/chance.js';
import type { TenantWatch, WatchedObject } from '../oracle/tenant-watch.js';

/** Nobody's policy gives these. */
const GLOBAL_ADMIN: RoleId = idOf('62e90394-69f5-4237-9190-012177145e10');
const FOREIGN_GROUP = 'group-of-somebody';

/** Somebody in the customer's tenant who does as he likes. */
export class Hands {
  #renamed = 0;

  constructor(
    private readonly of: {
      readonly chance: Chance;
      readonly watch: TenantWatch;
      readonly note: (who: string, what: string) => void;
    },
  ) {}

  act(): void {
    const { chance, watch, note } = this.of;
    const objects = [...watch.objects.values()];
    if (objects.length === 0) return;
    const object = chance.pick(objects);
    const deed = chance.pick([...this.deeds]);
    note('by hand', `${deed[0]} ${object.objectId.slice(-2)} of ${object.tenant.tenantId}`);
    deed[1](object);
  }

  private readonly deeds: readonly (readonly [string, (object: WatchedObject) => void])[] = [
    ['enables', (object) => this.change(object, { enabled: true })],
    ['enables', (object) => this.change(object, { enabled: true })],
    ['disables', (object) => this.change(object, { enabled: false })],
    ['gives a role to', (object) => this.giveRole(object)],
    ['gives a group to', (object) => this.giveGroup(object)],
    ['registers a method for', (object) => this.giveMethod(object)],
    ['renames', (object) => this.rename(object)],
    ['deletes', (object) => this.remove(object)],
    ['restores', (object) => this.restore(object)],
  ];

  readonly #deleted = new Map<string, NonNullable<ReturnType<WatchedObject['tenant']['user']>>>();

  private change(
    { tenant, objectId }: WatchedObject,
    change: Parameters<WatchedObject['tenant']['inPortal']>[1],
  ): void {
    if (tenant.user(objectId) !== null) tenant.inPortal(objectId, change);
  }

  private giveRole(object: WatchedObject): void {
    const user = object.tenant.user(object.objectId);
    if (user === null || user.roles.includes(GLOBAL_ADMIN)) return;
    const role = {
      roleId: GLOBAL_ADMIN,
      scope: '/',
      assignmentId: `${GLOBAL_ADMIN}|${object.objectId}-1`,
    };
    this.change(object, { assignments: [...user.assignments, role] });
  }

  private giveGroup(object: WatchedObject): void {
    const user = object.tenant.user(object.objectId);
    const group = object.tenant.addGroup(FOREIGN_GROUP);
    if (user !== null && !user.groups.includes(group))
      this.change(object, { groups: [...user.groups, group] });
  }

  private giveMethod(object: WatchedObject): void {
    const user = object.tenant.user(object.objectId);
    const id = `phone of ${object.objectId}`;
    if (user !== null) this.change(object, { methods: [{ kind: 'phone', id }] });
  }

  private rename(object: WatchedObject): void {
    this.#renamed += 1;
    this.change(object, { upn: `renamed-${this.#renamed}@${object.tenant.domains[0] ?? ''}` });
  }

  private remove(object: WatchedObject): void {
    const user = object.tenant.user(object.objectId);
    if (user === null) return;
    this.#deleted.set(`${object.tenant.tenantId} ${object.objectId}`, user);
    this.change(object, null);
  }

  /** As it was when it was deleted, enabled or not. */
  private restore({ tenant, objectId, accountId }: WatchedObject): void {
    // One that another has replaced is told of, and never touched: somebody else may have given it the marker.
    if (this.of.watch.of(accountId).at(-1)?.objectId !== objectId) return;
    const user = this.#deleted.get(`${tenant.tenantId} ${objectId}`);
    const isNameTaken = tenant.users().some(({ upn }) => upn === user?.upn);
    if (user === undefined || tenant.user(objectId) !== null || isNameTaken) return;
    tenant.write(objectId, { ...user, enabled: this.of.chance.happens(0.7) });
  }
}

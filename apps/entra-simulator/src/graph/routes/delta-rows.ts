import type { Json } from '../../foundation/json.js';
import type { Change, ChangedKind } from '../../state/changes.js';
import type { Group, User } from '../../state/model.js';
import type { View } from '../../state/replicated.js';
import type { Tenant } from '../../state/tenant.js';
import type { Reader } from '../select.js';
import { groupDefaults, groupReader } from './objects.js';
import { userDefaults, userReader } from './user-view.js';

/** A table as it is read here. */
interface Seen {
  truth(key: string): { id: string } | undefined;
  see(key: string, view: View): { id: string } | undefined;
  seeAll(view: View): { id: string }[];
}

/** How one kind of object is followed. */
export interface Tracked {
  readonly kind: ChangedKind;
  readonly type: 'user' | 'group';
  readonly defaults: readonly string[];
  readonly objects: (tenant: Tenant) => Seen;
  readonly deleted: (tenant: Tenant) => Seen;
  readonly reader: (object: { id: string }) => Reader;
}

export const trackedUsers: Tracked = {
  kind: 'users',
  type: 'user',
  defaults: userDefaults,
  objects: (tenant) => tenant.users,
  deleted: (tenant) => tenant.deletedUsers,
  reader: (user) => userReader(user as User),
};

export const trackedGroups: Tracked = {
  kind: 'groups',
  type: 'group',
  defaults: groupDefaults,
  objects: (tenant) => tenant.groups,
  deleted: (tenant) => tenant.deletedGroups,
  reader: (group) => groupReader(group as Group),
};

/** What the caller wants to be told. */
export interface DeltaAsk {
  readonly tracked: Tracked;
  readonly tenant: Tenant;
  readonly view: View;
  /** Undefined: what Graph gives by default. */
  readonly names: readonly string[] | undefined;
  readonly withMembers: boolean;
  /** Prefer: return=minimal */
  readonly isMinimal: boolean;
}

/** An object in its standard representation; properties without a value are left out. */
export function wholeRow(
  ask: DeltaAsk,
  object: { id: string },
  changed: ReadonlySet<string> = new Set(),
): Json {
  const read = ask.tracked.reader(object);
  const row: Json = {};
  for (const name of ask.names ?? ask.tracked.defaults) {
    const value = read(name) ?? null;
    if (value !== null || changed.has(name)) row[name] = value;
  }
  return { ...row, id: object.id };
}

/** One object after its changes; undefined: nothing of it is followed. */
export function changedRow(ask: DeltaAsk, id: string, changes: readonly Change[]): Json | undefined {
  const object = ask.tracked.objects(ask.tenant).see(id, ask.view);
  if (object === undefined) return removedRow(ask, id);
  const isNew = changes.some((change) => change.names === undefined);
  const names = new Set(changes.flatMap((change) => change.names ?? []));
  const members = ask.withMembers ? changedMembers(ask, changes) : [];
  const isFollowed = isNew || ask.names === undefined || ask.names.some((name) => names.has(name));
  if (!isFollowed && members.length === 0) return undefined;
  return {
    ...(isNew || !ask.isMinimal ? wholeRow(ask, object, names) : minimalRow(ask, object, names)),
    ...(members.length === 0 ? {} : { 'members@delta': members }),
  };
}

function minimalRow(ask: DeltaAsk, object: { id: string }, names: ReadonlySet<string>): Json {
  const read = ask.tracked.reader(object);
  const shown = (ask.names ?? ask.tracked.defaults).filter((name) => names.has(name));
  return { ...Object.fromEntries(shown.map((name) => [name, read(name) ?? null])), id: object.id };
}

/** [D] changed: it can be restored; deleted: it cannot. Its two stores lag by themselves, so the truth is asked too. */
function removedRow({ tracked, tenant, view }: DeltaAsk, id: string): Json {
  const deleted = tracked.deleted(tenant);
  const isKept = [tracked.objects(tenant).truth(id), deleted.truth(id), deleted.see(id, view)].some(
    (object) => object !== undefined,
  );
  return { id, '@removed': { reason: isKept ? 'changed' : 'deleted' } };
}

/** Members of a group from one place on, as the view has them. */
export function membersOf(ask: DeltaAsk, groupId: string, [from, most]: [number, number]) {
  const all = ask.tenant.memberships.lookUp('group', groupId, ask.view);
  const shown = all.slice(from, from + most).map(({ memberId }) => memberRow(ask.tenant, memberId));
  return { shown, isAll: from + shown.length >= all.length };
}

/** The last word on each member counts. */
function changedMembers({ tenant }: DeltaAsk, changes: readonly Change[]): Json[] {
  const last = new Map(
    changes.flatMap(({ member }) => (member === undefined ? [] : [[member.id, member.isThere]])),
  );
  return [...last].map(([id, isThere]) => ({
    ...memberRow(tenant, id),
    ...(isThere ? {} : { '@removed': { reason: 'deleted' } }),
  }));
}

const memberRow = (tenant: Tenant, id: string): Json => ({
  '@odata.type': `#microsoft.graph.${typeOf(tenant, id)}`,
  id,
});

function typeOf(tenant: Tenant, id: string): string {
  if (tenant.appOfPrincipal(id) !== undefined) return 'servicePrincipal';
  return (tenant.groups.truth(id) ?? tenant.deletedGroups.truth(id)) === undefined ? 'user' : 'group';
}

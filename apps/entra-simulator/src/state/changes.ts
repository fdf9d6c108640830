import { randomUUID } from 'node:crypto';
import type { Json } from '../foundation/json.js';
import { visibleAt, type Stamp } from './replicated.js';

export type ChangedKind = 'users' | 'groups';

/** One change of a user or a group, as delta queries and notifications tell it. */
export interface Change {
  readonly seq: number;
  readonly at: number;
  /** When the replica that delta queries read shows it. */
  readonly visibleAt: number;
  readonly kind: ChangedKind;
  readonly id: string;
  /** Properties by their names in Graph; undefined: the object came, went, or came back. */
  readonly names?: readonly string[];
  /** A member that was added or removed. */
  readonly member?: { readonly id: string; readonly isThere: boolean };
  /** It is gone for good, not only deleted. */
  readonly isPurge: boolean;
}

export interface WrittenRow {
  readonly table: string;
  readonly key: string;
  readonly before: object | undefined;
  readonly after: object | undefined;
}

/** More than this is not kept: who comes back later has to read everything anew. */
const mostChanges = 100_000;

/**
 * What changed in a tenant, in the order of writing. Off until somebody asks for changes, so that tenants which
 * nobody follows cost nothing; it does not outlive the process, and tokens of before are then answered 410.
 */
export class ChangeFeed {
  readonly epoch = randomUUID();
  private changes: Change[] = [];
  private isOn = false;
  private seq = 0;
  private forgotten = 0;

  /** From now on changes are kept. */
  follow(): void {
    this.isOn = true;
  }

  note(row: WrittenRow, stamp: Stamp): Change | undefined {
    if (!this.isOn) return undefined;
    const about = aboutOf(row);
    if (about === undefined) return undefined;
    const change: Change = {
      seq: ++this.seq,
      at: stamp.at,
      visibleAt: visibleAt(stamp, 'directory', 0),
      isPurge: false,
      ...about,
    };
    this.changes.push(change);
    if (this.changes.length > mostChanges) this.forget();
    return change;
  }

  /** The last change up to which the replica has everything. */
  position(now: number, from = this.forgotten): number {
    let position = from;
    for (const change of this.after(from)) {
      if (change.visibleAt > now) return position;
      position = change.seq;
    }
    return position;
  }

  /** The changes of one kind after one position up to another; undefined: they are not kept any more. */
  between(from: number, to: number, kind: ChangedKind): Change[] | undefined {
    if (from < this.forgotten || from > this.seq) return undefined;
    return this.after(from).filter((change) => change.seq <= to && change.kind === kind);
  }

  settle(): void {
    this.changes = this.changes.map((change) => ({ ...change, visibleAt: 0 }));
  }

  private after(position: number): Change[] {
    return this.changes.slice(Math.max(0, position - this.forgotten));
  }

  private forget(): void {
    const gone = mostChanges / 10;
    this.changes = this.changes.slice(gone);
    this.forgotten += gone;
  }
}

type About = Pick<Change, 'kind' | 'id'> & Partial<Pick<Change, 'names' | 'member' | 'isPurge'>>;

/** By table: what a written row says of a user or a group. */
const readers: Readonly<Record<string, ((row: WrittenRow) => About | undefined) | undefined>> = {
  users: (row) => aboutObject('users', row),
  groups: (row) => aboutObject('groups', row),
  deletedUsers: ({ key, after }) =>
    after === undefined ? { kind: 'users', id: key, isPurge: true } : undefined,
  deletedGroups: ({ key, after }) =>
    after === undefined ? { kind: 'groups', id: key, isPurge: true } : undefined,
  memberships: aboutMember,
};

const aboutOf = (row: WrittenRow): About | undefined => readers[row.table]?.(row);

function aboutMember({ before, after }: WrittenRow): About | undefined {
  const edge = after ?? before;
  if (edge === undefined) return undefined;
  const { groupId, memberId } = edge as { groupId: string; memberId: string };
  return {
    kind: 'groups',
    id: groupId,
    names: ['members'],
    member: { id: memberId, isThere: after !== undefined },
  };
}

function aboutObject(kind: ChangedKind, { key: id, before, after }: WrittenRow): About | undefined {
  if (before === undefined || after === undefined) return { kind, id };
  const names = differences(flat(before), flat(after));
  return names.length === 0 ? undefined : { kind, id, names };
}

/** What the stores keep under words of their own. */
const shownAs: Readonly<Record<string, readonly string[]>> = {
  passwordHash: ['lastPasswordChangeDateTime'],
  dynamic: ['groupTypes', 'membershipRule'],
  microsoft365: ['groupTypes'],
  onPremises: ['onPremisesSyncEnabled'],
};

const flat = (row: object): Json => {
  const { properties, ...rest } = row as Json;
  return { ...(properties as Json | undefined), ...rest };
};

function differences(before: Json, after: Json): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  const changed = [...names].filter((name) => !isSame(before[name], after[name]));
  return [...new Set(changed.flatMap((name) => shownAs[name] ?? [name]))];
}

const isSame = (one: unknown, other: unknown): boolean =>
  one === other || JSON.stringify(one) === JSON.stringify(other);

import type { HistoryEntry, HistoryEvent } from '../../support/simulator.js';
import { nameOf, type Rights } from './rights.js';

/** The bound of the promise. */
export const LATEST_MS = 60_000;

export interface Circumstances {
  readonly rights: Rights;
  /** What a running grant gives: role and group ids. */
  readonly given: ReadonlySet<string>;
  /** How long, of that time after an end, faults kept everybody from taking away there (D of the promise); 0: they did not. */
  readonly excusedMs: (late: LateEnd) => number;
  /** For how long a frozen process that goes on may have an account enabled beyond its end. */
  readonly zombieMs: number;
  /** How long ago an enable that comes at this instant may have left: as long as somebody or something on its way was frozen. */
  readonly underWayMs: (instant: number) => number;
  /** By the clock of the simulator. */
  readonly now: number;
}

/** An account that was enabled beyond its end, and until when. */
export interface LateEnd {
  readonly tenantId: string;
  readonly upn: string;
  readonly until: number;
  readonly to: number;
}

export type Invariant = 'I1' | 'I2' | 'I12' | 'I13';
export type Findings = Readonly<Record<Invariant, readonly string[]>>;

/** Enabled from one instant to another; not over: it is so still. */
export interface Interval {
  readonly from: number;
  readonly to: number;
  readonly isOver: boolean;
}

/** One user as the history tells of it. */
class Life {
  readonly intervals: Interval[] = [];
  readonly held = new Set<string>();
  #enabledAt: number | null = null;

  constructor(
    readonly tenantId: string,
    readonly upn: string,
  ) {}

  enabled(at: number): void {
    this.#enabledAt ??= at;
  }

  over(at: number): void {
    if (this.#enabledAt !== null) this.intervals.push({ from: this.#enabledAt, to: at, isOver: true });
    this.#enabledAt = null;
  }

  intervalsUntil(now: number): readonly Interval[] {
    if (this.#enabledAt === null) return this.intervals;
    return [...this.intervals, { from: this.#enabledAt, to: now, isOver: false }];
  }
}

/**
 * Judges what Graph was made to do against what was promised, from the simulator's own history alone. A person's doings in the portal are no doings of Curfew's; what they enable is Curfew's to end.
 */
export const judgeHistory = (history: readonly HistoryEntry[], circumstances: Circumstances): Findings => {
  const { rights } = circumstances;
  const lives = new Map<string, Life>();
  const I2: string[] = [];
  const I13: string[] = [];
  for (const entry of history) {
    const { tenantId, objectId, userPrincipalName: upn } = entry;
    if (upn === null || !(lives.has(objectId) || rights.isOurs({ tenantId, upn }))) continue;
    const life = lives.get(objectId) ?? new Life(tenantId, upn);
    lives.set(objectId, life);
    if (entry.what === 'user.enabled' && typeof entry.by === 'object') {
      I2.push(...enabledWithoutRight(entry, life, circumstances));
      I13.push(...enabledOver(entry, life, circumstances));
    }
    live(life, entry);
  }
  const everybody = [...lives.values()];
  return {
    I1: everybody.flatMap((life) => outlived(life, circumstances)),
    I2,
    I12: doubled(everybody),
    I13,
  };
};

/** When each account of ours was enabled, by its name. */
export const enabledIntervals = (
  history: readonly HistoryEntry[],
  { rights, now }: Pick<Circumstances, 'rights' | 'now'>,
): ReadonlyMap<string, readonly Interval[]> => {
  const lives = new Map<string, Life>();
  for (const entry of history) {
    const { tenantId, userPrincipalName: upn } = entry;
    if (upn === null || !rights.isOurs({ tenantId, upn })) continue;
    const name = nameOf({ tenantId, upn });
    const life = lives.get(name) ?? new Life(tenantId, upn);
    lives.set(name, life);
    live(life, entry);
  }
  return new Map([...lives].map(([name, life]) => [name, life.intervalsUntil(now)]));
};

const GIVEN: ReadonlySet<HistoryEvent> = new Set(['role.assigned', 'group.joined']);
const TAKEN: ReadonlySet<HistoryEvent> = new Set(['role.removed', 'group.left']);

const live = (life: Life, entry: HistoryEntry): void => {
  const instant = Date.parse(entry.at);
  if (beginsEnabled(entry)) life.enabled(instant);
  if (entry.what === 'user.disabled' || entry.what === 'user.deleted') life.over(instant);
  const thing = heldThing(entry.details);
  if (thing !== null && GIVEN.has(entry.what)) life.held.add(thing);
  if (thing !== null && TAKEN.has(entry.what)) life.held.delete(thing);
};

const beginsEnabled = ({ what, details }: HistoryEntry): boolean =>
  what === 'user.enabled' || (/^user\.(created|restored)$/.test(what) && details['accountEnabled'] === true);

const heldThing = (details: HistoryEntry['details']): string | null => {
  const thing = details['roleDefinitionId'] ?? details['groupId'];
  return typeof thing === 'string' ? thing : null;
};

const outlived = (life: Life, { rights, excusedMs, zombieMs, now }: Circumstances): readonly string[] => {
  const { tenantId, upn } = life;
  return life.intervalsUntil(now).flatMap(({ from, to, isOver }) => {
    const covering = rights.of(life).filter((right) => right.from <= to);
    const until = Math.max(0, ...covering.map((right) => right.until));
    // What began beyond every right is a zombie's, or a person's: it has a bound of its own, from its own beginning.
    const allowed = from > until ? from + Math.max(zombieMs, LATEST_MS) : until + LATEST_MS;
    if (to <= allowed || to <= allowed + excusedMs({ tenantId, upn, until, to })) return [];
    return [`${upn} was enabled ${to - until} ms beyond its end${isOver ? '' : ', and still is'}`];
  });
};

const enabledWithoutRight = (
  { at, tenantId }: HistoryEntry,
  { upn }: Life,
  { rights, underWayMs }: Circumstances,
): readonly string[] => {
  const instant = Date.parse(at);
  const isCovered = rights
    .of({ tenantId, upn })
    .some(({ from, until }) => from <= instant && instant < until + underWayMs(instant));
  return isCovered ? [] : [`${upn} was enabled at ${at} without a running grant`];
};

const enabledOver = ({ at }: HistoryEntry, life: Life, { given }: Circumstances): readonly string[] =>
  [...life.held]
    .filter((thing) => !given.has(thing))
    .map((thing) => `${life.upn} was enabled at ${at} over ${thing}`);

const doubled = (lives: readonly Life[]): readonly string[] => {
  const counts = new Map<string, number>();
  for (const life of lives) counts.set(nameOf(life), (counts.get(nameOf(life)) ?? 0) + 1);
  return [...counts]
    .filter(([, count]) => count > 1)
    .map(([name, count]) => `${name} was made ${count} times`);
};

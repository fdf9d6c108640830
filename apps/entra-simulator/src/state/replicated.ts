import { hashUnit } from '../foundation/random.js';
import type { Lag, Lags } from '../control/contract.js';

/** The stores that are read through replicas; the logs and the consent lag by themselves. */
export type LagDomain = Exclude<keyof Lags, 'reports' | 'consent'>;

/** A place to read from: one replica of one lag domain, at one instant. */
export interface View {
  readonly domain: LagDomain;
  readonly replica: number;
  readonly now: number;
}

/** When and with which lag a write was made. */
export interface Stamp {
  readonly seq: number;
  readonly at: number;
  readonly lags: Lags;
}

interface Version<T> {
  readonly value: T | undefined;
  /** Undefined: everybody has always seen it. */
  readonly stamp: Stamp | undefined;
}

export const noLag: Lag = { minMs: 0, maxMs: 0, replicas: 1 };
/** Every kind of lag alike. */
export const everyLag = (lag: Lag): Lags => ({
  directory: lag,
  index: lag,
  pim: lag,
  methods: lag,
  authorisation: lag,
});
export const noLags = everyLag(noLag);

const domains: readonly LagDomain[] = ['directory', 'index', 'pim', 'methods', 'authorisation'];
const domainSalt: Record<LagDomain, number> = {
  directory: 0,
  methods: 1000,
  authorisation: 2000,
  index: 3000,
  pim: 4000,
};

export const longestLag = (lags: Lags): number => Math.max(...domains.map((domain) => lags[domain].maxMs));

/**
 * A keyed store as a replicated directory shows it. Writes are true at once (`truth`); a view sees a write only
 * when its replica's own lag for that write has passed, so replicas disagree for a while, as Graph's do.
 * Keys whose last write every replica has seen cost nothing extra.
 */
export class Replicated<T> {
  private readonly current = new Map<string, T>();
  /** Newest first; only for keys that some replica may still see an older version of. */
  private readonly trails = new Map<string, Version<T>[]>();

  truth(key: string): T | undefined {
    return this.current.get(key);
  }

  truths(): IterableIterator<T> {
    return this.current.values();
  }

  get size(): number {
    return this.current.size;
  }

  write(key: string, value: T | undefined, stamp: Stamp): void {
    if (longestLag(stamp.lags) > 0 || this.trails.has(key)) this.extendTrail(key, value, stamp);
    if (value === undefined) this.current.delete(key);
    else this.current.set(key, value);
  }

  see(key: string, view: View): T | undefined {
    const trail = this.trails.get(key);
    if (trail === undefined) return this.current.get(key);
    if (this.isSettled(trail, view.now)) {
      this.trails.delete(key);
      return this.current.get(key);
    }
    return trail.find((version) => isVisible(version, view))?.value;
  }

  /** Everything that the view sees, in the order of writing. */
  seeAll(view: View): T[] {
    if (this.trails.size === 0) return [...this.current.values()];
    const keys = new Set([...this.current.keys(), ...this.trails.keys()]);
    return [...keys].map((key) => this.see(key, view)).filter((value) => value !== undefined);
  }

  /** No version of this key is left anywhere. */
  isGone(key: string, now: number): boolean {
    const trail = this.trails.get(key);
    return !this.current.has(key) && (trail === undefined || this.isSettled(trail, now));
  }

  settle(): void {
    this.trails.clear();
  }

  private extendTrail(key: string, value: T | undefined, stamp: Stamp): void {
    const trail = this.trails.get(key);
    const isLive = trail !== undefined && !this.isSettled(trail, stamp.at);
    const older = isLive ? trail : [{ value: this.current.get(key), stamp: undefined }];
    this.trails.set(key, [{ value, stamp }, ...older]);
  }

  private isSettled(trail: readonly Version<T>[], now: number): boolean {
    const newest = trail[0]?.stamp;
    return newest === undefined || newest.at + longestLag(newest.lags) <= now;
  }
}

/** When one replica of a domain shows what was written with the stamp. */
export function visibleAt(stamp: Stamp, domain: LagDomain, replica: number): number {
  const { minMs, maxMs } = stamp.lags[domain];
  return stamp.at + minMs + (maxMs - minMs) * hashUnit(stamp.seq, domainSalt[domain] + replica);
}

const isVisible = ({ stamp }: Version<unknown>, view: View): boolean =>
  stamp === undefined || visibleAt(stamp, view.domain, view.replica) <= view.now;

import type { Workload } from '#core/tenancy';
import { BucketPair, type Cost } from './bucket-pair.js';
import { GRAPH_LIMITS, type GraphLimits } from './graph-limits.js';
import { Holds, type Rank } from './holds.js';

/** On whose account a call goes. */
export interface Caller {
  /** App and cloud. */
  readonly app: string;
  /** App, cloud and tenant. */
  readonly appInTenant: string;
}

/** A call as limits see it. */
export interface Charge {
  readonly workload: Workload;
  readonly rank: Rank;
  readonly cost: Cost;
}

/** What an answer says of limits. */
export interface Heard {
  readonly throttled: boolean;
  /** It was answered otherwise: it has got past the limits. */
  readonly passed: boolean;
  readonly retryAfterMs: number | null;
  /** Whom a throttle is for: `Application/ReadWrite/{app}` is for the app in all its tenants. */
  readonly scope: string | null;
  readonly information: string | null;
  /** How much of a limit is used; 1 is all of it. */
  readonly percentage: number | null;
}

/** Takes access away: the only ones that may use up what is kept. */
const TAKING: Rank = 2;
/** Who has let nothing pass for so long is asked one thing first, before more is sent. */
const FAMILIAR_MS = 30_000;
/** Those that are remembered before the full ones among them are forgotten. */
const MANY = 1_000;
const WRITES_ONLY = 'WriteLimitExceeded';

interface Account {
  readonly buckets: BucketPair;
  readonly holds: Holds;
  /** When Graph last let a call pass. */
  passedAt: number;
}

/**
 * How much we may still ask of Graph, by its own published limits and by what it told us. Only the directory's limits
 * are published, so only its calls are counted; of the others we know what they refused. Kept in memory, one for each
 * process (ADR 20). Nothing waits here: who may not pass is told for how long.
 */
export class Allowances {
  readonly #limits: GraphLimits;
  readonly #now: () => number;
  readonly #accounts = new Map<string, Account>();
  #most = MANY;

  /** `now` never goes backwards: not the wall clock. */
  constructor(now: () => number, limits: GraphLimits = GRAPH_LIMITS) {
    this.#now = now;
    this.#limits = limits;
  }

  /** Takes the call's cost and answers 0, or takes nothing and answers how many milliseconds it is too early. */
  spend(caller: Caller, charge: Charge, owed: Cost = { writes: 0, units: 0 }): number {
    const now = this.#now();
    const held = this.heldMs(caller, charge);
    if (held > 0 || charge.workload !== 'directory') return held;
    const { cost, rank } = charge;
    const wanted = { writes: cost.writes + owed.writes, units: cost.units + owed.units };
    const kept = rank === TAKING ? 0 : this.#limits.kept;
    const pairs = this.#of(caller).map(({ buckets }) => buckets);
    const wait = Math.max(...pairs.map((pair) => pair.waitMs(reach(cost, wanted), kept, now)));
    if (wait === 0) for (const pair of pairs) pair.take(cost, now);
    return wait;
  }

  /** It never left. */
  giveBack(caller: Caller, { workload, cost }: Charge): void {
    if (workload !== 'directory') return;
    for (const { buckets } of this.#of(caller)) buckets.giveBack(cost, this.#now());
  }

  /** Milliseconds for which Graph asked us to leave such a call be; 0: none. */
  heldMs(caller: Caller, charge: Charge): number {
    const { rank } = charge;
    const now = this.#now();
    const things = thingsOf(charge);
    const waits = this.#of(caller).flatMap(({ holds }) =>
      things.map((what) => holds.waitMs(what, rank, now)),
    );
    return Math.max(...waits);
  }

  /** Graph has refused such a call and let none pass since, or hasn't been heard of for a while: the next one is a try. */
  isTry(caller: Caller, charge: Charge): boolean {
    const { rank } = charge;
    const things = thingsOf(charge);
    const accounts = this.#of(caller);
    return (
      this.#now() - accounts[1].passedAt > FAMILIAR_MS ||
      accounts.some(({ holds }) => things.some((what) => holds.isOpen(what, rank)))
    );
  }

  /** Learns from an answer. */
  heard(caller: Caller, charge: Charge, said: Heard): void {
    const now = this.#now();
    const accounts = this.#of(caller);
    const [app, appInTenant] = accounts;
    const addressed = said.scope?.startsWith('Application/') === true ? app : appInTenant;
    const { rank } = charge;
    if (said.throttled)
      addressed.holds.refused(refusedIn(charge, said), { rank, told: said.retryAfterMs }, now);
    if (said.passed) {
      appInTenant.passedAt = now;
      for (const { holds } of accounts) for (const what of thingsOf(charge)) holds.passed(what, rank, now);
    }
    this.#lower(addressed, charge, said);
  }

  #lower({ buckets }: Account, { workload, rank, cost }: Charge, said: Heard): void {
    if (said.percentage === null || workload !== 'directory') return;
    // Only a refusal of what takes away, which Graph refuses last, is a reason to touch what is kept for it.
    const left = Math.max(said.throttled && rank === TAKING ? 0 : this.#limits.kept, 1 - said.percentage);
    buckets.lowerTo(left, kindOf(said, cost.writes > 0), this.#now());
  }

  /** Those who have asked for nothing lately are as good as new, and are not kept. */
  get size(): number {
    return this.#accounts.size;
  }

  #of({ app, appInTenant }: Caller): readonly [Account, Account] {
    return [this.#account(app, this.#limits.app), this.#account(appInTenant, this.#limits.appInTenant)];
  }

  #account(key: string, limits: GraphLimits['app']): Account {
    const known = this.#accounts.get(key);
    if (known !== undefined) return known;
    const now = this.#now();
    if (this.#accounts.size >= this.#most) this.#forget(now);
    const account = {
      buckets: new BucketPair(limits, now),
      holds: new Holds(),
      passedAt: Number.NEGATIVE_INFINITY,
    };
    this.#accounts.set(key, account);
    return account;
  }

  #forget(now: number): void {
    for (const [key, { buckets, holds }] of this.#accounts)
      if (buckets.isFull(now) && holds.isOver(now)) this.#accounts.delete(key);
    this.#most = Math.max(MANY, 2 * this.#accounts.size);
  }
}

const kindOf = ({ information }: Heard, isWrite: boolean): 'write' | 'read' =>
  information === WRITES_ONLY || (isWrite && information === null) ? 'write' : 'read';

const writesOf = (workload: Workload): string => `${workload} writes`;
/** What may be held back, as far as it concerns this call. */
const thingsOf = ({ workload, cost }: Charge): readonly string[] =>
  cost.writes > 0 ? [workload, writesOf(workload)] : [workload];
/** Readings go on when only writes are used up. */
const refusedIn = ({ workload, cost }: Charge, { information }: Heard): string =>
  information === WRITES_ONLY && cost.writes > 0 ? writesOf(workload) : workload;

/** What is owed before it counts only in what the call itself needs. */
const reach = (cost: Cost, wanted: Cost): Cost => ({
  writes: cost.writes === 0 ? 0 : wanted.writes,
  units: cost.units === 0 ? 0 : wanted.units,
});

import {
  CLAIM_MS,
  MINUTE,
  SECOND,
  type AccountId,
  type Claim,
  type Clock,
  type CustomerId,
  type Instant,
  type UpcomingEnd,
} from '#core/shared';
import { BareDisable, hasDisabled, mayHaveDisabled } from './bare-disable.js';
import { CustomerWaits } from './customer-waits.js';
import type { Converge } from './converge.js';
import { desiredAccount } from './desired-account.js';
import { draftRound, type Draft } from './draft.js';
import { worstUnder } from './held.js';
import { bareOf, MirrorReader, type BareEnd, type MirroredEnd, type PlannedEnd } from './mirrored-end.js';
import { MirrorReadings } from './mirror-readings.js';
import type { ConvergencePorts } from './ports.js';
import type { RevokeFailed } from './revoke-overdue.js';
import { takenIn, type Work } from './round.js';
import { afterAnswer } from './tenant-clock.js';
import { throttlesIn } from './throttles.js';
import { Untold } from './untold.js';

const HORIZON_MS = 15 * MINUTE;
/** More than fall due in a quarter of an hour anywhere; the nearest of each customer count. */
const MOST_ENDS = 5_000;
/** An extension that nobody has converged yet shows in no column of the clockwork: everything is read anew this often. */
const RELOAD_MS = 30 * SECOND;
const UNDER_CLAIM_MS = 10 * SECOND;
const GRACE_MS = 2 * SECOND;
const MAX_ROUNDS = 8;
const CUSTOMERS_AT_ONCE = 64;
const LONGEST_BARE_REST_MS = 50 * SECOND;

/** What works without the database, and by which clock. */
export interface WorkingAlone {
  readonly converge: Converge;
  /** Later than the ports' own where the machine was held meanwhile. */
  readonly alone: Clock;
}

/**
 * The ends of the next quarter of an hour, kept in memory, so that they are kept while the database is away. It plans
 * and calls as every converge does, but writes no row: once the database is back the same ends are found overdue, taken
 * once more (which changes nothing) and proven. What it has done meanwhile is told to the audit log then, and its rows are
 * made to doubt what they say is held: an end that was put off without the mirror's knowing is given back. What Graph asked
 * of a customer is kept in memory too, and kept to.
 */
export class MirrorOfEnds {
  readonly #ends = new Map<AccountId, MirroredEnd>();
  readonly #waits = new CustomerWaits();
  readonly #works = new Map<CustomerId, Promise<number>>();
  /** When each customer last had its turn. */
  readonly #triedAt = new Map<CustomerId, Instant>();
  readonly #readings: MirrorReadings;
  readonly #untold: Untold;
  readonly #bare: BareDisable;

  constructor(
    private readonly ports: ConvergencePorts,
    private readonly working: WorkingAlone,
  ) {
    const reader = new MirrorReader(ports, this.#waits, (id) => this.#ends.get(id));
    this.#readings = new MirrorReadings(reader, (each) => this.keepRead(each));
    this.#untold = new Untold(ports);
    this.#bare = new BareDisable({ ...ports, clock: working.alone });
  }

  /**
   * Begins to read what ends soon, and to tell what was done without the database, and answers at once; `done` is when both
   * have ended, and throws when something could not be told. What can't be read is handed to `failed`, keeps nobody else's
   * out, and stays as it was. Throws when the database is away; nothing is lost then.
   */
  async refresh(failed: RevokeFailed): Promise<{ readonly done: Promise<unknown> }> {
    const { clock, unitOfWork } = this.ports;
    const now = clock.now();
    const ends = await unitOfWork.clockwork.endsBefore(now + HORIZON_MS, MOST_ENDS);
    this.forgetAllBut(ends);
    const stale = ends.filter((end) => !this.isFresh(end, now));
    const done = Promise.all([this.#readings.begin(stale, now, failed), this.#untold.tell()]);
    // Whoever doesn't ask for it is not to fall over it.
    done.catch(() => undefined);
    return { done };
  }

  /**
   * Begins to take away what is overdue by the mirror, a customer on whom nothing is under way yet after the other; answers
   * how many accounts were done with, once they are. `of`: these customers and no other. Never throws.
   */
  async takeAway(failed: RevokeFailed, of: ReadonlySet<CustomerId> | null = null): Promise<number> {
    const now = this.now();
    this.#waits.forgetPast(now);
    const owed = [...this.owed(now)].filter(([customer]) => of === null || of.has(customer));
    const turns = owed.sort(([a], [b]) => this.triedAt(a) - this.triedAt(b));
    const chosen = turns.slice(0, Math.max(0, CUSTOMERS_AT_ONCE - this.#works.size));
    const done = await Promise.all(chosen.map(([customer, ends]) => this.work(customer, ends, failed)));
    return done.reduce((sum, count) => sum + count, 0);
  }

  /** Until nothing is under way. */
  async idle(): Promise<void> {
    await this.#readings.idle();
    while (this.#works.size > 0) await Promise.all(this.#works.values());
  }

  private now(): Instant {
    return this.working.alone.now();
  }

  private triedAt(customer: CustomerId): Instant {
    return this.#triedAt.get(customer) ?? 0;
  }

  private owed(now: Instant): ReadonlyMap<CustomerId, readonly MirroredEnd[]> {
    const customers = new Map<CustomerId, MirroredEnd[]>();
    for (const each of this.#ends.values()) {
      const { customerId, takeAt } = each.end;
      if (each.taken || takeAt >= now - GRACE_MS || this.#works.has(customerId)) continue;
      if (this.#waits.isWaiting(customerId, now)) continue;
      const ends = customers.get(customerId);
      if (ends === undefined) customers.set(customerId, [each]);
      else ends.push(each);
    }
    return customers;
  }

  private work(customer: CustomerId, ends: readonly MirroredEnd[], failed: RevokeFailed): Promise<number> {
    this.#triedAt.set(customer, this.now());
    const planned = ends.filter((each) => each.how === 'planned');
    const bare = ends.filter((each) => each.how === 'bare');
    const work = Promise.all([
      this.takeFrom(planned, failed),
      ...bare.map((each) => this.takeBare(each, failed)),
    ])
      .then((done) => done.reduce((sum, count) => sum + count, 0))
      .finally(() => this.#works.delete(customer));
    this.#works.set(customer, work);
    return work;
  }

  private keep(each: MirroredEnd): void {
    this.#ends.set(each.end.accountId, each);
  }

  /** A row that nobody could write to since says nothing against what was taken meanwhile. */
  private keepRead(each: MirroredEnd): void {
    const known = this.#ends.get(each.end.accountId);
    const isSame = known?.end.epoch === each.end.epoch && known.end.takeAt === each.end.takeAt;
    this.keep(isSame && known.taken ? { ...each, taken: true } : each);
  }

  private forgetAllBut(ends: readonly UpcomingEnd[]): void {
    this.#readings.forgetAllBut(ends);
    const ending = new Set(ends.map(({ accountId }) => accountId));
    for (const id of this.#ends.keys()) if (!ending.has(id)) this.#ends.delete(id);
    const customers = new Set(ends.map(({ customerId }) => customerId));
    for (const id of this.#triedAt.keys()) if (!customers.has(id)) this.#triedAt.delete(id);
  }

  private isFresh(end: UpcomingEnd, now: Instant): boolean {
    const known = this.#ends.get(end.accountId);
    if (known === undefined || now - known.loadedAt >= RELOAD_MS) return false;
    if (known.end.takeAt !== end.takeAt) return false;
    // Whoever has claimed what is owed is taking it away: what there is to know of it is known when he gives it back, soon.
    const isClaimed = end.claimedUntil !== null && end.claimedUntil > now;
    const isBeingTaken = end.takeAt <= now && isClaimed && now - known.loadedAt < UNDER_CLAIM_MS;
    return known.end.epoch === end.epoch || isBeingTaken;
  }

  /** Rounds as under a claim, of one customer's accounts together. */
  private async takeFrom(ends: readonly PlannedEnd[], failed: RevokeFailed): Promise<number> {
    const [first] = ends;
    let left = ends;
    let done = 0;
    try {
      for (let round = 1; round <= MAX_ROUNDS && left.length > 0; round += 1) {
        const drafts = left.map((each) => ({ each, draft: this.draft(each) }));
        done += drafts.filter(({ each, draft }) => this.settle(each, draft)).length;
        // What Graph has just asked for counts for the other accounts too.
        if (first === undefined || this.#waits.isWaiting(first.end.customerId, this.now())) break;
        left = await this.carryOut(drafts.filter(({ draft }) => draft.settled === null));
      }
    } catch (error) {
      if (first !== undefined) failed(first.end, error);
      done += await this.eachAlone(ends, failed);
    }
    return done;
  }

  /** One that can't be planned harms nobody else, and is disabled all the same. */
  private async eachAlone(ends: readonly PlannedEnd[], failed: RevokeFailed): Promise<number> {
    const [only, ...others] = ends;
    if (only !== undefined && others.length === 0) {
      const bare = bareOf(only);
      if (bare === null) return 0;
      this.keep(bare);
      return this.takeBare(bare, failed);
    }
    const left = ends.filter(({ end }) => this.#ends.get(end.accountId)?.taken !== true);
    const done = await Promise.all(left.map((each) => this.takeFrom([each], failed)));
    return done.reduce((sum, count) => sum + count, 0);
  }

  private async takeBare(each: BareEnd, failed: RevokeFailed): Promise<number> {
    if (each.restsUntil > this.now()) return 0;
    const { outcomes, refusal } = await this.#bare.send(each.bare).then(
      (sent) => ({ outcomes: sent, refusal: sent.find((outcome) => !outcome.ok)?.error ?? null }),
      (error: unknown) => ({ outcomes: [], refusal: error }),
    );
    const at = this.now();
    // Whatever became of the sessions: it is disabled, or may be, and its row says otherwise.
    if (outcomes.some(mayHaveDisabled))
      this.#untold.add({ ...each.end, at, left: null, certain: outcomes.some(hasDisabled) });
    if (refusal !== null) {
      failed(each.end, refusal);
      const restMs = Math.min(LONGEST_BARE_REST_MS, SECOND * 2 ** Math.min(each.tries, 10));
      this.keep({ ...each, tries: each.tries + 1, restsUntil: at + restMs });
      return 0;
    }
    this.keep({ ...each, taken: true });
    return 1;
  }

  private draft({ end, account: read, open, connection, clock, work, held }: PlannedEnd): Draft {
    const now = this.now();
    const claim: Claim = { ...end, claimedUntil: now + CLAIM_MS };
    // What a worker gave after the row was read, just before the database went away, shows in no memory of ours.
    const isDoubtful = work === null && !desiredAccount(open, now, read).enabled;
    const account = isDoubtful
      ? { ...read, mayHold: worstUnder(read, open, connection.capabilities.timedRoles ? now : null) }
      : read;
    const of = { throttles: this.#waits.of(end.customerId), clock, held };
    return draftRound(
      {
        ...of,
        ...{ claim, account, open, connection, work, now },
        ...{ mint: null, stop: false, takingOnly: true, looking: false },
      },
      this.ports,
    );
  }

  private async carryOut(
    drafts: readonly { readonly each: PlannedEnd; readonly draft: Draft }[],
  ): Promise<readonly PlannedEnd[]> {
    const [first] = drafts;
    if (first === undefined) return [];
    const works = await this.working.converge.carryOut(
      drafts.map(({ draft }) => draft.work),
      first.each.connection,
    );
    const failures = works.flatMap((work) => work.failures);
    this.#waits.learn(first.each.end.customerId, throttlesIn(failures, this.now()));
    return drafts.map(({ each }, index) => {
      const work = works[index] ?? null;
      // Under its name there is somebody else's user: nothing of ours was made.
      const taken = work?.foreign === true;
      const clock = (work?.measured ?? []).reduce(afterAnswer, each.clock);
      const next = { ...each, work, account: work?.account ?? each.account, clock, taken };
      this.keep(next);
      if (work !== null) this.note(next.end, work);
      return next;
    });
  }

  /** The rest may fail, and the database be back before it doesn't: what is done already is told all the same. */
  private note(end: UpcomingEnd, work: Work): void {
    const taken = takenIn(work);
    if (taken === 'nothing') return;
    this.#untold.add({ ...end, at: this.now(), left: work.account.mayHold, certain: taken === 'something' });
  }

  /**
   * Nothing is left to send: either what is owed is taken away, or something failed and waits for its next try. What ends
   * later on the same account is owed then, and not looked at before: no proof is sought here.
   */
  private settle(each: PlannedEnd, { settled }: Draft): boolean {
    if (settled === null) return false;
    const { takeAt } = settled;
    const at = this.now();
    if (takeAt !== null && takeAt <= at) return false;
    this.keep(
      takeAt === null ? { ...each, taken: true } : { ...each, end: { ...each.end, takeAt }, work: null },
    );
    if (each.work !== null) this.#untold.add({ ...each.end, at, left: each.account.mayHold, certain: true });
    return true;
  }
}

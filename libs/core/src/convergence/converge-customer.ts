import { SECOND, type Claim, type CustomerRef } from '#core/shared';
import { isAway, isContended } from './away.js';
import type { Converge } from './converge.js';
import type { HandedOver } from './disables-first.js';
import type { ConvergencePorts } from './ports.js';
import { CLAIM_LIMIT, JointClaims } from './joint-claims.js';
import { Setbacks } from './setbacks.js';
import { Unreturned } from './unreturned.js';

/** So many claims at a time of one customer, while all of them owe ends: the next is made as soon as the disables of one have left. */
const MOST_CLAIMS = 10;
/** As long as a claim that nobody gave back would have lasted. */
const UNPLANNABLE_REST_MS = 30 * SECOND;
/** Whoever holds its rows may let go any moment. */
const CONTENDED_REST_MS = 5 * SECOND;

/** How long those take that are tried alone nobody knows: what others take away does not wait for them. */
const NOBODY_WAITS: HandedOver = () => undefined;

/** Claims what is due of one customer and converges it. Every bell ends here; a bell that rings for nothing is quiet. */
export class ConvergeCustomer {
  readonly #setbacks = new Setbacks();
  readonly #claims: JointClaims;

  constructor(
    private readonly ports: Pick<ConvergencePorts, 'unitOfWork' | 'clock'>,
    private readonly converge: Converge,
    private readonly unreturned = new Unreturned(ports),
  ) {
    this.#claims = new JointClaims(ports);
  }

  /** Before an execution that has to wait for its turn: it counts from here. */
  setOut(): HandedOver {
    return this.converge.setOut();
  }

  /** Returns how many accounts were worked on; tells `handedOver` when its disables need nothing more of us. */
  async execute(customer: CustomerRef, handedOver = this.setOut()): Promise<number> {
    try {
      return await this.claimAndWork(customer, handedOver);
    } finally {
      handedOver();
    }
  }

  /** `rest`: of those who come after the first claim, which is handed over with the last of them. */
  private async claimAndWork(
    customer: CustomerRef,
    handedOver: HandedOver,
    { left, rest }: { readonly left: number; readonly rest?: HandedOver } = { left: MOST_CLAIMS },
  ): Promise<number> {
    await this.unreturned.settle();
    const claims = await this.#claims.due(customer);
    if (claims.length === 0) return 0;
    if (!owesMore(claims) || left === 1) {
      await this.workOrGiveBack(claims, handedOver);
      return claims.length;
    }
    // From now on the others are on their way: what is taken from these waits for their disables.
    const others = rest ?? this.setOut();
    let next: Promise<number> | null = null;
    const goOn = (): void => {
      if (handedOver !== others) handedOver();
      if (next !== null) return;
      next = this.claimAndWork(customer, others, { left: left - 1, rest: others }).finally(others);
      // It may fail before anybody asks what has become of it: that is told when this work has ended too.
      next.catch(() => undefined);
    };
    const work = this.workOrGiveBack(claims, goOn).finally(goOn);
    let count = claims.length;
    const theirs = async (): Promise<void> => {
      count += (await next) ?? 0;
    };
    await allOf([work, work.then(theirs, theirs)]);
    return count;
  }

  /** Without a connection to its rows nothing can be done here; the sweep has others, and must not wait for our claims. */
  private async workOrGiveBack(claims: readonly Claim[], handedOver: HandedOver): Promise<void> {
    const odd = claims.filter(({ accountId }) => this.#setbacks.has(accountId));
    const others = claims.filter(({ accountId }) => !this.#setbacks.has(accountId));
    if (others.length === 0) handedOver();
    try {
      // What failed by itself before takes nobody else's time again.
      await allOf([this.work(others, handedOver), ...odd.map((claim) => this.work([claim]))]);
    } catch (error) {
      if (isAway(error)) await this.unreturned.giveBack(claims);
      throw error;
    }
  }

  /** All together; when that fails, each alone: a row that can't be read, or takes too long, keeps no other from its end. */
  private async work(claims: readonly Claim[], handedOver = NOBODY_WAITS): Promise<void> {
    const [claim] = claims;
    if (claim === undefined) return;
    try {
      await this.converge.execute(claims, { handedOver });
      if (claims.length === 1) this.#setbacks.clear(claim.accountId);
    } catch (error) {
      // Nobody waits for a plan that is not to be had, least of all its own accounts, each by itself.
      handedOver();
      if (isAway(error)) throw error;
      if (claims.length === 1) return this.leaveToRevoker(claim, error);
      await allOf(claims.map((each) => this.work([each])));
    }
  }

  /**
   * Nobody can plan this account. Whoever holds its claim keeps the revoker from it, which can disable it all the same: so
   * the claim is given back at once, and the next try here comes later, each time a little more. Where somebody holds the row
   * itself, the revoker sees that by the lock, and the claim is given back as soon as he lets go.
   */
  private async leaveToRevoker(claim: Claim, error: unknown): Promise<never> {
    const { clock, unitOfWork } = this.ports;
    const firstMs = isContended(error) ? CONTENDED_REST_MS : UNPLANNABLE_REST_MS;
    const by = { now: clock.now(), firstMs, longestMs: UNPLANNABLE_REST_MS };
    const dueAt = this.#setbacks.add(claim.accountId, by);
    await unitOfWork
      .inOrganization(claim.organizationId, ({ accounts }) => accounts.setAside(claim, dueAt))
      .then(
        (isSetAside) => (isSetAside ? undefined : this.unreturned.giveBack([claim])),
        // A row that can't even be asked for in time has its claim run out by itself.
        (problem: unknown) => (isAway(problem) ? this.unreturned.giveBack([claim]) : undefined),
      );
    throw error;
  }
}

const owesMore = (claims: readonly Claim[]): boolean =>
  claims.length >= CLAIM_LIMIT && claims.every(({ owesEnd }) => owesEnd === true);

/** Once all have ended: throws that the database is away, when one says so, or else the first failure. */
const allOf = async (works: readonly Promise<void>[]): Promise<void> => {
  const ended = await Promise.allSettled(works);
  const failures = ended.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : []));
  if (failures.length > 0) throw failures.find(isAway) ?? failures[0];
};

import { DirectoryError, type DirectoryStep, type MintedPass, type StepOutcome } from '#core/accounts';
import { SECOND, type Claim, type Instant } from '#core/shared';
import type { EntraApp, EntraConnection } from '#core/tenancy';
import { DisablesFirst, type HandedOver } from './disables-first.js';
import type { StepFailure } from './failure.js';
import { JointRounds } from './joint-rounds.js';
import { judgeRound } from './judge-round.js';
import type { PassOrder } from './plan-convergence.js';
import { isGiving, isTaking, type Phase, type PlannedStep } from './planned-step.js';
import type { ConvergencePorts } from './ports.js';
import { afterStep, asDirectoryStep, fill, refOf, withFailure, type Work } from './round.js';
import { differenceIn, NO_DIFFERENCE, type KnownClock } from './tenant-clock.js';
import { performBy, unopened, waysInto } from './ways-in.js';

export interface Converged {
  /** The pass that was ordered. */
  readonly minted: MintedPass | null;
  /** Of the last round. */
  readonly failures: readonly StepFailure[];
}

/** What an execution is for, beside what the rows say. */
export interface Order {
  /** A pass to mint, for a reveal. */
  readonly mint?: PassOrder;
  /** Only what takes away, and what must be read for it; the rest of the account's work stays due as it was. */
  readonly only?: 'taking';
  /** Compares each with Entra as a whole, whether anything asks for it or not. */
  readonly look?: true;
  /** Of whoever has set out before he had claims to execute. */
  readonly handedOver?: HandedOver;
}

/** Find, strip, look, create, give, rename: no account needs more rounds than this under one claim. */
const MAX_ROUNDS = 8;
const NOBODY_WAITS: HandedOver = () => undefined;
const LONGEST_CALL_MS = 10 * SECOND;
/** Left of the claim after the last call, to write down what came of it. */
const RECORDING_MS = 5 * SECOND;
/** A giving call needs this much of the claim: it must not arrive after somebody else took over. */
const GIVING_NEEDS_MS = 10 * SECOND;
/** A plan to give is not older than this when it leaves: else it is made anew from the rows as they are then. */
const GIVING_AGE_MS = SECOND;

/**
 * Brings managed accounts of ONE customer to what the grants say they should be. Everything that ever writes to Graph
 * goes through here, under a claim: give, extend, end, expiry, repair, the pass of a reveal, recovery after a crash.
 *
 * A round is: one transaction that records what the last round brought, derives what should be from the rows as they
 * are now, plans, and writes what the plan may give *before* it leaves; then the calls. When nothing is left to do (or
 * to try yet) the same transaction sets `dueAt` and gives the claim back. A crash between any two lines leaves `mayHold`
 * at its worst and the account due, so whoever claims it next takes away what is there.
 */
export class Converge {
  readonly #rounds: JointRounds;

  /** `disables`: one for all who work in a process. */
  constructor(
    private readonly ports: ConvergencePorts,
    private readonly disables = new DisablesFirst(),
  ) {
    this.#rounds = new JointRounds(ports);
  }

  /** A work that will be executed: what others take away waits for its first calls, as long as nobody says they're gone. */
  setOut(): HandedOver {
    return this.disables.setOut();
  }

  /** Works on the claimed accounts until each is settled or has to wait. */
  async execute(claims: readonly Claim[], order: Order = {}): Promise<Converged> {
    const handedOver = order.handedOver ?? (isUrgent(order) ? this.setOut() : NOBODY_WAITS);
    try {
      return await this.rounds(claims, { ...order, handedOver });
    } finally {
      handedOver();
    }
  }

  private async rounds(claims: readonly Claim[], order: Order): Promise<Converged> {
    const { mint, only, look, handedOver } = order;
    // Whoever asked for the pass waits to the end.
    const isAlone = !isUrgent(order);
    let works: readonly Work[] = [];
    let clock: KnownClock = NO_DIFFERENCE;
    let minted: Converged | null = null;
    for (let round = 1; ; round += 1) {
      const last = round > MAX_ROUNDS;
      // One pass is enough, and one refusal too: it is for the person who asked, not for the row.
      const pass = minted === null ? (mint ?? null) : null;
      const takingOnly = only === 'taking';
      const asked = { mint: pass, takingOnly, looking: look === true };
      const prepared = await this.#rounds.prepare({ claims, works, clock, last, ...asked }, isAlone);
      clock = prepared.clock;
      await this.ring(claims, prepared.bells);
      if (prepared.works.length === 0 || prepared.connection === null) {
        return minted ?? { minted: null, failures: works.flatMap((work) => work.failures) };
      }
      works = await this.carryOut(prepared.works, prepared.connection, handedOver);
      minted ??= mintedIn(works);
    }
  }

  /**
   * One round of calls: first the disables of all accounts, then everything else side by side. No account's plan both
   * takes and gives, so the giving of one doesn't wait for the reading of another.
   */
  async carryOut(
    planned: readonly Work[],
    connection: EntraConnection,
    handedOver?: HandedOver,
  ): Promise<readonly Work[]> {
    const { box, clock } = this.ports;
    const plannedAt = clock.now();
    const apps = waysInto(connection, box);
    const disabling = this.perform(planned, ['first'], apps);
    handedOver?.();
    const taken = await disabling;
    if (taken.some(takesMore)) await this.disables.othersGone();
    const isStale = clock.now() - plannedAt > GIVING_AGE_MS || timeLeft(taken, clock.now()) < GIVING_NEEDS_MS;
    const works = await this.perform(isStale ? taken.map(withoutGiving) : taken, ['then', 'give'], apps);
    const { mayTouchRoleHolders } = connection.capabilities;
    const hasOwnWay = !(apps instanceof DirectoryError) && apps[0]?.connectionId !== connection.id;
    const by = { now: clock.now(), mayTouchRoleHolders, hasOwnWay };
    return works.map((work, index) =>
      work.sounding === true ? sounded(planned[index], work) : judgeRound(withFailure(work, by), by.now),
    );
  }

  private async perform(
    works: readonly Work[],
    phases: readonly Phase[],
    apps: readonly EntraApp[] | DirectoryError,
  ): Promise<readonly Work[]> {
    const { clock } = this.ports;
    const timeoutMs = Math.min(LONGEST_CALL_MS, timeLeft(works, clock.now()) - RECORDING_MS);
    if (timeoutMs <= 0) return works;
    const filled = works.flatMap((work, index) =>
      work.steps.filter(({ phase }) => phases.includes(phase)).map((step) => this.fill(work, step, index)),
    );
    const sentAt = clock.now();
    const answered = await this.send(filled, apps, timeoutMs);
    const outcomes = new Map(answered.map((each) => [each.ref, each]));
    const now = clock.now();
    const measured = differenceIn(answered, { sentAt, now });
    const timed =
      measured === null
        ? works
        : works.map((work) => ({ ...work, measured: [...(work.measured ?? []), measured] }));
    return timed.map((work, index) =>
      work.steps.reduce((sofar, step) => {
        const outcome = outcomes.get(refOf(index, step));
        return outcome === undefined ? sofar : afterStep(sofar, step, { ...outcome, now });
      }, work),
    );
  }

  /** Puts the secret in. A sealed one that can't be opened fails this step and nothing else. */
  private fill(work: Work, step: PlannedStep, index: number): DirectoryStep | StepOutcome {
    try {
      return asDirectoryStep(index, step, fill(work, step, this.ports));
    } catch {
      return notSent(refOf(index, step), unopened('invalid', 'The sealed password cannot be opened.'));
    }
  }

  private async send(
    filled: readonly (DirectoryStep | StepOutcome)[],
    apps: readonly EntraApp[] | DirectoryError,
    timeoutMs: number,
  ): Promise<readonly StepOutcome[]> {
    const failed = filled.filter((each): each is StepOutcome => 'ok' in each);
    const steps = filled.filter((each): each is DirectoryStep => !('ok' in each));
    if (steps.length === 0) return failed;
    if (apps instanceof DirectoryError) return [...failed, ...steps.map(({ ref }) => notSent(ref, apps))];
    return [...failed, ...(await performBy(this.ports, apps, { steps, timeoutMs }))];
  }

  private async ring(claims: readonly Claim[], bells: readonly Instant[]): Promise<void> {
    const [claim] = claims;
    if (claim === undefined) return;
    const { organizationId, customerId } = claim;
    await Promise.all(
      bells.map((at) => this.ports.queue.ring({ name: 'customer.converge', organizationId, customerId }, at)),
    );
  }
}

/** A look is nobody's haste, and a pass that of one person. */
const isUrgent = ({ mint, look }: Order): boolean => mint === undefined && look !== true;

/** Something else than what goes first is to be taken away. */
const takesMore = ({ steps }: Work): boolean => steps.some((step) => step.phase === 'then' && isTaking(step));

/** Milliseconds until the first of the claims runs out. */
const timeLeft = (works: readonly Work[], now: Instant): number =>
  Math.min(...works.map(({ claim }) => claim.claimedUntil)) - now;

const withoutGiving = (work: Work): Work => ({
  ...work,
  steps: work.steps.filter((step) => !isGiving(step)),
});

/** Nothing but the date of the answer is kept. */
const sounded = (asked: Work | undefined, { measured = [], ...work }: Work): Work => ({
  ...(asked ?? work),
  measured,
});

/** What came of the order for a pass, in the round that carried it. */
const mintedIn = (works: readonly Work[]): Converged | null => {
  const work = works.find(({ steps }) => steps.some(({ call }) => call.do === 'mintPass'));
  return work === undefined ? null : { minted: work.minted, failures: work.failures };
};

const notSent = (ref: string, error: DirectoryError): StepOutcome => ({ ref, at: null, ok: false, error });

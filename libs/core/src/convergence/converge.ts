import type { MintedPass } from '#core/accounts';
import { SECOND, type Claim, type Instant } from '#core/shared';
import { openApp, type EntraConnection } from '#core/tenancy';
import type { StepFailure } from './failure.js';
import { judgeRound } from './judge-round.js';
import type { PassOrder } from './plan-convergence.js';
import type { Phase } from './planned-step.js';
import type { ConvergencePorts } from './ports.js';
import { prepareRound } from './prepare-round.js';
import { afterStep, asDirectoryStep, fill, withFailure, type Work } from './round.js';

export interface Converged {
  /** The pass that was ordered. */
  readonly minted: MintedPass | null;
  /** Of the last round. */
  readonly failures: readonly StepFailure[];
}

/** Find, strip, look, create, give, rename: no account needs more rounds than this under one claim. */
const MAX_ROUNDS = 8;
const LONGEST_CALL_MS = 10 * SECOND;
/** Left of the claim after the last call, to write down what came of it. */
const RECORDING_MS = 5 * SECOND;
/** A giving call needs this much of the claim: it must not arrive after somebody else took over. */
const GIVING_NEEDS_MS = 10 * SECOND;
const PHASES: readonly Phase[] = ['first', 'then', 'give'];

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
  constructor(private readonly ports: ConvergencePorts) {}

  /** Works on the claimed accounts until each is settled or has to wait. */
  async execute(claims: readonly Claim[], mint: PassOrder | null = null): Promise<Converged> {
    let works: readonly Work[] = [];
    let minted: MintedPass | null = null;
    for (let round = 1; ; round += 1) {
      const last = round > MAX_ROUNDS;
      const prepared = await prepareRound(this.ports, {
        claims,
        works,
        last,
        // One pass is enough, and one refusal too: it is for the person who asked, not for the row.
        mint: works.some(triedToMint) ? null : mint,
      });
      await this.ring(claims, prepared.bells);
      const failures = works.flatMap((work) => work.failures);
      if (prepared.works.length === 0 || prepared.connection === null) return { minted, failures };
      works = await this.carryOut(prepared.works, prepared.connection);
      minted = works.find((work) => work.minted !== null)?.minted ?? minted;
    }
  }

  /** One round of calls: first the disables of all accounts, then all other taking and reading, giving last. */
  private async carryOut(planned: readonly Work[], connection: EntraConnection): Promise<readonly Work[]> {
    const app = openApp(connection, this.ports.box);
    let works = planned;
    for (const phase of PHASES) works = await this.perform(works, phase, app);
    const now = this.ports.clock.now();
    return works.map((work) => judgeRound(withFailure(work, now), now));
  }

  private async perform(
    works: readonly Work[],
    phase: Phase,
    app: ReturnType<typeof openApp>,
  ): Promise<readonly Work[]> {
    const { box, clock, directory, ids } = this.ports;
    const timeoutMs = this.timeLeft(works, phase);
    const steps = works.flatMap((work, index) =>
      work.steps
        .filter((step) => step.phase === phase)
        .map((step) => asDirectoryStep(index, step, fill(work, step, { box, ids }))),
    );
    if (steps.length === 0 || timeoutMs <= 0) return works;
    const outcomes = new Map(
      (await directory.perform(app, steps, timeoutMs)).map((each) => [each.ref, each]),
    );
    const now = clock.now();
    return works.map((work, index) =>
      work.steps.reduce((sofar, step) => {
        const outcome = outcomes.get(`${index}/${step.key}`);
        return step.phase === phase && outcome !== undefined
          ? afterStep(sofar, step, { ...outcome, now })
          : sofar;
      }, work),
    );
  }

  /** Milliseconds that a call of this phase may take under what is left of the claims; 0 or less: not any more. */
  private timeLeft(works: readonly Work[], phase: Phase): number {
    const left = Math.min(...works.map(({ claim }) => claim.claimedUntil)) - this.ports.clock.now();
    if (phase === 'give' && left < GIVING_NEEDS_MS) return 0;
    return Math.min(LONGEST_CALL_MS, left - RECORDING_MS);
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

const triedToMint = (work: Work): boolean => work.steps.some(({ call }) => call.do === 'mintPass');

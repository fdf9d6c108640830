import {
  DirectoryError,
  type Directory,
  type DirectoryAnswer,
  type DirectoryStep,
  type StepOutcome,
} from '#core/accounts';
import type { EntraApp } from '#core/tenancy';

/** Longer than any lag of the faults here: what was written before can be read then. */
const LAG_MS = 20_000;
/** After so many tries of one call a person would be asked. */
const MOST_TRIES = 12;
const PAUSE_MS = 15_000;
/** What is refused so many times, for a lag's length, is so. */
const MOST_REFUSALS = 4;

/** What is known of one step while it is tried again. */
interface Progress {
  readonly step: DirectoryStep;
  outcome: StepOutcome | null;
  refusals: number;
}

/**
 * A directory as a careful caller uses it, by the promises of the port alone: what can heal is sent again after a
 * wait, what was refused for good too, as somebody may have mended it; a create that was not answered or met a name
 * that is taken is looked up by that name, and adopted when our marker is on it; nothing is read before what was
 * written has had its time. `wait` moves the clock.
 */
export class Patient implements Directory {
  readonly #directory: Directory;
  readonly #wait: (ms: number) => void;
  #wrote = false;

  constructor(directory: Directory, wait: (ms: number) => void) {
    this.#directory = directory;
    this.#wait = wait;
  }

  async perform(
    app: EntraApp,
    steps: readonly DirectoryStep[],
    timeoutMs: number,
  ): Promise<readonly StepOutcome[]> {
    if (timeoutMs <= 0) return this.#directory.perform(app, steps, timeoutMs);
    if (this.#wrote) this.#wait(LAG_MS);
    this.#wrote = steps.some(isWrite);
    const round = new Round(steps);
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      if (tries > 0) this.#wait(Math.max(PAUSE_MS, round.longestWaitMs()));
      const open = round.open();
      round.take(await this.#directory.perform(app, open, timeoutMs));
      for (const create of round.unsureCreates())
        round.adopt(create, await this.#find(app, create, timeoutMs));
      if (round.open().length === 0) break;
    }
    return round.outcomes();
  }

  async inspect(app: EntraApp, timeoutMs: number): ReturnType<Directory['inspect']> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.#directory.inspect(app, timeoutMs);
      } catch (error) {
        if (!(error instanceof DirectoryError) || tries === MOST_TRIES) throw error;
        this.#wait(PAUSE_MS);
      }
    }
  }

  async #find(app: EntraApp, { call }: DirectoryStep, timeoutMs: number): Promise<StepOutcome | undefined> {
    if (call.do !== 'createUser') return undefined;
    this.#wait(LAG_MS);
    const find: DirectoryStep = { ref: 'find', call: { do: 'findUser', upn: call.upn } };
    return (await this.#directory.perform(app, [find], timeoutMs))[0];
  }
}

const READS = new Set(['findUser', 'readUser']);
const isWrite = ({ call }: DirectoryStep): boolean => !READS.has(call.do) && !call.do.startsWith('list');

/** The steps of one `perform` of a patient caller, and how far each has come. */
class Round {
  readonly #steps: ReadonlyMap<string, Progress>;

  constructor(steps: readonly DirectoryStep[]) {
    this.#steps = new Map(steps.map((step) => [step.ref, { step, outcome: null, refusals: 0 }]));
    if (this.#steps.size < steps.length) throw new TypeError('Two steps have the same ref.');
  }

  /** What is to be sent, in the order of the plan; what a step waited for and is done is named no more. */
  open(): readonly DirectoryStep[] {
    return [...this.#steps.values()]
      .filter((progress) => this.#isOpen(progress))
      .map(({ step }) => {
        const { after, ...alone } = step;
        const isDone = after !== undefined && this.#steps.get(after)?.outcome?.ok === true;
        return isDone ? alone : step;
      });
  }

  take(outcomes: readonly StepOutcome[]): void {
    for (const outcome of outcomes) {
      const progress = this.#steps.get(outcome.ref);
      if (progress === undefined) throw new Error(`${outcome.ref} was not asked for.`);
      progress.outcome = outcome;
      if (!outcome.ok && !leavesOpen(outcome.error)) progress.refusals += 1;
    }
  }

  unsureCreates(): readonly DirectoryStep[] {
    return [...this.#steps.values()]
      .filter(
        ({ step, outcome }) =>
          step.call.do === 'createUser' && outcome?.ok === false && isUnsure(outcome.error),
      )
      .map(({ step }) => step);
  }

  /** The user of that name is ours when our marker is on it; else the name is somebody else's. */
  adopt({ ref, call }: DirectoryStep, found: StepOutcome | undefined): void {
    if (call.do !== 'createUser' || found?.ok !== true || found.answer.did !== 'findUser') return;
    const { user } = found.answer;
    if (user?.marker !== call.marker) return;
    const answer: DirectoryAnswer = { did: 'createUser', objectId: user.objectId };
    this.take([{ ref, at: found.at, ok: true, answer }]);
  }

  longestWaitMs(): number {
    const waits = [...this.#steps.values()].map(({ outcome }) =>
      outcome?.ok === false ? (outcome.error.facts.retryAfterSeconds ?? 0) : 0,
    );
    return 1_000 * Math.max(0, ...waits);
  }

  outcomes(): readonly StepOutcome[] {
    return [...this.#steps.values()].map(({ outcome }) => outcome).filter((outcome) => outcome !== null);
  }

  #isOpen({ step, outcome }: Progress): boolean {
    return outcome === null || (!outcome.ok && this.#mayChange(step));
  }

  #mayChange({ ref, after }: DirectoryStep, seen: readonly string[] = []): boolean {
    const progress = this.#steps.get(ref);
    if (progress !== undefined && isGivenUp(progress)) return false;
    // A plan in a circle is the directory's to refuse.
    const before = after === undefined || seen.includes(ref) ? undefined : this.#steps.get(after);
    return (
      before === undefined || before.outcome?.ok !== false || this.#mayChange(before.step, [...seen, ref])
    );
  }
}

const isGivenUp = ({ outcome, refusals }: Progress): boolean =>
  outcome?.ok === false && !isWorthWaiting(outcome.error, refusals);

/** The five minutes of an assignment are not waited for here and now. */
const isWorthWaiting = ({ reason }: DirectoryError, refusals: number): boolean =>
  reason !== 'too_soon' && refusals < MOST_REFUSALS;

const OPEN = new Set<DirectoryError['reason']>(['unanswered', 'throttled', 'not_tried', 'unknown']);
/** It may have been carried out, or nobody has looked at it yet. */
const leavesOpen = ({ reason }: DirectoryError): boolean => OPEN.has(reason);
const isUnsure = (error: DirectoryError): boolean => error.reason === 'conflict' || leavesOpen(error);

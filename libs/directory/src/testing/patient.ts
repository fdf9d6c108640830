import {
  DirectoryError,
  type Directory,
  type DirectoryAnswer,
  type DirectoryStep,
  type StepOutcome,
} from '#core/accounts';
import type { EntraApp } from '#core/tenancy';

/** Longer than any lag of the faults here: what was written before can be read then. */
export const LAG_MS = 31_000;
/** After so many tries of one call a person would be asked. */
const MOST_TRIES = 7;
const PAUSE_MS = 15_000;

/** What is known of one step while it is tried again. */
interface Progress {
  readonly step: DirectoryStep;
  outcome: StepOutcome | null;
  /** A try before was not answered: it may be this one that has done it. */
  mayBeOurs: boolean;
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
      for (const create of round.unsureCreates()) round.adopt(create, await this.#find(app, create, timeoutMs));
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
    this.#steps = new Map(steps.map((step) => [step.ref, { step, outcome: null, mayBeOurs: false }]));
    if (this.#steps.size < steps.length) throw new TypeError('Two steps have the same ref.');
  }

  /** What is to be sent, in the order of the plan; what a step waited for and is done is named no more. */
  open(): readonly DirectoryStep[] {
    return [...this.#steps.values()].filter((progress) => this.#isOpen(progress)).map(({ step }) => {
      const { after, ...alone } = step;
      const isDone = after !== undefined && this.#steps.get(after)?.outcome?.ok === true;
      return isDone ? alone : step;
    });
  }

  take(outcomes: readonly StepOutcome[]): void {
    for (const outcome of outcomes) {
      const progress = this.#steps.get(outcome.ref);
      if (progress === undefined) throw new Error(`${outcome.ref} was not asked for.`);
      progress.outcome = mended(outcome, progress.mayBeOurs);
      if (!outcome.ok) progress.mayBeOurs ||= leavesOpen(outcome.error);
    }
  }

  unsureCreates(): readonly DirectoryStep[] {
    return [...this.#steps.values()]
      .filter(({ step, outcome }) => step.call.do === 'createUser' && outcome?.ok === false && isUnsure(outcome.error))
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

  /** Nothing comes of waiting here and now for the five minutes of an assignment. */
  #mayChange({ ref, after }: DirectoryStep): boolean {
    const outcome = this.#steps.get(ref)?.outcome;
    if (outcome?.ok === false && outcome.error.reason === 'too_soon') return false;
    const before = after === undefined ? undefined : this.#steps.get(after);
    return before === undefined || before.outcome?.ok !== false || this.#mayChange(before.step);
  }
}

const UNSURE = new Set<DirectoryError['reason']>(['unanswered', 'throttled', 'conflict', 'unknown']);
const isUnsure = ({ reason }: DirectoryError): boolean => UNSURE.has(reason);
/** Graph may have carried it out; a throttled part of a batch too, as was seen. */
const leavesOpen = ({ reason }: DirectoryError): boolean => reason !== 'conflict' && UNSURE.has(reason);

/** "It was so already" after a try that may have done it: it was that try. */
const mended = (outcome: StepOutcome, mayBeOurs: boolean): StepOutcome => {
  if (!outcome.ok || !mayBeOurs || !('already' in outcome.answer)) return outcome;
  return { ...outcome, answer: { ...outcome.answer, already: false } };
};

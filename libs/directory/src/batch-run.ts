import { DirectoryError, type DirectoryStep, type StepOutcome } from '#core/accounts';
import type { EntraApp } from '#core/tenancy';
import { joined, nextLinkOf } from './answers.js';
import { sendBatch } from './batch-call.js';
import type { GraphClient } from './graph-client.js';
import type { GraphAnswer, GraphRequest } from './graph-answer.js';
import { failed, impossible, notTried, outcomeOf, unfinished, type Setting } from './outcomes.js';
import { packBatches, type Batch, type Part } from './pack-batches.js';
import type { Lists } from './permissions.js';
import { requestFor, type Way } from './requests.js';
import { prioritised } from './throttle-priority.js';
import { eachAtMost } from './time-limit.js';

/** Batches of one tenant in flight at a time: more would only meet its throttle. */
const BATCHES_AT_ONCE = 4;
/** Of 999 elements each: nobody's groups go on longer, and a list must not use up the time of the rest. */
const MOST_PAGES = 10;

/** What one `perform` works with. */
export interface Stage {
  readonly client: GraphClient;
  readonly app: EntraApp;
  readonly way: Way;
  /** Ends the time for everything. */
  readonly signal: AbortSignal;
  /** As of now: the token, and with it the roles, may be renewed on the way. */
  readonly setting: (inBatch: boolean, lists: Lists) => Setting;
}

/** One run of `perform`: waves one after the other, the batches of a wave together, every step answered once. */
export class BatchRun {
  readonly #stage: Stage;
  readonly #outcomes = new Map<string, StepOutcome>();

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  /** Outcomes in the order of the steps. Throws `TypeError` for a plan that can't be carried out. */
  async run(steps: readonly DirectoryStep[]): Promise<readonly StepOutcome[]> {
    for (const wave of packBatches(steps)) {
      await eachAtMost(BATCHES_AT_ONCE, wave, (batch) => this.#send(batch));
    }
    return steps.map(
      (step) => this.#outcomes.get(step.ref) ?? notTried(step, 'It had no place in any batch.'),
    );
  }

  async #send(batch: Batch): Promise<void> {
    const parts = this.#sendable(batch);
    if (parts.length === 0) return;
    try {
      await (parts.length === 1 ? this.#sendAlone(parts) : this.#sendTogether(parts));
    } catch (error) {
      if (!(error instanceof DirectoryError)) throw error;
      // There is no token: nothing of this batch has left.
      for (const { step } of parts) this.#outcomes.set(step.ref, failed(step, error));
    }
  }

  /** Those parts that may leave; the others are answered at once. */
  #sendable(batch: Batch): readonly (Part & { readonly request: GraphRequest })[] {
    return batch.flatMap((part) => {
      const { step } = part;
      const obstacle = this.#obstacle(part);
      const request = requestFor(step.call, this.#stage.way);
      if (obstacle === null && request !== null)
        return [{ ...part, request: prioritised(step.call, request) }];
      this.#outcomes.set(step.ref, request === null ? impossible(step) : notTried(step, obstacle ?? ''));
      return [];
    });
  }

  #obstacle({ step, dependsOn }: Part): string | null {
    if (this.#stage.signal.aborted) return 'The time was over before it was sent.';
    const before = [step.after, dependsOn].map((ref) => this.#outcomes.get(ref ?? ''));
    return before.some((outcome) => outcome?.ok === false) ? 'What it waits for did not succeed.' : null;
  }

  async #sendAlone(parts: readonly (Part & { readonly request: GraphRequest })[]): Promise<void> {
    const { client, app, signal } = this.#stage;
    for (const { step, request } of parts) {
      await this.#take(step, await client.send(app, request, signal), false);
    }
  }

  async #sendTogether(parts: readonly (Part & { readonly request: GraphRequest })[]): Promise<void> {
    const ids = new Map(parts.map(({ step }, index) => [step.ref, String(index + 1)]));
    const { opened, parts: answers } = await sendBatch(
      this.#stage,
      parts.map(({ step, request, dependsOn }) => ({
        id: ids.get(step.ref) ?? '',
        request,
        dependsOn: ids.get(dependsOn ?? '') ?? null,
      })),
    );
    await Promise.all(
      parts.map(async ({ step }) => {
        const answer = answers.get(ids.get(step.ref) ?? '');
        if (answer !== undefined) await this.#take(step, answer, opened);
      }),
    );
  }

  async #take(step: DirectoryStep, answer: GraphAnswer, inBatch: boolean): Promise<void> {
    try {
      const outcome = isMemberOfRefused(step, answer, this.#stage.way)
        ? await this.#readTransitively(step)
        : await this.#read(step, answer, this.#stage.setting(inBatch, this.#stage.way.lists));
      this.#outcomes.set(step.ref, outcome);
    } catch (error) {
      if (!(error instanceof DirectoryError)) throw error;
      // There was no token to read on with: only this step is affected.
      this.#outcomes.set(step.ref, failed(step, error));
    }
  }

  /** Direct memberships may not be read after all: those with the nested ones among them are the next best. */
  async #readTransitively(step: DirectoryStep): Promise<StepOutcome> {
    const { client, app, signal, way } = this.#stage;
    const lists: Lists = { ...way.lists, groups: 'transitiveMemberOf' };
    const request = requestFor(step.call, { ...way, lists });
    if (request === null) return impossible(step);
    return this.#read(step, await client.send(app, request, signal), this.#stage.setting(false, lists));
  }

  /** A list that goes on is read to its end, or it is no answer at all. */
  async #read(step: DirectoryStep, first: GraphAnswer, setting: Setting): Promise<StepOutcome> {
    const { client, app, signal } = this.#stage;
    let whole = outcomeOf(step, first, setting);
    let next = nextLinkOf(first.body);
    for (let page = 1; next !== null && whole.ok; page += 1) {
      const path = client.pathOf(next);
      if (path === null || page === MOST_PAGES) return unfinished(step);
      const answer = await client.send(app, { method: 'GET', path }, signal);
      const more = outcomeOf(step, answer, this.#stage.setting(false, setting.lists));
      if (!more.ok) return more;
      whole = { ...whole, answer: joined(whole.answer, more.answer) };
      next = nextLinkOf(answer.body);
    }
    return whole;
  }
}

const isMemberOfRefused = ({ call }: DirectoryStep, { status }: GraphAnswer, { lists }: Way): boolean =>
  call.do === 'listGroups' && status === 403 && lists.groups === 'memberOf';

import { DirectoryError, type DirectoryStep, type StepOutcome } from '#core/accounts';
import type { EntraApp } from '#core/tenancy';
import { joined, nextLinkOf } from './answers.js';
import { sendBatch } from './batch-call.js';
import type { GraphClient } from './graph-client.js';
import type { GraphAnswer, GraphRequest } from './graph-answer.js';
import { admit, type Admission } from './limits/admission.js';
import type { Caller, Charge } from './limits/allowances.js';
import { heardIn } from './limits/heard.js';
import { mostUrgent, rankOf } from './limits/lane.js';
import { NoTurn } from './limits/lanes.js';
import type { Pace } from './limits/pace.js';
import { failed, impossible, notTried, outcomeOf, tooEarly, unfinished, type Setting } from './outcomes.js';
import { packBatches, type Batch, type Part } from './pack-batches.js';
import type { Lists } from './permissions.js';
import { requestFor, type Way } from './requests.js';
import { prioritised } from './throttle-priority.js';

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
  readonly pace: Pace;
}

const BEFORE_FAILED = 'What it waits for did not succeed.';

/**
 * One run of `perform`: waves one after the other, the batches of a wave together as their turns come, every step
 * answered once. What doesn't fit into what Graph lets pass is answered before anything leaves.
 */
export class BatchRun {
  readonly #stage: Stage;
  readonly #caller: Caller;
  readonly #admission: Admission;
  readonly #steps: readonly DirectoryStep[];
  readonly #outcomes = new Map<string, StepOutcome>();

  constructor(stage: Stage, steps: readonly DirectoryStep[]) {
    this.#stage = stage;
    this.#steps = steps;
    this.#caller = stage.pace.callerOf(stage.app);
    const { allowances } = stage.pace;
    this.#admission = admit(steps, stage.way, { allowances, caller: this.#caller });
  }

  /** Outcomes in the order of the steps. Throws `TypeError` for a plan that can't be carried out. */
  async run(): Promise<readonly StepOutcome[]> {
    const whole = packBatches(this.#steps);
    const { admitted } = this.#admission;
    for (const wave of admitted.length === this.#steps.length ? whole : packBatches(admitted))
      await Promise.all(wave.map((batch) => this.#send(batch)));
    return this.#steps.map((step) => this.#outcomes.get(step.ref) ?? this.#notAdmitted(step));
  }

  #notAdmitted(step: DirectoryStep): StepOutcome {
    const waitMs = this.#admission.tooEarly.get(step.ref);
    return waitMs === undefined ? notTried(step, BEFORE_FAILED) : tooEarly(step, waitMs);
  }

  async #send(batch: Batch): Promise<void> {
    const { pace, signal } = this.#stage;
    const { lanes, charges } = this.#admission;
    const lane = mostUrgent(batch.map(({ step }) => lanes.get(step.ref) ?? 'giving'));
    const own = batch.flatMap(({ step }) => charges.get(step.ref) ?? []);
    const isTry = (): boolean => own.some((charge) => pace.allowances.isTry(this.#caller, charge));
    try {
      const turn = { customer: this.#caller.appInTenant, lane, signal, isTry };
      await pace.lanes.run(turn, () => this.#sendNow(batch));
    } catch (error) {
      if (!(error instanceof NoTurn)) throw error;
      for (const { step } of batch) this.#keepBack(step, notTried(step, error.message));
    }
  }

  async #sendNow(batch: Batch): Promise<void> {
    const parts = this.#sendable(batch);
    if (parts.length === 0) return;
    try {
      await (parts.length === 1 ? this.#sendAlone(parts) : this.#sendTogether(parts));
    } catch (error) {
      if (!(error instanceof DirectoryError)) throw error;
      // There is no token: nothing of this batch has left.
      for (const { step } of parts) this.#keepBack(step, failed(step, error));
    }
  }

  /** Those parts that may leave; the others are answered at once. */
  #sendable(batch: Batch): readonly (Part & { readonly request: GraphRequest })[] {
    return batch.flatMap((part) => {
      const { step } = part;
      const request = requestFor(step.call, this.#stage.way);
      const answer = request === null ? impossible(step) : this.#obstacle(part);
      if (answer !== null) this.#keepBack(step, answer);
      return answer !== null || request === null ? [] : [{ ...part, request: this.#ranked(step, request) }];
    });
  }

  #ranked({ ref, unhurried }: DirectoryStep, request: GraphRequest): GraphRequest {
    const takes = rankOf(this.#admission.lanes.get(ref) ?? 'giving') === 2;
    return prioritised({ takes, unhurried }, request);
  }

  /** It doesn't leave after all. */
  #keepBack({ ref }: DirectoryStep, outcome: StepOutcome): void {
    const charge = this.#admission.charges.get(ref);
    if (charge !== undefined) this.#stage.pace.allowances.giveBack(this.#caller, charge);
    this.#outcomes.set(ref, outcome);
  }

  /** What was heard while it waited for its turn counts too. */
  #obstacle({ step, dependsOn }: Part): StepOutcome | null {
    if (this.#stage.signal.aborted) return notTried(step, 'The time was over before it was sent.');
    const before = [step.after, dependsOn].map((ref) => this.#outcomes.get(ref ?? ''));
    if (before.some((outcome) => outcome?.ok === false)) return notTried(step, BEFORE_FAILED);
    const waitMs = this.#stage.pace.allowances.heldMs(this.#caller, this.#chargeOf(step));
    return waitMs > 0 ? tooEarly(step, waitMs) : null;
  }

  #chargeOf({ ref }: DirectoryStep): Charge {
    const charge = this.#admission.charges.get(ref);
    if (charge === undefined) throw new TypeError(`${ref} is no step of this plan.`);
    return charge;
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

  #hear(step: DirectoryStep, answer: GraphAnswer): GraphAnswer {
    const { pace, setting, way } = this.#stage;
    const { now } = setting(false, way.lists);
    pace.allowances.heard(this.#caller, this.#chargeOf(step), heardIn(answer, now));
    return answer;
  }

  async #take(step: DirectoryStep, answer: GraphAnswer, inBatch: boolean): Promise<void> {
    this.#hear(step, answer);
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
    const answer = this.#hear(step, await client.send(app, request, signal));
    return this.#read(step, answer, this.#stage.setting(false, lists));
  }

  /** A list that goes on is read to its end, or it is no answer at all. */
  async #read(step: DirectoryStep, first: GraphAnswer, setting: Setting): Promise<StepOutcome> {
    const { client, app, signal } = this.#stage;
    let whole = outcomeOf(step, first, setting);
    let next = nextLinkOf(first.body);
    for (let page = 1; next !== null && whole.ok; page += 1) {
      const path = client.pathOf(next);
      if (path === null || page === MOST_PAGES) return unfinished(step);
      const answer = this.#hear(step, await client.send(app, { method: 'GET', path }, signal));
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

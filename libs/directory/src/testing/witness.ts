import { inspect } from 'node:util';
import type { Directory, DirectoryStep, StepOutcome } from '#core/accounts';
import type { EntraApp } from '#core/tenancy';
import type { RequestEntry, TestSimulator } from '../../../../test/support/simulator.js';

/** A little more than the time that was given: what comes back later has broken its word. */
const GRACE_MS = 1_500;

/** Stands before a directory and watches whether it keeps what its port promises of every `perform`. */
export class Witness implements Directory {
  readonly #directory: Directory;
  readonly #simulator: TestSimulator;
  /** Everything that came back, as a log would show it. */
  readonly told: string[] = [];
  readonly broken: string[] = [];
  #seen = 0;

  constructor(directory: Directory, simulator: TestSimulator) {
    this.#directory = directory;
    this.#simulator = simulator;
  }

  async perform(
    app: EntraApp,
    steps: readonly DirectoryStep[],
    timeoutMs: number,
  ): Promise<readonly StepOutcome[]> {
    const since = await this.#lastRequest();
    const began = performance.now();
    const outcomes = await this.#directory.perform(app, steps, timeoutMs);
    if (performance.now() - began > timeoutMs + GRACE_MS) this.broken.push('It came back too late.');
    if (outcomes.map(({ ref }) => ref).join() !== steps.map(({ ref }) => ref).join())
      this.broken.push('Not every step was answered once, in its place.');
    this.#checkWrites(steps, await this.#simulator.requests({ since }));
    for (const outcome of outcomes) this.#hear(outcome);
    return outcomes;
  }

  async inspect(app: EntraApp, timeoutMs: number): ReturnType<Directory['inspect']> {
    try {
      return await this.#directory.inspect(app, timeoutMs);
    } catch (error) {
      this.#hearError(error as Error);
      throw error;
    }
  }

  #hear(outcome: StepOutcome): void {
    this.told.push(JSON.stringify(outcome), inspect(outcome, { depth: 10 }));
    if (!outcome.ok) this.#hearError(outcome.error);
  }

  #hearError(error: Error): void {
    this.told.push(error.message, error.stack ?? '', JSON.stringify(error), inspect(error, { depth: 10 }));
  }

  async #lastRequest(): Promise<number> {
    const since = this.#seen;
    return (this.#seen = (await this.#simulator.requests({ since })).at(-1)?.seq ?? since);
  }

  /** A 401 looked at nothing, so it doesn't count; of a batch that was cut only the envelope is known. */
  #checkWrites(steps: readonly DirectoryStep[], requests: readonly RequestEntry[]): void {
    const answered = requests.filter(({ path, status }) => path.startsWith('/v1.0/') && status !== 401);
    const envelopes = answered.filter(({ path }) => path.endsWith('/$batch'));
    const alone = answered.filter(({ path, method }) => !path.endsWith('/$batch') && method !== 'GET');
    const parts = envelopes.flatMap((entry) => entry.parts ?? []).filter(({ method }) => method !== 'GET');
    const writes = steps.filter(
      ({ call }) => !call.do.startsWith('list') && !/^(find|read)User$/.test(call.do),
    );
    if (alone.length + parts.length > writes.length)
      this.broken.push(`${alone.length + parts.length} writes were sent for ${writes.length} steps.`);
    const most = steps.every(({ after }) => after === undefined)
      ? Math.ceil(steps.length / 20)
      : steps.length;
    if (envelopes.length > most)
      this.broken.push(`${envelopes.length} batches were sent instead of ${most}.`);
  }
}

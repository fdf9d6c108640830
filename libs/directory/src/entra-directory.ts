import {
  DirectoryError,
  type Directory,
  type DirectoryStep,
  type StepOutcome,
  type TenantInspection,
} from '#core/accounts';
import type { Cloud, EntraApp } from '#core/tenancy';
import { MalformedAnswer } from './answers.js';
import { AppTokens } from './app-tokens.js';
import { BatchRun } from './batch-run.js';
import { checkedClouds, type CloudAddress, type CloudSettings } from './clouds.js';
import type { GraphAnswer } from './graph-answer.js';
import { GraphClient } from './graph-client.js';
import { inspectTenant } from './inspection.js';
import { failed, notTried, readError, type Setting, type UnclassifiedAnswer } from './outcomes.js';
import { listsFor, type Lists } from './permissions.js';
import { signInError, unusableCredential } from './sign-in-error.js';
import { deadlineIn, within } from './time-limit.js';
import { requestToken, type AppToken } from './token-request.js';

export interface EntraDirectoryOptions {
  readonly clouds: CloudSettings;
  /** Milliseconds since 1970; default the machine's clock. */
  readonly now?: () => number;
  /** Told of each answer that the error table doesn't know. */
  readonly onUnclassified?: (facts: UnclassifiedAnswer) => void;
}

/** Where one cloud is called. */
interface Gate {
  readonly address: CloudAddress;
  readonly client: GraphClient;
}

/**
 * Microsoft Graph v1.0 over HTTPS. Beyond the port's promises: no sleep anywhere, no write sent twice (but for a 401,
 * which looks at nothing), one token request at a time per connection. `close` when done.
 */
export class EntraDirectory implements Directory {
  readonly #gates: ReadonlyMap<Cloud, Gate>;
  readonly #tokens: AppTokens;
  readonly #now: () => number;
  readonly #onUnclassified: (facts: UnclassifiedAnswer) => void;

  /** Throws `TypeError` for a cloud whose hosts are not https origins. */
  constructor({ clouds, now = () => Date.now(), onUnclassified = () => undefined }: EntraDirectoryOptions) {
    const addresses = checkedClouds(clouds);
    this.#now = now;
    this.#onUnclassified = onUnclassified;
    this.#tokens = new AppTokens((app) => requestToken(app, this.#gate(app).address, now), now);
    this.#gates = new Map(
      [...addresses].map(([cloud, address]) => [
        cloud,
        { address, client: new GraphClient(address, this.#tokens) },
      ]),
    );
  }

  async perform(
    app: EntraApp,
    steps: readonly DirectoryStep[],
    timeoutMs: number,
  ): Promise<readonly StepOutcome[]> {
    if (timeoutMs <= 0) return steps.map((step) => notTried(step, 'There was no time left.'));
    const signal = deadlineIn(timeoutMs);
    try {
      const { address, client } = this.#gate(app);
      const token = await this.#tokenBefore(app, signal);
      const way = { graphHost: address.graphHost, lists: listsFor(token.roles) };
      const setting = (inBatch: boolean, lists: Lists): Setting => this.#setting(app, inBatch, lists);
      const outcomes = await new BatchRun({ client, app, signal, way, setting }).run(steps);
      const errors = outcomes.flatMap((outcome) => (outcome.ok ? [] : [outcome.error]));
      this.#learnFrom(errors, app, token);
      return outcomes;
    } catch (error) {
      if (!(error instanceof DirectoryError)) throw error;
      return steps.map((step) => failed(step, error));
    }
  }

  async inspect(app: EntraApp, timeoutMs: number): Promise<TenantInspection> {
    const signal = deadlineIn(Math.max(1, timeoutMs));
    const { client } = this.#gate(app);
    const token = await this.#tokenBefore(app, signal);
    const failure = (answer: GraphAnswer, inBatch: boolean): DirectoryError =>
      readError(answer, this.#setting(app, inBatch, listsFor(token.roles)));
    try {
      return await inspectTenant({ client, app, signal, token, failure });
    } catch (error) {
      if (error instanceof DirectoryError) this.#learnFrom([error], app, token);
      if (!(error instanceof MalformedAnswer)) throw error;
      throw failure({ status: 200, headers: {}, body: null }, true);
    }
  }

  /** Drops all connections. */
  async close(): Promise<void> {
    await Promise.all([...this.#gates.values()].map(({ client }) => client.close()));
  }

  async #tokenBefore(app: EntraApp, signal: AbortSignal): Promise<AppToken> {
    try {
      return await within(this.#tokens.get(app), signal);
    } catch (error) {
      if (error instanceof DirectoryError) throw error;
      throw signInError(null, 'The sign-in service gave no answer in time.', this.#now());
    }
  }

  #setting(app: EntraApp, inBatch: boolean, lists: Lists): Setting {
    const roles = this.#tokens.roles(app);
    return { app, roles, lists, inBatch, now: this.#now, onUnclassified: this.#onUnclassified };
  }

  /** What the refusals say of the token: that it lacks a consent, or is worth nothing. */
  #learnFrom(errors: readonly DirectoryError[], app: EntraApp, token: AppToken): void {
    if (errors.some(({ reason }) => reason === 'consent_missing')) this.#tokens.distrust(app);
    const isRefusal = ({ facts }: DirectoryError): boolean =>
      facts.status === 401 && facts.workload !== 'sign-in';
    if (errors.some(isRefusal)) this.#tokens.doubt(app, token);
  }

  #gate(app: EntraApp): Gate {
    const gate = this.#gates.get(app.cloud);
    if (gate === undefined)
      throw unusableCredential(`this deployment does not know the cloud "${app.cloud}".`);
    return gate;
  }
}

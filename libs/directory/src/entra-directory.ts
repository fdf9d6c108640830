import type { Agent } from 'node:https';
import {
  DirectoryError,
  type CatalogueDomain,
  type CatalogueGroup,
  type CatalogueList,
  type CatalogueRole,
  type CatalogueUnit,
  type Directory,
  type DirectoryStep,
  type GroupWish,
  type StepOutcome,
  type SurveyWish,
  type TenantCatalogue,
  type TenantChanges,
  type TenantInspection,
  type TenantSurvey,
  type TenantSurveyor,
  type UserChanges,
} from '#core/accounts';
import type { Cloud, EntraApp } from '#core/tenancy';
import { MalformedAnswer } from './answer-fields.js';
import { AppTokens } from './app-tokens.js';
import { BatchRun } from './batch-run.js';
import { DOMAINS, groupsLike, ROLES, UNITS, type Question } from './catalogue/questions.js';
import { readFailure } from './catalogue/read-failure.js';
import { readList, type ReadStage } from './catalogue/read-list.js';
import { CHANGES_OPENED_BY, readChanges } from './changes/read-changes.js';
import { checkedClouds, type CloudAddress, type CloudSettings } from './clouds.js';
import type { GraphAnswer } from './graph-answer.js';
import { GraphClient } from './graph-client.js';
import { inspectTenant } from './inspection.js';
import { failed, notTried, readError, type Setting, type UnclassifiedAnswer } from './outcomes.js';
import { Pace, type PaceOptions } from './limits/pace.js';
import { listsFor, type Lists } from './permissions.js';
import { signInError, unusableCredential } from './sign-in-error.js';
import { isUrgent } from './limits/lane.js';
import { surveyTenant } from './survey/survey-tenant.js';
import { deadlineIn, Turns, UnderWay, within } from './time-limit.js';
import {
  requestToken,
  signInConnections,
  SIGN_IN_TIMEOUT_MS,
  type AppToken,
  type AssertionSupplier,
  type SignInWay,
} from './token-request.js';

export interface EntraDirectoryOptions {
  readonly clouds: CloudSettings;
  /** Milliseconds since 1970; default the machine's clock. */
  readonly now?: () => number;
  /** Told of each answer that the error table doesn't know. */
  readonly onUnclassified?: (facts: UnclassifiedAnswer) => void;
  /** The deployment's workload identity; without it a `federated` connection is `credential_bad`. */
  readonly assertion?: AssertionSupplier;
  /** How fast Graph is asked; for tests. */
  readonly pace?: PaceOptions;
}

/** Where one cloud is called. */
interface Gate {
  readonly address: CloudAddress;
  readonly client: GraphClient;
  /** The same, each request in its turn. */
  readonly paced: Pick<GraphClient, 'send' | 'pathOf'>;
  /** To its sign-in service. */
  readonly connections: Agent;
  readonly turns: Turns;
}

/** What is read for whom, in what time, and which permissions open it. */
interface Reading {
  readonly app: EntraApp;
  readonly timeoutMs: number;
  readonly openedBy: readonly string[];
}

/** Token requests of one cloud at a time: after a pause hundreds of connections want one at once, each before its first disable. */
const SIGN_INS_AT_ONCE = 48;

/**
 * Microsoft Graph v1.0 over HTTPS. Beyond the ports' promises: no sleep anywhere, no write sent twice (but for a 401,
 * which looks at nothing), one token request at a time per connection. `close` when done.
 */
export class EntraDirectory implements Directory, TenantCatalogue, TenantChanges, TenantSurveyor {
  readonly #gates: ReadonlyMap<Cloud, Gate>;
  readonly #tokens: AppTokens;
  readonly #now: () => number;
  readonly #onUnclassified: (facts: UnclassifiedAnswer) => void;
  readonly #assertion: AssertionSupplier | undefined;
  readonly #signIns = new UnderWay();
  readonly #pace: Pace;

  /** Throws `TypeError` for a cloud whose hosts are not https origins. */
  constructor({
    clouds,
    now = () => Date.now(),
    onUnclassified = () => undefined,
    assertion,
    pace,
  }: EntraDirectoryOptions) {
    const addresses = checkedClouds(clouds);
    this.#now = now;
    this.#pace = new Pace(pace);
    this.#onUnclassified = onUnclassified;
    this.#assertion = assertion;
    this.#tokens = new AppTokens((app) => this.#signIn(app), now);
    this.#gates = new Map([...addresses].map(([cloud, address]) => [cloud, this.#gateTo(address)]));
  }

  async perform(
    app: EntraApp,
    steps: readonly DirectoryStep[],
    timeoutMs: number,
  ): Promise<readonly StepOutcome[]> {
    if (timeoutMs <= 0) return steps.map((step) => notTried(step, 'There was no time left.'));
    const signal = deadlineIn(timeoutMs);
    // Before the token: what takes away less urgently lets it pass from here on.
    const answered = steps.some(isUrgent) ? this.#pace.lanes.announce() : (): void => undefined;
    try {
      const { address, client } = this.#gate(app);
      const token = await this.#tokenBefore(app, signal);
      const way = { graphHost: address.graphHost, lists: listsFor(token.roles) };
      const setting = (inBatch: boolean, lists: Lists): Setting => this.#setting(app, inBatch, lists);
      const stage = { client, app, signal, way, setting, pace: this.#pace };
      const outcomes = await new BatchRun(stage, steps).run();
      const errors = outcomes.flatMap((outcome) => (outcome.ok ? [] : [outcome.error]));
      this.#learnFrom(errors, app, token);
      return outcomes;
    } catch (error) {
      if (!(error instanceof DirectoryError)) throw error;
      return steps.map((step) => failed(step, error));
    } finally {
      answered();
    }
  }

  async inspect(app: EntraApp, timeoutMs: number): Promise<TenantInspection> {
    const signal = deadlineIn(Math.max(1, timeoutMs));
    const { paced: client } = this.#gate(app);
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

  listGroups(app: EntraApp, wish: GroupWish, timeoutMs: number): Promise<CatalogueList<CatalogueGroup>> {
    return this.#list(app, groupsLike(wish), timeoutMs);
  }

  listRoles(app: EntraApp, timeoutMs: number): Promise<CatalogueList<CatalogueRole>> {
    return this.#list(app, ROLES, timeoutMs);
  }

  listUnits(app: EntraApp, timeoutMs: number): Promise<CatalogueList<CatalogueUnit>> {
    return this.#list(app, UNITS, timeoutMs);
  }

  listDomains(app: EntraApp, timeoutMs: number): Promise<CatalogueList<CatalogueDomain>> {
    return this.#list(app, DOMAINS, timeoutMs);
  }

  readChanges(app: EntraApp, cursor: string | null, timeoutMs: number): Promise<UserChanges> {
    return this.#reading({ app, timeoutMs, openedBy: CHANGES_OPENED_BY }, (stage) =>
      readChanges(stage, cursor),
    );
  }

  async survey(app: EntraApp, wish: SurveyWish, timeoutMs: number): Promise<TenantSurvey> {
    const failureFor =
      (roles: ReadonlySet<string>) =>
      (answer: GraphAnswer, openedBy: readonly string[]): DirectoryError => {
        const permitted = openedBy.some((permission) => roles.has(permission));
        return readFailure(answer, { permitted, now: this.#now, secret: app.credential.value.expose() });
      };
    return this.#reading({ app, timeoutMs, openedBy: [] }, async ({ client, signal }) => {
      const token = await this.#tokenBefore(app, signal);
      const stage = { client, app, signal, token, now: this.#now, failure: failureFor(token.roles) };
      return surveyTenant(stage, wish);
    });
  }

  /** Drops all connections, and whatever is still under way. */
  async close(): Promise<void> {
    this.#signIns.end();
    for (const { connections } of this.#gates.values()) connections.destroy();
    await Promise.all([...this.#gates.values()].map(({ client }) => client.close()));
  }

  #list<T>(app: EntraApp, question: Question<T>, timeoutMs: number): Promise<CatalogueList<T>> {
    const { openedBy } = question;
    return this.#reading({ app, timeoutMs, openedBy }, (stage) => readList(stage, question));
  }

  async #reading<T>(
    { app, timeoutMs, openedBy }: Reading,
    read: (stage: ReadStage) => Promise<T>,
  ): Promise<T> {
    const signal = deadlineIn(Math.max(1, timeoutMs));
    const { paced: client } = this.#gate(app);
    const token = await this.#tokenBefore(app, signal);
    const failure = (answer: GraphAnswer): DirectoryError => {
      const roles = this.#tokens.roles(app);
      const permitted = openedBy.some((permission) => roles.has(permission));
      return readFailure(answer, { permitted, now: this.#now, secret: app.credential.value.expose() });
    };
    try {
      return await read({ client, app, signal, failure });
    } catch (error) {
      if (error instanceof DirectoryError) this.#learnFrom([error], app, token);
      throw error;
    }
  }

  /** When its turn comes; it has waited for long enough when a request would be over. */
  async #signIn(app: EntraApp): Promise<AppToken> {
    const { address, connections, turns } = this.#gate(app);
    const ask = (signal: AbortSignal): Promise<AppToken> => {
      const way: SignInWay = { ...address, assertion: this.#assertion, connections, signal };
      return requestToken(app, way, this.#now);
    };
    try {
      return await this.#signIns.run(SIGN_IN_TIMEOUT_MS, (wait) =>
        turns.run(() => this.#signIns.run(SIGN_IN_TIMEOUT_MS, ask), wait),
      );
    } catch (error) {
      if (error instanceof DirectoryError) throw error;
      throw signInError(null, 'Too many wait for the sign-in service, or nobody does any more.', this.#now());
    }
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

  #gateTo(address: CloudAddress): Gate {
    const client = new GraphClient(address, this.#tokens);
    return {
      address,
      client,
      paced: this.#pace.paced(client, this.#now),
      connections: signInConnections(address),
      turns: new Turns(SIGN_INS_AT_ONCE),
    };
  }

  #gate(app: EntraApp): Gate {
    const gate = this.#gates.get(app.cloud);
    if (gate === undefined)
      throw unusableCredential(`this deployment does not know the cloud "${app.cloud}".`);
    return gate;
  }
}

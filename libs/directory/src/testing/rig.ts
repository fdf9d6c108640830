import type { DirectoryCall, DirectoryStep, StepOutcome } from '#core/accounts';
import { idOf, Secret, type GroupId, type ObjectId, type RoleId } from '#core/shared';
import { verdictOf, type TenantWish } from '#core/testing';
import {
  startTestSimulator,
  type FaultRule,
  type TestSimulator,
} from '../../../../test/support/simulator.js';
import { CLIENT_ID, CLIENT_SECRET, simulatedTenant, type SimulatedWorld } from './simulated-tenant.js';

export const BUDGET_MS = 10_000;
export const PASSWORD = 'Canary-7-battery-staple';
/** User Administrator, Helpdesk Administrator. */
export const ROLES: readonly [RoleId, RoleId] = [
  idOf('fe930be7-5e62-47db-91af-98c3a49a38b1'),
  idOf('729827e3-9c14-49f7-bb1b-9608f156bbb8'),
];

export const createCall = (upn: string): DirectoryCall => ({
  do: 'createUser',
  upn,
  displayName: 'Jo',
  mailNickname: 'jo',
  marker: 'mark',
  password: new Secret(PASSWORD),
});

/** The call as the only step of a plan. */
export const alone = (call: DirectoryCall): readonly DirectoryStep[] => [{ ref: 'only', call }];

export const many = (count: number, call: (at: number) => DirectoryCall): readonly DirectoryStep[] =>
  Array.from({ length: count }, (_, at) => ({ ref: `step ${at}`, call: call(at) }));

/** A simulator with one tenant at a time, and the adapter in front of it. */
export class Rig {
  readonly #simulator: TestSimulator;
  #world: SimulatedWorld | null = null;
  #since = 0;

  private constructor(simulator: TestSimulator) {
    this.#simulator = simulator;
  }

  static async start(): Promise<Rig> {
    return new Rig(await startTestSimulator({ validation: 'all' }));
  }

  get simulator(): TestSimulator {
    return this.#simulator;
  }

  get world(): SimulatedWorld {
    if (this.#world === null) throw new Error('No tenant was entered.');
    return this.#world;
  }

  get tenantId(): string {
    return this.world.app.tenantId;
  }

  async enter(wish?: TenantWish): Promise<SimulatedWorld> {
    this.#world = await simulatedTenant(this.#simulator, wish);
    await this.countFromHere();
    return this.#world;
  }

  /** Ends a test; throws when a request of ours broke Microsoft's schema. */
  async leave(): Promise<void> {
    await this.#simulator.clearFaults();
    await this.world.close();
    const { requests } = await this.#simulator.violations();
    if (requests.length > 0) throw new Error(JSON.stringify(requests));
  }

  stop(): Promise<void> {
    return this.#simulator.stopSimulator();
  }

  /** One hit unless said; only in this tenant. */
  async fault(rule: Omit<FaultRule, 'tenantId'>): Promise<void> {
    await this.#simulator.addFault({ times: 1, ...rule, tenantId: this.tenantId });
  }

  async countFromHere(): Promise<void> {
    this.#since = Math.max(0, ...(await this.#simulator.requests()).map(({ seq }) => seq));
  }

  /** Calls to Graph since then: method and path. */
  async graphCalls(): Promise<readonly string[]> {
    return (await this.#simulator.requests({ since: this.#since }))
      .filter(({ path }) => path.startsWith('/v1.0/'))
      .map(({ method, path }) => `${method} ${path.slice('/v1.0'.length)}`);
  }

  async tokenRequests(): Promise<number> {
    const requests = await this.#simulator.requests({ since: this.#since });
    return requests.filter(({ kind }) => kind === 'token').length;
  }

  /** Puts one group into another, which the portal of the simulator has no way for. */
  async nest(inner: GroupId, outer: GroupId): Promise<void> {
    const token = await this.#simulator.token(this.tenantId, { clientId: CLIENT_ID, secret: CLIENT_SECRET });
    const body = { '@odata.id': `https://graph.microsoft.com/v1.0/directoryObjects/${inner}` };
    await this.#simulator.call('POST', `/v1.0/groups/${outer}/members/$ref`, { token, body });
  }

  perform(steps: readonly DirectoryStep[], timeoutMs = BUDGET_MS): Promise<readonly StepOutcome[]> {
    return this.world.directory.perform(this.world.app, steps, timeoutMs);
  }

  async tell(call: DirectoryCall): Promise<StepOutcome> {
    const [outcome] = await this.perform(alone(call));
    if (outcome === undefined) throw new Error('No outcome.');
    return outcome;
  }

  async verdict(call: DirectoryCall): Promise<string> {
    return verdictOf(await this.tell(call));
  }

  async make(upn = `jo@${this.world.domain}`): Promise<ObjectId> {
    const outcome = await this.tell(createCall(upn));
    if (outcome.ok && outcome.answer.did === 'createUser') return outcome.answer.objectId;
    throw new Error(verdictOf(outcome));
  }
}

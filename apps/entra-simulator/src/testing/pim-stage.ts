import {
  startTestSimulator,
  type Answer,
  type CallOptions,
  type TenantSpec,
  type TestSimulator,
} from '../../../../test/support/simulator.js';
import { clientId, goodPassword, roles, secret, setStage, startedAt, tenantId, type Stage } from './stage.js';

export const ann = '33333333-0000-4000-8000-000000000001';
export const annsName = 'ann@contoso.onmicrosoft.com';
export const minutes = 60_000;
export const hours = 60 * minutes;

const root = '/roleManagement/directory';
export const paths = {
  requests: `${root}/roleAssignmentScheduleRequests`,
  schedules: `${root}/roleAssignmentSchedules`,
  instances: `${root}/roleAssignmentScheduleInstances`,
  assignments: `${root}/roleAssignments`,
  eligibilityRequests: `${root}/roleEligibilityScheduleRequests`,
  eligibilitySchedules: `${root}/roleEligibilitySchedules`,
};

interface PimOptions {
  dataDir?: string;
  startsAt?: number;
}
type PimSpec = TenantSpec & { permissions?: string[] };

/** A simulator whose time stands still until a test moves it; tokens are renewed with it. */
export class PimStage {
  private token: string | undefined;

  private constructor(
    readonly simulator: TestSimulator,
    private now: number,
  ) {}

  static async start({ startsAt = startedAt, ...options }: PimOptions = {}): Promise<PimStage> {
    const simulator = await startTestSimulator({ ...options, now: () => startsAt });
    return new PimStage(simulator, startsAt);
  }

  /** A tenant with Ann in it. */
  set(spec: PimSpec = {}): Promise<Stage> {
    this.token = undefined;
    const users = [{ id: ann, userPrincipalName: annsName, password: goodPassword }];
    return setStage(this.simulator, { users, ...spec });
  }

  async advance(ms: number): Promise<void> {
    this.now += ms;
    this.token = undefined;
    await this.simulator.advance(ms);
  }

  readonly graph = async (method: string, path: string, options: CallOptions = {}): Promise<Answer> => {
    this.token ??= await this.simulator.token(tenantId, { clientId, secret });
    return this.simulator.call(method, `/v1.0${path}`, { token: this.token, ...options });
  };

  /** So many milliseconds from now, as Graph writes it. */
  at(ms: number): string {
    return new Date(this.now + ms).toISOString().replace('.000Z', 'Z');
  }

  until(ms: number): { expiration: object } {
    return { expiration: { type: 'afterDateTime', endDateTime: this.at(ms) } };
  }

  /** Asks for Global Administrator, for eight hours. */
  ask(changes: object = {}): Promise<Answer> {
    return this.graph('POST', paths.requests, { body: this.asking(changes) });
  }

  asking(changes: object = {}): object {
    return {
      action: 'adminAssign',
      justification: 'a ticket',
      ...place,
      scheduleInfo: this.until(8 * hours),
      ...changes,
    };
  }

  remove(): Promise<Answer> {
    return this.graph('POST', paths.requests, { body: aRemoval });
  }

  /** What happened to Ann, by whom, and how many milliseconds from now. */
  async events(): Promise<unknown[]> {
    const entries = await this.simulator.history({ tenantId, userId: ann });
    return entries.map(({ what, by, at }) => [what, by, Date.parse(at) - this.now]);
  }

  async ann() {
    const { users } = await this.simulator.truth(tenantId);
    return users.find((user) => user.id === ann);
  }

  /** Every test file ends with it: what the simulator said kept Microsoft's contract. */
  async stop(): Promise<void> {
    const { own } = await this.simulator.violations();
    await this.simulator.stopSimulator();
    if (own.length > 0) throw new Error(`Own violations: ${JSON.stringify(own)}`);
  }
}

const place = { principalId: ann, roleDefinitionId: roles.globalAdministrator, directoryScopeId: '/' };
export const aRemoval = { action: 'adminRemove', ...place };
export const ofAnn = `$filter=principalId eq '${ann}'`;

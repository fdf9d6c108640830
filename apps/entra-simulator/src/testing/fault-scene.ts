import type { NamedFault, TestSimulator } from '../../../../test/support/simulator.js';
import {
  aUser,
  bodyOf,
  clientId,
  reference,
  roles,
  secret,
  setStage,
  tenantId,
  type Stage,
} from './stage.js';

export const ann = '33333333-0000-4000-8000-000000000001';
export const group = { id: '44444444-0000-4000-8000-000000000001', displayName: 'Admins' };
export const annPath = `/users/${ann}`;
export const assignments = '/roleManagement/directory/roleAssignments';
const json = { 'Content-Type': 'application/json' };

/** What is set up, what a caller sees of it, and what is true afterwards. */
export interface Case {
  readonly fault: string;
  readonly rule?: { ms?: number; times?: number };
  readonly stage?: { directoryRoles?: string[]; isAdmin?: boolean };
  readonly sees: (on: Scene) => Promise<unknown>;
  readonly seen: unknown;
  readonly truth: (on: Scene) => Promise<unknown>;
  readonly true: unknown;
}

/** One tenant with Ann and a group, and short words for what is asked of it. */
export class Scene {
  constructor(
    readonly simulator: TestSimulator,
    readonly stage: Stage,
  ) {}

  /** The status, or that there was no answer. */
  async ask(method: string, path: string, body?: object): Promise<number | 'cut'> {
    const options = body === undefined ? {} : { body };
    return this.stage.graph(method, path, options).then(
      ({ status }) => status,
      () => 'cut' as const,
    );
  }

  create = (): Promise<number | 'cut'> => this.ask('POST', '/users', aUser());
  disable = (): Promise<number | 'cut'> => this.ask('PATCH', annPath, { accountEnabled: false });
  read = (): Promise<number | 'cut'> => this.ask('GET', annPath);
  join = (): Promise<number | 'cut'> => this.ask('POST', `/groups/${group.id}/members/$ref`, reference(ann));

  assign(): Promise<number | 'cut'> {
    const body = {
      roleDefinitionId: roles.directoryReaders,
      principalId: ann,
      directoryScopeId: '/',
    };
    return this.ask('POST', assignments, body);
  }

  createMany(count: number): Promise<number | 'cut'> {
    const requests = Array.from({ length: count }, (_, at) => ({
      id: `${at}`,
      method: 'POST',
      url: '/users',
      headers: json,
      body: aUser({ userPrincipalName: `user${at}@contoso.onmicrosoft.com`, mailNickname: `user${at}` }),
    }));
    return this.ask('POST', '/$batch', { requests });
  }

  async inTurn<T>(...asks: readonly (() => Promise<T>)[]): Promise<T[]> {
    const answers: T[] = [];
    for (const ask of asks) answers.push(await ask());
    return answers;
  }

  /** Users besides Ann. */
  made = async (): Promise<number> => (await this.simulator.truth(tenantId)).users.length - 1;
  async ann() {
    const { users } = await this.simulator.truth(tenantId);
    return users.find(({ id }) => id === ann);
  }
  isEnabled = async (): Promise<boolean | undefined> => (await this.ann())?.accountEnabled;
  roleCount = async (): Promise<number | undefined> => (await this.ann())?.roles.length;
  groupCount = async (): Promise<number | undefined> => (await this.ann())?.groups.length;

  later = (ms: number) => async (): Promise<number> => {
    await this.simulator.advance(ms);
    return this.made();
  };

  async askToken() {
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: secret,
      scope: 'https://graph.microsoft.com/.default',
    });
    const { status, headers, body } = await this.simulator.call('POST', `/${tenantId}/oauth2/v2.0/token`, {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: form.toString(),
    });
    return { status, wait: headers['retry-after'], codes: bodyOf({ body })['error_codes'] };
  }
}

export type NamedCase = readonly [title: string, Case];

/** Sets the fault in a tenant of its own and looks at both sides of it. */
async function tryFault(simulator: TestSimulator, { fault, rule = {}, ...scenery }: Case): Promise<void> {
  const { isAdmin = false, directoryRoles = [] } = scenery.stage ?? {};
  const user = { id: ann, userPrincipalName: 'ann@contoso.onmicrosoft.com' };
  const stage = await setStage(simulator, {
    directoryRoles,
    groups: [group],
    users: [isAdmin ? { ...user, roles: ['Global Administrator'] } : user],
  });
  const scene = new Scene(simulator, stage);
  await simulator.addNamedFault(fault, { tenantId, ...rule });

  expect(await scenery.sees(scene)).toEqual(scenery.seen);
  expect(await scenery.truth(scene)).toEqual(scenery.true);
  expect(await simulator.faults()).toEqual([expect.objectContaining({ named: fault })]);
  expect((await simulator.violations()).own).toEqual([]);
}

/** A test of each case, and one that every fault which can be set has a case. */
export function proveFaults(
  simulator: () => TestSimulator,
  faults: readonly NamedFault[],
  cases: readonly NamedCase[],
): void {
  it.each(cases)('%s', (_title, scenery) => tryFault(simulator(), scenery));

  it('has a test for every one of them', () => {
    const settable = faults.filter(({ rule }) => rule !== null).map(({ name }) => name);

    expect([...new Set(cases.map(([, { fault }]) => fault))].sort()).toEqual(settable.sort());
  });
}

import {
  startTestSimulator,
  type Answer,
  type CallOptions,
  type TenantSpec,
  type TestSimulator,
} from '../../../../test/support/simulator.js';

export const tenantId = '11111111-0000-4000-8000-000000000001';
export const clientId = '22222222-0000-4000-8000-000000000001';
export const secret = 'a secret of the app';
export const goodPassword = 'Tr0mbone-Kettle-9';

/** The permissions that the product asks for, and no directory role. */
export const usualPermissions = [
  'User.ReadWrite.All',
  'User.EnableDisableAccount.All',
  'User-PasswordProfile.ReadWrite.All',
  'UserAuthMethod-TAP.ReadWrite.All',
  'UserAuthenticationMethod.ReadWrite.All',
  'GroupMember.ReadWrite.All',
  'Group.Read.All',
  'RoleManagement.ReadWrite.Directory',
  'Domain.Read.All',
  'Organization.Read.All',
  'Directory.Read.All',
  'Policy.Read.AuthenticationMethod',
  'Application.Read.All',
];

export interface Stage {
  readonly simulator: TestSimulator;
  readonly token: string;
  readonly graph: (method: string, path: string, options?: CallOptions) => Promise<Answer>;
  /** POST /users with a body that Graph takes; answers the id. */
  readonly createUser: (changes?: object) => Promise<string>;
  readonly batch: (requests: object[]) => Promise<PartAnswer[]>;
}

export interface PartAnswer {
  id: string;
  status: number;
  headers: Record<string, string>;
  body: unknown;
}

/** Time that stands still until a test moves it. */
export const startedAt = Date.UTC(2026, 2, 1, 9, 0, 0);

export const startFrozen = (): Promise<TestSimulator> => startTestSimulator({ now: () => startedAt });

interface StageSpec extends TenantSpec {
  permissions?: string[];
  directoryRoles?: string[];
}

/** A tenant with one app and its token; what the spec names is changed. */
export async function setStage(simulator: TestSimulator, spec: StageSpec = {}): Promise<Stage> {
  const { permissions = usualPermissions, directoryRoles = [], ...tenant } = spec;
  await simulator.makeTenant(tenantId, {
    domains: [
      { name: 'contoso.onmicrosoft.com', isInitial: true, isDefault: true },
      { name: 'unverified.example', isVerified: false },
      { name: 'federated.example', authenticationType: 'Federated' },
    ],
    apps: [{ clientId, secrets: [{ value: secret }], permissions, directoryRoles }],
    ...tenant,
  });
  const token = await simulator.token(tenantId, { clientId, secret });
  const graph = (method: string, path: string, options: CallOptions = {}): Promise<Answer> =>
    simulator.call(method, `/v1.0${path}`, { token, ...options });
  return {
    simulator,
    token,
    graph,
    createUser: async (changes = {}) => {
      const answer = await graph('POST', '/users', { body: aUser(changes) });
      if (answer.status !== 201) throw new Error(`No user: ${JSON.stringify(answer.body)}`);
      return (answer.body as { id: string }).id;
    },
    batch: async (requests) => {
      const answer = await graph('POST', '/$batch', { body: { requests } });
      return (answer.body as { responses: PartAnswer[] }).responses;
    },
  };
}

export const aUser = (changes: object = {}): Record<string, unknown> => ({
  accountEnabled: true,
  displayName: 'Ada Admin',
  mailNickname: 'ada.admin',
  userPrincipalName: 'ada.admin@contoso.onmicrosoft.com',
  passwordProfile: { password: goodPassword, forceChangePasswordNextSignIn: false },
  ...changes,
});

export const reference = (id: string) => ({
  '@odata.id': `https://graph.microsoft.com/v1.0/directoryObjects/${id}`,
});

/** For toMatchObject: an error envelope's code and text. */
export const anError = (code: string, message: string): object => ({ error: { code, message } });

export const roles = {
  globalAdministrator: '62e90394-69f5-4237-9190-012177145e10',
  privilegedAuthenticationAdministrator: '7be44c8a-adaf-4e2a-84d6-ab2649e08a13',
  directoryReaders: '88d8e3e3-8f55-4a1e-953a-9b9898b8876b',
};

export const bodyOf = (answer: { body: unknown }): Record<string, unknown> =>
  answer.body as Record<string, unknown>;
export const valueOf = (answer: { body: unknown }): Record<string, unknown>[] =>
  bodyOf(answer)['value'] as Record<string, unknown>[];

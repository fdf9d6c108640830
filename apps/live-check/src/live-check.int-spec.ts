import { randomUUID } from 'node:crypto';
import { EntraDirectory, GraphProbe } from '#directory';
import { idOf, Secret } from '#core/shared';
import type { EntraApp } from '#core/tenancy';
import { startTestSimulator, type TenantSpec, type TestSimulator } from '../../../test/support/simulator.js';
import {
  canaryChecks,
  liveCheck,
  readOnlyChecks,
  type CanaryWish,
  type LiveCheckOptions,
} from './live-check.js';
import type { Report } from './report.js';

const CLIENT_ID = '7b0d6c52-0b1f-4a53-9a43-0d8f0a7d2c11';
const CLIENT_SECRET = 'canary-of-the-live-check';
const READERS = '88d8e3e3-8f55-4a1e-953a-9b9898b8876b';
const GLOBAL_READER = 'f2ef992c-3afb-46b9-b7cf-a126ee74c451';
const PERMISSIONS = [
  'User.ReadWrite.All',
  'User.EnableDisableAccount.All',
  'User-PasswordProfile.ReadWrite.All',
  'UserAuthenticationMethod.ReadWrite.All',
  'GroupMember.ReadWrite.All',
  'Group.Read.All',
  'Directory.Read.All',
  'RoleManagement.ReadWrite.Directory',
  'Domain.Read.All',
  'Organization.Read.All',
  'Policy.Read.AuthenticationMethod',
  'AuditLog.Read.All',
];

let simulator: TestSimulator;
let aheadMs = 0;
beforeAll(async () => {
  simulator = await startTestSimulator({ validation: 'all' });
});
afterAll(() => simulator.stopSimulator());

/** A tenant that Microsoft's documents describe, but for what is changed. */
const tenantWith = async (
  changes: TenantSpec & { directoryRoles?: string[]; permissions?: string[] } = {},
) => {
  const tenantId = randomUUID();
  const { directoryRoles = ['Privileged Authentication Administrator'], permissions, ...spec } = changes;
  const truth = await simulator.makeTenant(tenantId, {
    displayName: 'Fabrikam',
    domains: [{ name: 'fabrikam.onmicrosoft.com', isInitial: true, isDefault: true }],
    apps: [
      {
        clientId: CLIENT_ID,
        secrets: [{ value: CLIENT_SECRET }],
        permissions: permissions ?? PERMISSIONS,
        directoryRoles,
      },
    ],
    groups: [{ displayName: 'Readers' }],
    users: [{ userPrincipalName: 'boss@fabrikam.onmicrosoft.com', roles: ['Global Administrator'] }],
    lags: {
      directory: { minMs: 200, maxMs: 3_000, replicas: 3 },
      methods: { minMs: 0, maxMs: 6_000 },
      authorisation: { minMs: 5_000, maxMs: 5_000 },
    },
    ...spec,
  });
  return { tenantId, groupId: truth.groups[0]?.id ?? null };
};

const checkTenant = async (
  tenantId: string,
  canary: CanaryWish | null,
  watch: Pick<LiveCheckOptions, 'onLine' | 'onMade' | 'stop'> = {},
): Promise<{ report: Report; left: string[] }> => {
  const app: EntraApp = {
    connectionId: idOf('live-check'),
    version: 1,
    cloud: 'custom',
    tenantId,
    clientId: CLIENT_ID,
    credential: { kind: 'secret', value: new Secret(CLIENT_SECRET) },
  };
  const clouds = {
    custom: { authorityHost: simulator.url, graphHost: simulator.url, caPem: simulator.caPem },
  };
  const probe = new GraphProbe(clouds, app);
  const directory = new EntraDirectory({ clouds });
  const left: string[] = [];
  try {
    const report = await liveCheck({
      app,
      probe,
      directory,
      wait: async (ms) => {
        await simulator.advance(ms);
        aheadMs += ms;
      },
      now: () => Date.now() + aheadMs,
      canary,
      onLeft: (upn) => left.push(upn),
      ...watch,
    });
    return { report, left };
  } finally {
    await Promise.all([probe.close(), directory.close()]);
  }
};

const idsOf = (report: Report, result: string): string[] =>
  report.lines.filter((line) => line.result === result).map(({ id }) => id);
const lineOf = (report: Report, id: string) => report.lines.find((line) => line.id === id);

describe('A live check', () => {
  it('only reads, unless the canary is asked for', async () => {
    const { tenantId } = await tenantWith();
    const [newest] = (await simulator.history({ tenantId })).slice(-1);

    const { report } = await checkTenant(tenantId, null);

    expect(report.lines.map(({ id }) => id)).toEqual(readOnlyChecks.map(({ id }) => id));
    expect(idsOf(report, 'differs')).toEqual([]);
    expect(await simulator.history({ tenantId, since: newest?.seq ?? 0 })).toEqual([]);
  });

  it('finds every assumption held in a tenant as the documents have it, and leaves nothing behind', async () => {
    const { tenantId, groupId } = await tenantWith();
    const before = await simulator.truth(tenantId);

    const { report, left } = await checkTenant(tenantId, { domain: null, roleId: GLOBAL_READER, groupId });

    expect(report.lines.filter(({ result }) => result !== 'held')).toEqual([]);
    expect(report.held).toBe(readOnlyChecks.length + canaryChecks.length + 2);
    expect(left).toEqual([]);
    expect((await simulator.truth(tenantId)).users).toEqual(before.users);
  });

  it('tells which assumption does not hold', async () => {
    const { tenantId } = await tenantWith({
      directoryRoles: [],
      switches: { secondPass: 'refused', strictRevokeSessions: true },
    });

    const { report, left } = await checkTenant(tenantId, {
      domain: null,
      roleId: GLOBAL_READER,
      groupId: null,
    });

    expect(idsOf(report, 'differs')).toEqual(['pass.second', 'role.revoke-holder']);
    expect(lineOf(report, 'role.disable-holder')?.said).toMatch(
      /403 Authorization_RequestDenied.*with 0 directory/,
    );
    expect(lineOf(report, 'role.removal-heeded')?.said).toMatch(/^204 after [1-9]/);
    expect(idsOf(report, 'not checked')).toEqual(['group.member']);
    expect(left).toEqual([]);
  });

  it('says of what it may not read that it is not checked', async () => {
    const { tenantId } = await tenantWith({ permissions: ['User.Read.All'], directoryRoles: [] });

    const { report } = await checkTenant(tenantId, {
      domain: 'fabrikam.onmicrosoft.com',
      roleId: READERS,
      groupId: null,
    });

    expect(lineOf(report, 'canary.created')).toMatchObject({ result: 'differs' });
    expect(idsOf(report, 'not checked')).toEqual(
      expect.arrayContaining(['domains.initial', 'passes.policy']),
    );
  });

  it('names the account that it could not delete, and says so in the report without the name', async () => {
    const { tenantId } = await tenantWith();
    await simulator.addFault({
      tenantId,
      match: { method: 'DELETE', path: '/users/*' },
      effect: { status: 403, code: 'Authorization_RequestDenied', message: 'Insufficient privileges.' },
    });

    const { report, left } = await checkTenant(tenantId, { domain: null, roleId: READERS, groupId: null });
    await simulator.clearFaults();

    expect(left).toEqual([
      expect.stringMatching(/^curfew-live-check-/),
      expect.stringMatching(/^curfew-live-check-/),
    ]);
    expect(lineOf(report, 'canary.gone')).toMatchObject({ result: 'differs' });
  });

  it('deletes what was made although the answer to its making was lost', async () => {
    const { tenantId } = await tenantWith();
    await simulator.addFault({
      tenantId,
      times: 1,
      match: { method: 'POST', path: '/users' },
      effect: { cut: 'after-commit' },
    });

    const { report } = await checkTenant(tenantId, { domain: null, roleId: READERS, groupId: null });

    expect(lineOf(report, 'canary.gone')).toMatchObject({ result: 'held' });
    expect((await simulator.truth(tenantId)).users.map(({ userPrincipalName }) => userPrincipalName)).toEqual(
      ['boss@fabrikam.onmicrosoft.com'],
    );
  });

  it('deletes the account when it is stopped, and tries nothing further', async () => {
    const { tenantId } = await tenantWith();
    const stop = new AbortController();
    const onLine = ({ id }: { id: string }): void => {
      if (id === 'create.seen') stop.abort();
    };

    const { report, left } = await checkTenant(
      tenantId,
      { domain: null, roleId: READERS, groupId: null },
      { onLine, stop: stop.signal },
    );

    expect(lineOf(report, 'create.changed')).toMatchObject({ result: 'not checked' });
    expect(lineOf(report, 'canary.walk')).toMatchObject({ result: 'not checked' });
    expect(lineOf(report, 'canary.gone')).toMatchObject({ result: 'held' });
    expect((await simulator.truth(tenantId)).users).toHaveLength(1);
    expect(left).toEqual([]);
  });

  it('deletes the account of the walk too when it is stopped in its midst', async () => {
    const { tenantId } = await tenantWith();
    const stop = new AbortController();
    const made: string[] = [];
    const onMade = (upn: string): void => {
      if (made.push(upn) === 2) stop.abort();
    };

    const { report, left } = await checkTenant(
      tenantId,
      { domain: null, roleId: READERS, groupId: null },
      { onMade, stop: stop.signal },
    );

    expect(lineOf(report, 'canary.walk')).toMatchObject({ result: 'not checked' });
    expect((await simulator.truth(tenantId)).deletedUsers.map((user) => user.userPrincipalName)).toEqual(
      expect.arrayContaining(made),
    );
    expect((await simulator.truth(tenantId)).users).toHaveLength(1);
    expect(left).toEqual([]);
  });

  it('names the accounts that may be there: their making was not answered, and they can not be looked up', async () => {
    const { tenantId } = await tenantWith();
    await simulator.addFault({
      tenantId,
      match: { method: 'POST', path: '/users' },
      effect: { cut: 'after-commit' },
    });
    await simulator.addFault({
      tenantId,
      match: { method: 'GET', path: '/users/*' },
      effect: { status: 403, code: 'Authorization_RequestDenied', message: 'Insufficient privileges.' },
    });

    const { left } = await checkTenant(tenantId, { domain: null, roleId: READERS, groupId: null });
    await simulator.clearFaults();

    const { users } = await simulator.truth(tenantId);
    expect(users.map((user) => user.userPrincipalName)).toEqual(expect.arrayContaining(left));
    expect(left).toHaveLength(users.length - 1);
  });

  it('writes no name, id or secret into the report', async () => {
    const { tenantId, groupId } = await tenantWith();

    const { report } = await checkTenant(tenantId, { domain: null, roleId: READERS, groupId });

    const text = JSON.stringify(report);
    for (const secret of [tenantId, CLIENT_ID, CLIENT_SECRET, 'fabrikam', 'Fabrikam', 'Aa1-', groupId ?? '?'])
      expect(text).not.toContain(secret);
    expect(text).not.toMatch(/[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}/i);
  });

  it('does not begin without a token', async () => {
    const { tenantId } = await tenantWith();
    await simulator.patchTenant(tenantId, { apps: [{ clientId: CLIENT_ID, disabled: true }] });

    await expect(checkTenant(tenantId, null)).rejects.toMatchObject({ reason: 'credential_bad' });
  });
});

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestSimulator, type TenantTruth } from '../../../../test/support/simulator.js';
import { tenantId } from '../testing/stage.js';
import { readSeed } from './read-seed.js';

const example = join(import.meta.dirname, '../../examples/contoso.seed.json');

describe('A seed file', () => {
  let folder: string;
  const open: { stopSimulator(): Promise<void> }[] = [];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'simulator-seed-'));
  });
  afterEach(async () => {
    for (const simulator of open.splice(0)) await simulator.stopSimulator();
    rmSync(folder, { recursive: true, force: true });
  });

  const write = (content: unknown) => {
    const file = join(folder, 'my.seed.json');
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
    return file;
  };
  const start = async (options: { seedFile: string; dataDir?: string }) => {
    const simulator = await startTestSimulator(options);
    open.push(simulator);
    return simulator;
  };
  const refusalOf = async (content: unknown): Promise<string> => {
    try {
      await start({ seedFile: write(content) });
    } catch (error) {
      return (error as Error).message.replace(folder, '…');
    }
    throw new Error('It was taken');
  };

  it('makes the tenants of the example, whose app gets a token and sees its users', async () => {
    const { tenants } = JSON.parse(readFileSync(example, 'utf8')) as {
      tenants: Record<string, { apps: { clientId: string; secrets: { value: string }[] }[] }>;
    };
    const [id, { apps }] = Object.entries(tenants)[0]!;
    const [app] = apps;

    const simulator = await start({ seedFile: example });
    const token = await simulator.token(id, { clientId: app!.clientId, secret: app!.secrets[0]!.value });
    const users = await simulator.call('GET', '/v1.0/users', { token });

    expect((users.body as { value: unknown[] }).value).toHaveLength(6);
    expect((await simulator.truth(id)).groups.map((group) => group.displayName)).toContain(
      'Mail administrators',
    );
  });

  it('sets settings and faults, by effect and by name', async () => {
    const simulator = await start({
      seedFile: write({
        tenants: { [tenantId]: {} },
        settings: { validation: 'off' },
        faults: [
          { match: { path: '/users' }, times: 2, effect: { status: 503 } },
          { named: 'commit-then-504', tenantId },
        ],
      }),
    });

    expect(await simulator.faults()).toMatchObject([
      { times: 2, effect: { status: 503 } },
      { named: 'commit-then-504', tenantId, effect: { status: 504, commit: true } },
    ]);
  });

  it('leaves a tenant that the data folder has as it was left', async () => {
    const seedFile = write({
      tenants: {
        [tenantId]: {
          users: [{ userPrincipalName: 'ada@x.onmicrosoft.com' }],
          domains: [{ name: 'x.onmicrosoft.com' }],
        },
      },
    });
    const dataDir = join(folder, 'data');
    const first = await start({ seedFile, dataDir });
    await first.portal(tenantId, { do: 'deleteUser', userId: 'ada@x.onmicrosoft.com' });
    await open.pop()!.stopSimulator();

    const again = await start({ seedFile, dataDir });

    const truth: TenantTruth = await again.truth(tenantId);
    expect(truth.users).toEqual([]);
    expect(truth.deletedUsers).toMatchObject([{ userPrincipalName: 'ada@x.onmicrosoft.com' }]);
  });

  it('is refused with the file, the place and the reason', async () => {
    const spec = { users: [{ userPrincipalName: 7, roles: 'Global Administrator', colour: 'red' }] };

    expect(await refusalOf({ tenants: { [tenantId]: spec } })).toBe(
      [
        '…/my.seed.json:',
        `  tenants.${tenantId}.users[0].userPrincipalName: Invalid input: expected string, received number`,
        `  tenants.${tenantId}.users[0].roles: Invalid input: expected array, received string`,
        `  tenants.${tenantId}.users[0]: Unrecognized key: "colour"`,
      ].join('\n'),
    );
  });

  it.each<[string, unknown, string]>([
    [
      'a key that is no id',
      { tenants: { contoso: {} } },
      "…/my.seed.json:\n  tenants.contoso: a tenant's id must be a GUID",
    ],
    ['no tenants', {}, '…/my.seed.json:\n  tenants: Invalid input: expected record, received undefined'],
    ['no JSON', '{\n "tenants": {},,}', '…/my.seed.json: no JSON (line 2, column 16)'],
    [
      'a role that does not exist',
      { tenants: { [tenantId]: { users: [{ userPrincipalName: 'a@b.c', roles: ['King'] }] } } },
      `…/my.seed.json: tenants.${tenantId}: There is no directory role 'King'`,
    ],
    [
      'a fault of a name that nobody gave',
      { tenants: {}, faults: [{ match: {}, effect: { slowMs: 1 } }, { named: 'king' }] },
      "…/my.seed.json: faults[1]: There is no fault 'king'",
    ],
  ])('is refused with %s', async (_what, content, message) => {
    expect((await refusalOf(content)).split('. Known are')[0]).toBe(message);
  });

  it('that is not there is said to be so', () => {
    expect(() => readSeed('/nowhere/seed.json')).toThrow('/nowhere/seed.json: there is no such file');
  });

  it('gives no value away when it is refused', async () => {
    const secret = 'Tr0mbone-Kettle-9';

    for (const content of [
      { tenants: { [tenantId]: { users: [{ userPrincipalName: 'a', password: [secret] }] } } },
      `{"tenants": ${secret}`,
    ]) {
      expect(await refusalOf(content)).not.toContain(secret);
    }
  });
});

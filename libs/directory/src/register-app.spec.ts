import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const TENANT = '0c0470c0-0000-4000-8000-00000000c070';
const CLIENT = '11111111-2222-4333-8444-555555555555';
const DER = 'MIICcurfewcertificate+/=';
const PEM = `-----BEGIN CERTIFICATE-----\n${DER}\n-----END CERTIFICATE-----\n`;

/** What the tenant of the stand-in says. Each is what `az rest --query` would print. */
interface Tenant {
  readonly apps?: string;
  readonly secrets?: number;
  readonly foreign?: number;
  readonly keys?: string;
  readonly principal?: string;
  readonly given?: readonly string[];
  readonly role?: string;
  readonly signedIn?: string;
}

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'curfew-register-'));
  writeFileSync(join(directory, 'curfew.cer'), PEM);
});
afterEach(() => rmSync(directory, { recursive: true }));

/** A program called `az` that writes down what it is asked, and answers from files. */
const standIn = (tenant: Tenant): void => {
  const answers: readonly (readonly [string, string])[] = [
    ['account show', tenant.signedIn ?? TENANT],
    ['cloud show', 'https://graph.microsoft.com/'],
    ['--method POST */v1.0/applications ', CLIENT],
    ['--method POST */servicePrincipals ', 'principal-1'],
    ['--method POST', 'made'],
    ['--method PATCH', ''],
    ['select=appId', tenant.apps ?? ''],
    ['passwordCredentials', String(tenant.secrets ?? 0)],
    ['length(keyCredentials', String(tenant.foreign ?? 0)],
    ['keyCredentials', tenant.keys ?? '[]'],
    ["filter=appId%20eq%20'00000003-", 'graph-1'],
    ['filter=appId', tenant.principal ?? ''],
    ['appRoleAssignments', (tenant.given ?? []).join('\n')],
    ['roleAssignments', tenant.role ?? ''],
  ];
  const cases = answers.map(([part, answer]) => {
    const pattern = part.split('*').map((piece) => `'${piece.replaceAll("'", `'"'"'`)}'`);
    return `  *${pattern.join('*')}*) printf '%s\\n' '${answer}' ;;`;
  });
  const az = join(directory, 'az');
  const log = `printf '%s\\n' "$*" >> '${directory}/calls'`;
  writeFileSync(az, ['#!/usr/bin/env bash', log, 'case "$* " in', ...cases, 'esac', ''].join('\n'));
  chmodSync(az, 0o755);
};

const register = (...args: readonly string[]) =>
  new Promise<{ code: number; stdout: string; stderr: string }>((done) => {
    const script = resolve(__dirname, '../../../scripts/register-app.sh');
    const env = { PATH: `${directory}:${process.env['PATH'] ?? ''}`, CURFEW_TRY_AGAIN_SECONDS: '0' };
    const given = ['--tenant', TENANT, '--certificate', join(directory, 'curfew.cer'), ...args];
    execFile('bash', [script, ...given], { env }, (error, stdout, stderr) =>
      done({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });

const writes = (): readonly string[] => {
  const log = join(directory, 'calls');
  const calls = existsSync(log) ? readFileSync(log, 'utf8').split('\n') : [];
  return calls.filter((call) => /--method (POST|PATCH)/.test(call));
};
const NEEDED = 10;

describe('register-app.sh', () => {
  it('registers, uploads the certificate, consents one by one, and assigns the role, in a fresh tenant', async () => {
    standIn({});

    const { code, stdout } = await register();

    expect(code).toBe(0);
    expect(stdout).toBe(`tenant id: ${TENANT}\nclient id: ${CLIENT}\n`);
    const made = writes();
    expect(made.filter((call) => call.includes('/appRoleAssignedTo'))).toHaveLength(NEEDED);
    expect(made.filter((call) => call.includes('"signInAudience":"AzureADMyOrg"'))).toHaveLength(1);
    expect(made.filter((call) => call.includes(`"keyCredentials":[{`) && call.includes(DER))).toHaveLength(1);
    expect(made.filter((call) => call.includes('/roleManagement/directory/roleAssignments'))).toHaveLength(1);
    expect(made.join()).not.toMatch(/addPassword|passwordCredential/);
  });

  it('changes nothing but the list of what it asks for when all is there', async () => {
    standIn({
      apps: CLIENT,
      keys: `[ { "key": "${DER}" } ]`,
      principal: 'principal-1',
      given: idsAskedFor(),
      role: 'assignment-1',
    });

    const { code } = await register('--recommended');

    expect(code).toBe(0);
    expect(writes()).toEqual([expect.stringContaining('requiredResourceAccess') as string]);
  });

  it('keeps other certificates of an app that it was told', async () => {
    standIn({ foreign: 1, keys: '[\n  { "key": "MIIother" }\n]', principal: 'principal-1' });

    const { code, stderr } = await register('--app-id', CLIENT, '--without-role');

    expect(code).toBe(0);
    expect(stderr).toContain('1 other certificates');
    const [written] = writes().filter((call) => call.includes('"keyCredentials"'));
    expect(written).toMatch(/"keyCredentials":\[ *\{ "key": "MIIother" \},\{.*"key":"MIICcurfew/);
    expect(writes().join()).not.toContain('roleAssignments');
  });

  it.each<readonly [string, Tenant, readonly string[]]>([
    ['has credentials', { apps: CLIENT, secrets: 1 }, []],
    ['has credentials', { apps: CLIENT, foreign: 1 }, []],
    ['several app registrations', { apps: `${CLIENT}\n${TENANT}` }, []],
    ['signed in to', { signedIn: CLIENT }, []],
    ['The name', {}, ['--name', "x' or '1"]],
    ['by its id', {}, ['--tenant', 'contoso.example']],
  ])('writes nothing when it says: %s', async (words, tenant, args) => {
    standIn(tenant);

    const { code, stderr, stdout } = await register(...args);

    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(words);
    expect(writes()).toEqual([]);
  });

  it('takes no private key, and nothing that is no certificate', async () => {
    standIn({});
    for (const [text, words] of [
      [`${PEM}-----BEGIN PRIVATE KEY-----\n`, 'private key'],
      [`${PEM}${PEM}`, 'several certificates'],
      ['hello', 'no X.509 certificate'],
    ] as const) {
      writeFileSync(join(directory, 'curfew.cer'), text);
      const { code, stderr } = await register();
      expect([code, stderr]).toEqual([1, expect.stringContaining(words)]);
    }
  });
});

const idsAskedFor = (): readonly string[] => {
  const text = readFileSync(resolve(__dirname, '../../../scripts/register-app.sh'), 'utf8');
  return [...text.matchAll(/^ {2}'([0-9a-f-]{36}) /gm)].map(([, id = '']) => id);
};

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey } from 'jose';
import { routes } from '#contracts';
import type { KeyedCertificate } from '#core/access';
import { assertionFile, EntraDirectory } from '#directory';
import { startTestSimulator, type AppSpec, type TestSimulator } from '../../../../test/support/simulator.js';
import { until } from '../../../../test/support/stack-until.js';
import { ApiWorld, policyBody, type Answer } from '../testing/api-world.js';
import type { Msp } from '../testing/msp.js';
import { pfxOf } from '../testing/pfx.js';

jest.setTimeout(120_000);

const CLIENT_ID = '5f0e1c1a-52a6-4d36-9f52-0f3f3c3b2a10';
const DOMAIN = 'acme.example';
const SECRET = 'canary-of-the-client-secret';
const PASSWORD = 'canary-of-the-Zürich-password';
const ISSUER = 'https://cluster.example';
const SUBJECT = 'system:serviceaccount:curfew:api';
const AUDIENCE = 'api://AzureADTokenExchange';
const DAY_MS = 86_400_000;
const GROUP = '66666666-0000-4000-8000-000000000001';

let simulator: TestSimulator;
let directory: EntraDirectory;
let world: ApiWorld;
let msp: Msp;
let folder: string;
let signing: CryptoKey;
let issuerKey: object;
let certificate: KeyedCertificate;
let tenants = 0;
let tenantId: string;
let id: string;

beforeAll(async () => {
  simulator = await startTestSimulator({ validation: 'all' });
  folder = mkdtempSync(join(tmpdir(), 'curfew-kinds-'));
  const { url, caPem } = simulator;
  directory = new EntraDirectory({
    clouds: { custom: { authorityHost: url, graphHost: url, caPem } },
    assertion: assertionFile(join(folder, 'token')),
  });
  // The tenant's clock and ours must agree, or nothing is given there.
  world = await ApiWorld.open({ directory, clock: { now: () => Date.now() } });
  msp = await world.msp('acme');
  const { privateKey, publicKey } = await generateKeyPair('RS256');
  signing = privateKey;
  issuerKey = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'RS256' };
  const [startsAt, endsAt] = [Date.now() - DAY_MS, Date.now() + 90 * DAY_MS];
  certificate = await world.ports.certificates.make({ commonName: 'Acme', startsAt, endsAt });
});
beforeEach(async () => {
  tenants += 1;
  tenantId = `0d0d0d0d-0000-4000-8000-${String(tenants).padStart(12, '0')}`;
  await simulator.makeTenant(tenantId, {
    displayName: 'Acme',
    domains: [{ name: DOMAIN, isVerified: true, authenticationType: 'Managed', isDefault: true }],
    groups: [{ id: GROUP, displayName: 'Helpers' }],
    apps: [
      {
        clientId: CLIENT_ID,
        permissions: [
          'User.ReadWrite.All',
          'User.EnableDisableAccount.All',
          'User-PasswordProfile.ReadWrite.All',
          'UserAuthMethod-TAP.ReadWrite.All',
          'GroupMember.ReadWrite.All',
          'Group.Read.All',
          'RoleManagement.ReadWrite.Directory',
          'Domain.Read.All',
          'Organization.Read.All',
          'Policy.Read.AuthenticationMethod',
        ],
        directoryRoles: ['Privileged Authentication Administrator'],
      },
    ],
  });
  id = await world.made(routes.createCustomer, { token: msp.owner, body: { name: `Acme ${tenants}` } });
});
afterEach(async () => {
  expect((await simulator.violations()).requests).toEqual([]);
  for (const secret of [SECRET, PASSWORD, 'PRIVATE KEY']) expect(world.log()).not.toContain(secret);
});
afterAll(async () => {
  await world.close();
  await directory.close();
  await simulator.stopSimulator();
  rmSync(folder, { recursive: true });
});

/** What an admin of the tenant does at "Certificates & secrets". */
const register = (app: Partial<AppSpec>): Promise<unknown> =>
  simulator.patchTenant(tenantId, { apps: [{ clientId: CLIENT_ID, ...app }] });
const connect = (credential: object): Promise<Answer> => {
  const body = { cloud: 'custom', tenantId, clientId: CLIENT_ID, domain: DOMAIN, credential };
  return world.send(routes.connectCustomer, { token: msp.admin, id, body });
};
const connection = async () => (await world.send(routes.getEntraConnection, { token: msp.admin, id })).body;

/** A first grant, from the request until it runs. */
const grant = async (): Promise<unknown> => {
  const policy = {
    ...policyBody,
    name: id,
    customerId: id,
    roles: [],
    groups: [GROUP],
    credential: 'password',
  };
  const policyId = await world.made(routes.createAccessPolicy, { token: msp.owner, body: policy });
  const request = await world.send(routes.requestAccess, {
    token: msp.technician,
    body: { customerId: id, policyId },
  });
  const grantId = String(request.body['grantId']);
  const { body } = await until(
    async () => {
      await world.converge(id, msp.organizationId);
      return world.send(routes.getGrant, { token: msp.technician, id: grantId });
    },
    (answer) => !['scheduled', 'starting'].includes(String(answer.body['state'])),
    { what: 'the grant runs, or has failed', timeoutMs: 30_000 },
  );
  return body['state'];
};

/** What the platform projects into its file. */
const project = async (claims: { iss?: string; sub?: string; aud?: string } = {}): Promise<void> => {
  const token = await new SignJWT({ iss: ISSUER, sub: SUBJECT, aud: AUDIENCE, ...claims })
    .setProtectedHeader({ alg: 'RS256', kid: 'one' })
    .setIssuedAt()
    .setExpirationTime('10m')
    .sign(signing);
  writeFileSync(join(folder, 'token'), token);
};
const trust = () =>
  register({ federatedCredentials: [{ issuer: ISSUER, subject: SUBJECT, jwks: { keys: [issuerKey] } }] });

const upload = () => register({ certificates: [certificate.certificate] });
/** What an admin of the tenant does, and what is handed to Curfew then. */
interface Means {
  register(): Promise<unknown>;
  credential(): object;
}
const kinds: readonly (readonly [string, string, Means])[] = [
  [
    'a secret',
    'secret',
    {
      register: () => register({ secrets: [{ value: SECRET }] }),
      credential: () => ({ kind: 'secret', value: SECRET }),
    },
  ],
  [
    'a PEM',
    'certificate',
    { register: upload, credential: () => ({ kind: 'certificate', value: certificate.pem.expose() }) },
  ],
  [
    'a PFX',
    'certificate',
    {
      register: upload,
      credential: () => ({ kind: 'pfx', value: pfxOf(certificate, PASSWORD), password: PASSWORD }),
    },
  ],
  [
    'a certificate made by Curfew',
    'certificate',
    {
      register: async () => {
        const made = await world.send(routes.makeCertificate, { token: msp.admin, id, body: {} });
        await register({ certificates: [String(made.body['certificate'])] });
      },
      credential: () => ({ kind: 'pending-certificate' }),
    },
  ],
  [
    'a workload identity',
    'federated',
    { register: () => trust().then(() => project()), credential: () => ({ kind: 'federated' }) },
  ],
];

describe('A first grant', () => {
  it.each(kinds)('comes by %s', async (_, credentialKind, means) => {
    await means.register();

    expect((await connect(means.credential())).body).toMatchObject({ credentialKind, version: 1 });

    expect(await grant()).toBe('active');
  });
});

describe('A workload identity', () => {
  it.each([
    ['AADSTS700211', 'issuer', { iss: 'https://other.example' }],
    ['AADSTS700213', 'subject', { sub: 'somebody' }],
    ['AADSTS700212', 'audience', { aud: 'api://other' }],
  ])('is refused with %s, and the answer names its %s', async (code, word, claims) => {
    await trust();
    await project(claims);

    const answer = await connect({ kind: 'federated' });

    expect(answer.body).toMatchObject({ code: 'directory.credential_bad', entraCode: code });
    expect(answer.body['mend']).toContain(word);
    expect(await connection()).toMatchObject({ code: 'entra_connection.not_found' });
  });
});

describe('A credential', () => {
  it('is exchanged beside the old one, which stays in use until Entra takes the new one', async () => {
    await register({ secrets: [{ value: SECRET }] });
    await connect({ kind: 'secret', value: SECRET });
    expect(await grant()).toBe('active');
    const made = await world.send(routes.makeCertificate, { token: msp.admin, id, body: {} });
    const activate = () => world.send(routes.activateCertificate, { token: msp.admin, id });

    const early = await activate();
    expect(early.body).toMatchObject({ code: 'directory.credential_bad', entraCode: 'AADSTS700027' });
    expect(String(early.body['mend'])).toContain('Upload');
    expect(await connection()).toMatchObject({ credentialKind: 'secret', version: 1 });

    await register({ secrets: [{ value: SECRET }], certificates: [String(made.body['certificate'])] });
    expect((await activate()).body).toMatchObject({
      credentialKind: 'certificate',
      version: 2,
      credentialEndsAt: made.body['endsAt'],
    });
    await register({ secrets: [], certificates: [String(made.body['certificate'])] });
    expect(await grant()).toBe('active');
  });
});

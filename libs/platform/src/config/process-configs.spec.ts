import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '#core/shared';
import { describeConfig, readApiConfig, readWorkerConfig } from './process-configs.js';
import type { ConfigError } from './read-config.js';
import { type Environment } from './read-config.js';

const enough: Environment = {
  DATABASE_URL: 'postgres://app:pw@localhost/curfew',
  CLOCKWORK_DATABASE_URL: 'postgres://clockwork:pw@localhost/curfew',
  QUEUE_URL: 'redis://localhost:6379',
  CURFEW_KEY_FILE: '/etc/curfew/keys.json',
};

const problemsOf = (env: Environment): readonly string[] => {
  try {
    readApiConfig(env);
    return [];
  } catch (error) {
    return (error as ConfigError).problems;
  }
};

describe('The configuration of a process', () => {
  it('has a default for everything that is no secret', () => {
    const config = readApiConfig(enough);

    expect(config.http).toEqual({
      ...{ host: '127.0.0.1', port: 3000, bodyLimitBytes: 102_400 },
      publicUrl: null,
    });
    expect(config.directory).toEqual({
      customCloud: null,
      federatedTokenFile: null,
      federatedOrganization: null,
    });
    expect(config.logging).toEqual({ level: 'info' });
    expect(config.keys).toEqual({ file: '/etc/curfew/keys.json' });
  });

  it.each([
    ['https://curfew.example/', 'https://curfew.example'],
    ['https://msp.example/curfew//', 'https://msp.example/curfew'],
    ['http://localhost:3000', 'http://localhost:3000'],
  ])('takes %s for its own address', (CURFEW_PUBLIC_URL, publicUrl) => {
    expect(readApiConfig({ ...enough, CURFEW_PUBLIC_URL }).http.publicUrl).toBe(publicUrl);
  });

  it.each(['http://curfew.example', 'https://a:b@curfew.example', 'https://curfew.example?x=1', 'curfew'])(
    'does not take %s for its own address',
    (CURFEW_PUBLIC_URL) => {
      expect(problemsOf({ ...enough, CURFEW_PUBLIC_URL })).toHaveLength(1);
    },
  );

  it('hides secrets and is frozen', () => {
    const config = readApiConfig(enough);

    expect(config.database.url).toBeInstanceOf(Secret);
    expect(config.database.url.expose()).toBe(enough['DATABASE_URL']);
    expect(JSON.stringify(config)).not.toContain('pw');
    expect(Object.isFrozen(config) && Object.isFrozen(config.http)).toBe(true);
  });

  it('asks a worker for what a worker needs, and not for what the API needs', () => {
    const config = readWorkerConfig({
      ...enough,
      CURFEW_SWEEP_INTERVAL: '250ms',
      CURFEW_API_PORT: 'no port',
    });

    expect(config.worker).toEqual({
      graphCalls: 64,
      graphCallsPerCustomer: 4,
      sweepIntervalMs: 250,
      bells: ['queue', 'sweep'],
    });
    expect(config).not.toHaveProperty('http');
  });

  it('reports all problems together, by variable and reason', () => {
    expect(
      problemsOf({ QUEUE_URL: 'amqp://x', CURFEW_API_PORT: '70000', CURFEW_API_BODY_LIMIT: '1gb' }),
    ).toEqual([
      expect.stringMatching(/^DATABASE_URL is missing: PostgreSQL/),
      expect.stringMatching(/^CLOCKWORK_DATABASE_URL is missing/),
      'QUEUE_URL must be a URL postgres://… or postgresql://… or redis://… or rediss://…',
      'CURFEW_API_PORT must be a whole number from 0 to 65535',
      'CURFEW_API_BODY_LIMIT must be a size from 1kb to 10mb',
      'CURFEW_KEY_FILE is missing (or CURFEW_KEYS)',
    ]);
  });

  it.each(describeConfig().flatMap((variable) => [variable.name, variable.fileVariable ?? variable.name]))(
    'never shows the value of %s',
    (name) => {
      const env = { ...enough, [name]: 'canary://:canary@/canary canary' };

      expect(problemsOf(env).join()).not.toContain('canary');
      expect(() => readWorkerConfig({ ...env, DATABASE_URL: undefined })).not.toThrow('canary');
    },
  );

  it.each(['CURFEW_CUSTOM_CLOUD_AUTHORITY', 'CURFEW_CUSTOM_CLOUD_GRAPH', 'CURFEW_CUSTOM_CLOUD_CA_FILE'])(
    'takes a custom cloud whole or not at all: %s is missing',
    (missing) => {
      const cloud: Environment = {
        ...enough,
        CURFEW_CUSTOM_CLOUD_AUTHORITY: 'https://localhost:1/',
        CURFEW_CUSTOM_CLOUD_GRAPH: 'https://localhost:2/',
        CURFEW_CUSTOM_CLOUD_CA_FILE: '/ca.pem',
      };

      expect(problemsOf(cloud)).toEqual([]);
      expect(problemsOf({ ...cloud, [missing]: '' })).toEqual([
        `${missing} is missing: the custom cloud needs all three of its variables, or none`,
      ]);
    },
  );

  it('shows figures and gives a sign of life only where that is asked for', () => {
    expect(readApiConfig(enough).watch).toEqual({ metricsHost: '127.0.0.1', metricsPort: null });
    expect(readWorkerConfig(enough).watch).toMatchObject({ metricsPort: null, deadmanUrl: null });
    expect(readWorkerConfig({ ...enough, CURFEW_WORKER_METRICS_PORT: '9464' }).watch.metricsPort).toBe(9464);
  });

  it.each([
    ['https://hc.example/x', true],
    ['http://127.0.0.1:8000/x', true],
    ['http://[::1]:8000/x', true],
    ['http://hc.example/x', false],
    ['ftp://127.0.0.1/x', false],
  ])('takes %s as the address of a dead-man service: %s', (url, taken) => {
    const read = (): unknown => readWorkerConfig({ ...enough, CURFEW_DEADMAN_URL: url });

    if (taken) expect(read).not.toThrow();
    else expect(read).toThrow('CURFEW_DEADMAN_URL must be a URL https');
  });

  it('refuses keys from two places', () => {
    expect(problemsOf({ ...enough, CURFEW_KEYS: 'e30=' })).toEqual([
      'CURFEW_KEY_FILE and CURFEW_KEYS are both set: keep one',
    ]);
  });
});

describe('A secret mounted as a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'curfew-config-'));
  const file = join(folder, 'url');
  const mounted = { ...enough, DATABASE_URL: undefined, DATABASE_URL_FILE: file };

  beforeAll(() => writeFileSync(file, 'postgres://app:mounted@localhost/curfew\n'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is read without the line feed that ends the file', () => {
    expect(readApiConfig(mounted).database.url.expose()).toBe('postgres://app:mounted@localhost/curfew');
  });

  it('is refused beside the variable itself', () => {
    expect(problemsOf({ ...enough, DATABASE_URL_FILE: file })).toEqual([
      'DATABASE_URL and DATABASE_URL_FILE are both set: keep one',
    ]);
  });

  it('is reported when it cannot be read', () => {
    expect(problemsOf({ ...mounted, DATABASE_URL_FILE: join(folder, 'gone') })).toEqual([
      'DATABASE_URL_FILE names a file that cannot be read (ENOENT)',
    ]);
  });
});

describe('The description of the configuration', () => {
  it('names each variable once, with its default, and gives no secret a default', () => {
    const described = describeConfig();

    expect(new Set(described.map(({ name }) => name)).size).toBe(described.length);
    expect(described.filter(({ secret, default: fallback }) => secret && fallback !== null)).toEqual([]);
    expect(described.find(({ name }) => name === 'CURFEW_API_PORT')).toEqual({
      name: 'CURFEW_API_PORT',
      concern: 'HTTP',
      meaning: 'Port on which the API listens; 0 takes a free one.',
      default: '3000',
      required: false,
      secret: false,
      fileVariable: null,
      processes: ['api'],
    });
  });
});

describe('A key vault', () => {
  const key = 'https://v.vault.azure.net/keys/curfew';
  const app = { CURFEW_KEY_VAULT_TENANT_ID: 't', CURFEW_KEY_VAULT_CLIENT_ID: 'c' };
  const vaultOf = (env: Environment) =>
    readApiConfig({ ...enough, CURFEW_KEY_VAULT_KEY: key, ...env }).keys.vault;

  it('is signed in to by a managed identity, a certificate or a secret', () => {
    const authority = 'https://login.microsoftonline.com';
    const common = { keyUrl: key, authority, caFile: null };

    expect(vaultOf({})).toEqual({ ...common, credential: { kind: 'managed', clientId: null } });
    expect(vaultOf({ ...app, CURFEW_KEY_VAULT_CERTIFICATE_FILE: '/c.pem' })).toEqual({
      ...common,
      credential: { kind: 'certificate', tenantId: 't', clientId: 'c', file: '/c.pem' },
    });
    expect(vaultOf({ ...app, CURFEW_KEY_VAULT_CLIENT_SECRET: 's' })).toMatchObject({
      credential: { kind: 'secret', secret: new Secret('s') },
    });
  });

  it.each<[Environment, string]>([
    [app, 'CURFEW_KEY_VAULT_CLIENT_SECRET is missing (or CURFEW_KEY_VAULT_CERTIFICATE_FILE)'],
    [
      { CURFEW_KEY_VAULT_CLIENT_SECRET: 's', CURFEW_KEY_VAULT_CLIENT_ID: 'c' },
      'CURFEW_KEY_VAULT_TENANT_ID is missing',
    ],
    [
      { ...app, CURFEW_KEY_VAULT_CLIENT_SECRET: 's', CURFEW_KEY_VAULT_CERTIFICATE_FILE: '/c' },
      'CURFEW_KEY_VAULT_CLIENT_SECRET and CURFEW_KEY_VAULT_CERTIFICATE_FILE are both set',
    ],
  ])('is refused with half a sign-in: %j', (env, problem) => {
    expect(problemsOf({ ...enough, CURFEW_KEY_VAULT_KEY: key, ...env }).join()).toContain(problem);
  });
});

import { Secret } from '#core/shared';
import { keyVaultOf, keyVaultSettings, type KeyVaultSettings } from './key-vault-settings.js';
import { concern, optional, required, requiredSecret, withDefault, type Concern } from './setting.js';
import { duration, oneOf, secret, someOf, text, url, wholeNumber } from './text-schemas.js';

const postgres = secret(url('postgres', 'postgresql'));

/** The two roles by which the product enters its database. */
export const database = concern('Database', {
  url: requiredSecret(
    {
      name: 'DATABASE_URL',
      meaning: 'PostgreSQL, as the role of the application: it owns nothing and row-level security binds it.',
    },
    postgres,
  ),
  clockworkUrl: requiredSecret(
    {
      name: 'CLOCKWORK_DATABASE_URL',
      meaning: 'The same database, as the role of sweeps and claims: it sees ids and clockwork columns only.',
    },
    postgres,
  ),
});

/** The roles by which the revoker enters the same database. */
export const revokerDatabase = concern('Revoker database', {
  url: requiredSecret(
    {
      name: 'REVOKER_DATABASE_URL',
      meaning: 'PostgreSQL, as the role of the revoker: it can take access away and give none.',
    },
    postgres,
  ),
  clockworkUrl: database.settings.clockworkUrl,
});

export const queue = concern('Queue', {
  url: requiredSecret(
    {
      name: 'QUEUE_URL',
      meaning: 'Where bells ring: postgres://… needs nothing else, redis://… is the way past one machine.',
    },
    secret(url('postgres', 'postgresql', 'redis', 'rediss')),
  ),
});

const keySettings = {
  file: optional(
    required(
      {
        name: 'CURFEW_KEY_FILE',
        meaning: 'Path of the key file, readable by its owner only: the first choice. This or CURFEW_KEYS.',
      },
      text,
    ),
  ),
  // No CURFEW_KEYS_FILE: CURFEW_KEY_FILE is the file.
  inline: {
    ...optional(
      requiredSecret(
        {
          name: 'CURFEW_KEYS',
          meaning:
            "A key file's content in base64: second choice, since others may see an environment, and it changes with a restart alone. This or CURFEW_KEY_FILE.",
        },
        secret(text),
      ),
    ),
    fileVariable: null,
  },
  ...keyVaultSettings,
};

export const keys: Concern<typeof keySettings, KeySource> = {
  title: 'Keys',
  settings: keySettings,
  conclude({ file, inline, ...settings }, report) {
    const vault = keyVaultOf(settings, report);
    const wrapped = vault === null ? {} : { vault };
    if (inline === null && file !== null) return { file, ...wrapped };
    if (inline !== null && file === null) return { inline, ...wrapped };
    report(
      'CURFEW_KEY_FILE',
      file === null ? 'is missing (or CURFEW_KEYS)' : 'and CURFEW_KEYS are both set: keep one',
    );
    return { file: '' };
  },
};

/** Where the keys come from: a file or the environment; and the key vault by which they are wrapped, if they are. */
export type KeySource = ({ readonly file: string } | { readonly inline: Secret }) & {
  readonly vault?: KeyVaultSettings;
};

/** What only `curfew keys …` needs: no process that runs has it. */
export const keysDatabase = concern('Keys', {
  url: optional(
    requiredSecret(
      {
        name: 'KEYS_DATABASE_URL',
        meaning:
          'PostgreSQL, as the role that seals anew what stands under older keys: for `curfew keys …` alone.',
      },
      postgres,
    ),
  ),
});

export const restoring = concern('Restored backups', {
  markFile: optional(
    required(
      {
        name: 'CURFEW_RESTORE_MARK_FILE',
        meaning:
          'File by which a restored database is known as one: written every few seconds, in no backup of the database. Absent: the key file with .mark after it.',
      },
      text,
    ),
  ),
});

export const logging = concern('Logging', {
  level: withDefault(
    { name: 'LOG_LEVEL', meaning: 'Least level that is written; error means that a human must act now.' },
    oneOf(['debug', 'info', 'warn', 'error', 'silent']),
    'info',
  ),
});

export const worker = concern('Worker', {
  graphCalls: withDefault(
    { name: 'CURFEW_WORKER_GRAPH_CALLS', meaning: 'Graph calls that one worker makes at the same time.' },
    wholeNumber({ min: 1, max: 1_024 }),
    '64',
  ),
  graphCallsPerCustomer: withDefault(
    {
      name: 'CURFEW_WORKER_GRAPH_CALLS_PER_CUSTOMER',
      meaning: 'Of these for one customer, so that none fills the worker.',
    },
    wholeNumber({ min: 1, max: 64 }),
    '4',
  ),
  sweepIntervalMs: withDefault(
    {
      name: 'CURFEW_SWEEP_INTERVAL',
      meaning: 'How often a worker looks for what is due, whether a bell rang or not.',
    },
    duration({ min: '100ms', max: '30s' }),
    '1s',
  ),
  bells: withDefault(
    {
      name: 'CURFEW_WORKER_BELLS',
      meaning:
        'What wakes this worker: queue (armed bells, at the instant), sweep (its own look at the database), or both. Without the sweep an end waits for others when the queue is lost.',
    },
    someOf(['queue', 'sweep']),
    'queue,sweep',
  ),
});

export const revoker = concern('Revoker', {
  sweepIntervalMs: withDefault(
    {
      name: 'CURFEW_REVOKER_INTERVAL',
      meaning: 'How often the revoker looks for ends that nobody has kept.',
    },
    duration({ min: '100ms', max: '30s' }),
    '1s',
  ),
});

const liveCheckSettings = {
  cloud: withDefault(
    {
      name: 'LIVE_CHECK_CLOUD',
      meaning: 'Cloud of the tenant to check; custom takes the hosts of CURFEW_CUSTOM_CLOUD_….',
    },
    oneOf(['global', 'us-government', 'china', 'custom']),
    'global',
  ),
  tenantId: required({ name: 'LIVE_CHECK_TENANT_ID', meaning: 'Tenant to check.' }, text),
  clientId: required(
    { name: 'LIVE_CHECK_CLIENT_ID', meaning: 'App registration that the tenant has consented to.' },
    text,
  ),
  clientSecret: optional(
    requiredSecret(
      { name: 'LIVE_CHECK_CLIENT_SECRET', meaning: 'Its client secret. This or a certificate.' },
      secret(text),
    ),
  ),
  certificate: optional(
    requiredSecret(
      {
        name: 'LIVE_CHECK_CERTIFICATE',
        meaning: 'PEM with its certificate and private key. This or a client secret.',
      },
      secret(text),
    ),
  ),
};

/** An app registration to check a real tenant with. */
export interface LiveCheckApp {
  readonly cloud: 'global' | 'us-government' | 'china' | 'custom';
  readonly tenantId: string;
  readonly clientId: string;
  readonly credential: { readonly kind: 'secret' | 'certificate'; readonly value: Secret };
}

export const liveCheck: Concern<typeof liveCheckSettings, LiveCheckApp> = {
  title: 'Live check',
  settings: liveCheckSettings,
  conclude({ clientSecret, certificate, ...app }, report) {
    if (clientSecret !== null && certificate === null)
      return { ...app, credential: { kind: 'secret', value: clientSecret } };
    if (clientSecret === null && certificate !== null)
      return { ...app, credential: { kind: 'certificate', value: certificate } };
    report(
      'LIVE_CHECK_CLIENT_SECRET',
      certificate === null
        ? 'is missing (or LIVE_CHECK_CERTIFICATE)'
        : 'and LIVE_CHECK_CERTIFICATE are both set: keep one',
    );
    return { ...app, credential: { kind: 'secret', value: new Secret('') } };
  },
};

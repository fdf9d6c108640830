// The dependency rule of docs/architecture.md as its own configuration: the two tables below ARE the rule.
// `npm run arch` prints every arrow that breaks it.

/** lib → which libs it may import, and which npm packages and node built-ins. */
const libs = {
  core: { libs: [], npm: [] },
  contracts: { libs: [], npm: ['zod'] },
  persistence: { libs: ['core'], npm: ['@prisma/.*', 'pg', 'node:.*'] },
  directory: {
    libs: ['core'],
    npm: [
      '@azure/identity',
      '@azure/core-.*',
      '@microsoft/microsoft-graph-client',
      '@microsoft/microsoft-graph-types',
      'undici',
      'node:.*',
    ],
  },
  secrets: {
    libs: ['core'],
    npm: [
      '@azure/identity',
      '@azure/keyvault-keys',
      '@peculiar/x509',
      'node-forge',
      'reflect-metadata',
      'node:.*',
    ],
  },
  jobs: { libs: ['core'], npm: ['bullmq', 'ioredis', 'pg', 'zod', 'node:.*'] },
  platform: { libs: ['core'], npm: ['zod', 'pino', 'prom-client', 'node:.*'] },
  composition: {
    libs: ['core', 'contracts', 'persistence', 'directory', 'secrets', 'jobs', 'platform'],
    npm: ['@nestjs/.*', 'reflect-metadata', 'rxjs', 'node:.*'],
  },
};

/** app → which libs it may import. Apps never import apps. */
const apps = {
  api: ['core', 'contracts', 'platform', 'composition'],
  worker: ['core', 'jobs', 'platform', 'composition'],
  revoker: ['core', 'persistence', 'directory', 'secrets', 'platform'],
  'entra-simulator': [],
  'live-check': ['core', 'directory', 'platform'],
};

/** npm package → the only places that may import it. */
const soleOwners = {
  '@prisma/': ['libs/persistence'],
  bullmq: ['libs/jobs'],
  ioredis: ['libs/jobs'],
  'csv-parse': ['apps/api'],
  '@nestjs/': ['apps/api', 'apps/worker', 'libs/composition'],
  '@azure/': ['libs/directory', 'libs/secrets'],
  '@microsoft/microsoft-graph-client': ['libs/directory'],
};

/** Core features, each with those that it may import. `testing` is for specs and may see all. */
const coreFeatures = {
  shared: [],
  audit: ['shared'],
  tenancy: ['shared', 'audit'],
  identity: ['shared', 'audit', 'tenancy'],
  accounts: ['shared', 'tenancy'],
  grants: ['shared', 'audit', 'tenancy', 'accounts', 'proving'],
  proving: ['shared', 'audit', 'tenancy', 'accounts'],
  access: ['shared', 'audit', 'tenancy', 'identity', 'accounts', 'grants', 'proving'],
  consenting: ['shared', 'audit', 'tenancy', 'accounts', 'grants', 'access'],
  validating: ['shared', 'audit', 'tenancy', 'accounts', 'grants', 'proving', 'access'],
  leaving: ['shared', 'audit', 'tenancy', 'identity', 'accounts', 'grants', 'access'],
  convergence: ['shared', 'audit', 'tenancy', 'accounts', 'grants', 'proving'],
  alarms: ['shared'],
  keys: ['shared', 'audit'],
};

const tests = '\\.(spec|int-spec|redis-spec|e2e-spec|contract)\\.ts$|/testing/';
const forbid = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });
const any = (names) => `(${names.join('|')})`;
const npmPath = (names) =>
  `^(node_modules/)?${any(names.map((n) => (n.startsWith('node:') ? n.slice(5) : n)))}(/|$)`;

const libRules = Object.entries(libs).flatMap(([lib, may]) => [
  forbid(
    `${lib}-libs`,
    `libs/${lib} imports only: ${may.libs.join(', ') || 'nothing'}`,
    { path: `^libs/${lib}/`, pathNot: tests },
    { path: '^(libs|apps)/', pathNot: `^libs/${any([lib, ...may.libs])}/` },
  ),
  forbid(
    `${lib}-npm`,
    `libs/${lib} imports only these packages: ${may.npm.join(', ') || 'none'}`,
    { path: `^libs/${lib}/`, pathNot: `${tests}|/generated/` },
    {
      dependencyTypesNot: [
        'local',
        'localmodule',
        'aliased',
        'aliased-subpath-import',
        ...(may.npm.includes('node:.*') ? ['core'] : []),
      ],
      pathNot: [
        ...(may.npm.length ? [npmPath(may.npm.filter((n) => n !== 'node:.*'))] : []),
        '^(libs|apps)/',
      ].join('|'),
    },
  ),
]);
const appRules = Object.entries(apps).map(([app, may]) =>
  forbid(
    `${app}-libs`,
    `apps/${app} imports only: ${may.join(', ') || 'no lib'}`,
    { path: `^apps/${app}/`, pathNot: tests },
    { path: '^(libs|apps)/', pathNot: `^(apps/${app}/${may.length ? `|libs/${any(may)}/` : ''})` },
  ),
);
const ownerRules = Object.entries(soleOwners).map(([name, owners]) =>
  forbid(
    `owner-of-${name.replace(/\W/g, '-')}`,
    `${name} belongs to ${owners.join(', ')}`,
    { path: '^(libs|apps)/', pathNot: `^${any(owners)}/|${tests}` },
    { path: `node_modules/${name}` },
  ),
);
const coreRules = Object.entries(coreFeatures).map(([feature, may]) =>
  forbid(
    `core-${feature}`,
    `core/${feature} imports only: ${may.join(', ') || 'nothing'}`,
    { path: `^libs/core/src/${feature}/`, pathNot: tests },
    { path: '^libs/core/src/', pathNot: `^libs/core/src/${any([feature, ...may])}/` },
  ),
);

export default {
  forbidden: [
    ...libRules,
    ...appRules,
    ...ownerRules,
    ...coreRules,
    forbid(
      'lib-entered-by-index',
      "A lib is entered by its index.ts (core: by each feature's)",
      { path: '^(libs|apps)/([^/]+)/' },
      {
        path: '^libs/([^/]+)/src/',
        pathNot: '^libs/$2/|^libs/[^/]+/src/index\\.ts$|^libs/core/src/[^/]+/index\\.ts$',
      },
    ),
    forbid(
      'model-plays-the-core',
      'test/model plays the core and its fakes, and of all adapters only the clock that needs no server',
      { path: '^test/model/' },
      {
        path: '^(apps|libs)/',
        pathNot: '^libs/core/src/[^/]+/index\\.ts$|^libs/persistence/src/database-clock\\.ts$',
      },
    ),
    forbid(
      'simulator-shares-nothing',
      'The simulator shares no code with libs, so they cannot share a bug',
      { path: '^libs/' },
      { path: '^apps/' },
    ),
    forbid('no-cycles', 'No cycles', {}, { circular: true }),
    { name: 'no-orphans', severity: 'error', from: { orphan: true, pathNot: `${tests}|\\.d\\.ts$` }, to: {} },
    forbid('unresolvable', 'Every import resolves', {}, { couldNotResolve: true }),
  ],
  options: {
    doNotFollow: { path: ['node_modules', 'libs/persistence/src/generated'] },
    exclude: { path: ['^dist/'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['source', 'import', 'node', 'default'],
      // Packages of types alone have no main.
      mainFields: ['module', 'main', 'types', 'typings'],
    },
  },
};

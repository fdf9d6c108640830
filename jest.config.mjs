const shared = {
  testEnvironment: 'node',
  testEnvironmentOptions: {
    // Prisma's wasm panic registry recurses for ever after Jest's soft clean-up of globals.
    globalsCleanup: 'off',
    // Libraries are read from source through the `source` condition of package.json `imports`.
    customExportConditions: ['source', 'node', 'node-addons'],
  },
  moduleFileExtensions: ['ts', 'js', 'mjs', 'cjs', 'json', 'node'],
  moduleNameMapper: {
    // Jest treats every .mjs as an ES module; Prisma ships the same runtime as .js.
    '^(@prisma/client/runtime/.*)\\.mjs$': '$1.js',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/.curfew', '<rootDir>/.cache'],
  transform: { '\\.([cm]?ts|[cm]?js)$': '<rootDir>/tools/jest-esm-transform.cjs' },
  transformIgnorePatterns: [],
};

/** The fault scenarios that are played with every test: one of each kind of fault. */
const always = ['01', '03', '08', '14', '20', '23', '26', '30', '39'];

/** One project per tier: `npm run test:unit`, `test:int`, `test:e2e`, `test:redis`, `test:faults`. */
const tier = (displayName, testMatch, extra = {}) => ({ ...shared, displayName, testMatch, ...extra });

export default {
  cacheDirectory: '<rootDir>/.cache/jest',
  testSequencer: '<rootDir>/tools/slowest-first.cjs',
  projects: [
    tier('unit', ['<rootDir>/{apps,libs,scripts}/**/*.spec.ts', '<rootDir>/test/{model,soak}/**/*.spec.ts']),
    tier('int', ['<rootDir>/{apps,libs}/**/*.int-spec.ts']),
    tier('redis', ['<rootDir>/{apps,libs}/**/*.redis-spec.ts', '<rootDir>/test/e2e/**/*.redis-spec.ts']),
    tier('e2e', ['<rootDir>/test/e2e/**/*.e2e-spec.ts']),
    tier('faults', [`<rootDir>/test/faults/{${always.join(',')}}-*.fault-spec.ts`]),
    tier('all-faults', ['<rootDir>/test/faults/*.fault-spec.ts']),
    tier('soak', ['<rootDir>/test/soak/*.soak-spec.ts']),
  ],
};

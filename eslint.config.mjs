import eslint from '@eslint/js';
import tseslint from 'typescript-eslint';

const sources = ['{apps,libs,test,bench}/**/*.ts', 'prisma.config.ts'];
const tests = ['**/*.{spec,int-spec,redis-spec,e2e-spec,contract}.ts', 'test/**/*.ts', 'bench/**/*.ts'];

/** The stop column of docs/quality-floor.md. */
const size = {
  'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
  'max-lines-per-function': ['error', { max: 40, skipBlankLines: true, skipComments: true }],
  'max-params': ['error', 3],
  'max-depth': ['error', 3],
  // A switch counts once: a flat table of cases is as easy to read as it is long.
  complexity: ['error', { max: 10, variant: 'modified' }],
};

const banned = (selector, message) => ({ selector, message });
const vagueExport = (node) =>
  `ExportNamedDeclaration > ${node}[id.name=/^(data|info|manager|helper|util|process|handle)$/i]`;
const everywhere = [
  banned('ExportDefaultDeclaration', 'Named exports only.'),
  banned(vagueExport('FunctionDeclaration'), 'Say what it does: this name says nothing (docs/glossary.md).'),
  banned(vagueExport('ClassDeclaration'), 'Say what it is: this name says nothing (docs/glossary.md).'),
  banned(
    'MemberExpression[property.name=/^\\$(queryRawUnsafe|executeRawUnsafe)$/]',
    'Unsafe raw SQL: use the tagged template.',
  ),
];
const environment = banned(
  "MemberExpression[object.name='process'][property.name='env']",
  'The environment is read once, in libs/platform/src/config or a main.',
);
const pureCore = [
  banned("NewExpression[callee.name='Date'][arguments.length=0]", 'Time is handed in: Clock.'),
  banned(
    "CallExpression[callee.object.name='Date'][callee.property.name='now']",
    'Time is handed in: Clock.',
  ),
  banned(
    "CallExpression[callee.object.name='Math'][callee.property.name='random']",
    'Randomness is handed in: Ids.',
  ),
  banned('CallExpression[callee.name=/^set(Timeout|Interval|Immediate)$/]', 'Waiting is dueAt.'),
  environment,
];

export default tseslint.config(
  { ignores: ['dist', 'node_modules', '.cache', '.curfew', 'libs/persistence/src/generated'] },
  eslint.configs.recommended,
  ...tseslint.configs.recommendedTypeChecked.map((config) => ({ ...config, files: sources })),
  {
    files: sources,
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      ...size,
      'no-console': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': ['error', { ignoreVoid: false }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/ban-ts-comment': ['error', { 'ts-expect-error': 'allow-with-description' }],
      'no-restricted-syntax': ['error', ...everywhere, environment],
    },
  },
  {
    files: ['libs/core/src/**/*.ts'],
    ignores: tests,
    rules: { 'no-restricted-syntax': ['error', ...everywhere, ...pureCore] },
  },
  {
    // The only places that read the environment.
    files: ['libs/platform/src/config/**/*.ts', 'apps/*/src/main.ts', 'prisma.config.ts', ...tests],
    rules: { 'no-restricted-syntax': ['error', ...everywhere] },
  },
  { files: ['prisma.config.ts'], rules: { 'no-restricted-syntax': 'off' } },
  {
    files: tests,
    rules: {
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': 'off',
    },
  },
  {
    files: ['**/*.{mjs,cjs,js}'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        fetch: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        setInterval: 'readonly',
        clearInterval: 'readonly',
        URL: 'readonly',
        Buffer: 'readonly',
        crypto: 'readonly',
        performance: 'readonly',
        globalThis: 'readonly',
        WebAssembly: 'readonly',
        module: 'readonly',
        require: 'readonly',
        __filename: 'readonly',
        AbortSignal: 'readonly',
      },
    },
  },
);

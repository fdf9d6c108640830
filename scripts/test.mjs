// `npm test`: every tier, on a machine that has Node and npm and nothing else. `npm test -- unit int e2e redis faults` runs
// the tiers that are named, and hands what begins with a dash, and what follows it, on to Jest. Ends with a line
// `N passed, N failed` over all that ran.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBuilt } from './lib/built.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { findOrUnpackRedis, startRedis } from './lib/redis.mjs';
import { failPlainly, run, tool } from './lib/run.mjs';
import { scratchDirectory } from './lib/scratch.mjs';

/** What a tier needs besides the installed modules. */
const needsOf = {
  unit: [],
  int: ['postgres'],
  e2e: ['build'],
  redis: ['redis', 'postgres'],
  faults: ['build'],
};

/** Tiers in one run of Jest, and how many of their suites may run side by side. */
const runs = [
  { tiers: ['unit'], workers: '100%' },
  // Many of these wait for PostgreSQL.
  { tiers: ['int'], workers: '3' },
  // Nearly each suite of these is a whole stack of processes, which mostly waits.
  { tiers: ['e2e', 'redis', 'faults'], workers: '5' },
];

/** Test data may be lost in a power cut: no waiting for the disk. */
const forgetful = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

const main = async (args) => {
  const firstOption = args.findIndex((argument) => argument.startsWith('-'));
  const named = firstOption < 0 ? args : args.slice(0, firstOption);
  const unknown = named.filter((name) => !(name in needsOf));
  if (unknown.length > 0) {
    throw new Error(
      `There is no tier ${unknown.join(', ')}: ${Object.keys(needsOf).join(', ')} [jest arguments]`,
    );
  }
  await ensureInstalled();
  const scratch = scratchDirectory('test');
  const servers = [];
  try {
    const redis = await redisFor(named);
    const chosen = named.length > 0 ? named : ['unit', 'int', 'e2e', 'faults', ...(redis ? ['redis'] : [])];
    const env = await prepare(chosen, { scratch, servers, redis });
    // Each scenario on the queue where it says most; on PostgreSQL where there is no Redis.
    env.CURFEW_FAULTS_QUEUE = redis ? 'always' : 'postgres';
    const results = [];
    for (const { tiers, workers } of runs) {
      const some = tiers.filter((tier) => chosen.includes(tier));
      const jestArguments = args.slice(named.length);
      if (some.length > 0) results.push(await runTiers(some, { env, scratch, workers, jestArguments }));
    }
    summarize(results);
    if (named.length === 0 && !redis) {
      console.log('The Redis tier did not run, for want of a Redis: npm run test:redis says why.');
    }
    closingLine(results);
  } finally {
    for (const server of servers.reverse()) await server.stop();
    rmSync(scratch, { recursive: true, force: true });
  }
};

/** Whoever names the Redis tier must have one; for everything without a name, one is taken where it can be had. */
const redisFor = async (named) => {
  if (named.length > 0 && !named.includes('redis')) return null;
  if (named.length === 0) return findOrUnpackRedis().catch(() => null);
  const redis = await findOrUnpackRedis();
  if (redis) return redis;
  throw new Error('No Redis to be had: put redis-server on the PATH, or set REDIS_URL to a running one.');
};

const prepare = async (chosen, { scratch, servers, redis }) => {
  const needs = new Set(chosen.flatMap((tier) => needsOf[tier]));
  const env = {};
  if (needs.has('build')) await ensureBuilt();
  if (needs.has('postgres')) {
    // Not at the top: it needs the installed modules.
    const { startGuardedPostgres } = await import('./lib/guarded-postgres.mjs');
    const postgres = await startGuardedPostgres({
      dataDir: join(scratch, 'postgres'),
      settings: forgetful,
      log: console.log,
    });
    servers.push(postgres);
    env.CURFEW_TEST_POSTGRES_URL = postgres.adminUrl('postgres');
  }
  if (needs.has('redis')) {
    const server = await startRedis({ dataDir: join(scratch, 'redis'), redis });
    servers.push(server);
    env.CURFEW_TEST_REDIS_URL = server.url;
  }
  return env;
};

const runTiers = async (tiers, { env, scratch, workers, jestArguments }) => {
  const name = tiers.join(', ');
  console.log(`\n── ${name} ──`);
  const report = join(scratch, `${tiers.join('-')}.json`);
  const began = Date.now();
  const { code } = await run(
    process.execPath,
    [
      tool('jest'),
      '--selectProjects',
      ...tiers,
      `--maxWorkers=${workers}`,
      '--passWithNoTests',
      '--json',
      `--outputFile=${report}`,
      ...jestArguments,
    ],
    { env: { ...env, NODE_NO_WARNINGS: '1' }, show: true },
  );
  return { name, seconds: (Date.now() - began) / 1_000, ...countsOf(report, code) };
};

/** A suite that could not even run counts as a failure, and so does a Jest that broke. */
const countsOf = (report, code) => {
  if (!existsSync(report)) return { passed: 0, failed: 1, skipped: 0 };
  const { numPassedTests, numFailedTests, numPendingTests, numRuntimeErrorTestSuites } = JSON.parse(
    readFileSync(report, 'utf8'),
  );
  const failed = numFailedTests + numRuntimeErrorTestSuites;
  return {
    passed: numPassedTests,
    failed: code === 0 ? failed : Math.max(failed, 1),
    skipped: numPendingTests,
  };
};

const summarize = (results) => {
  console.log('\ntier        passed  failed  skipped  seconds');
  for (const { name, passed, failed, skipped, seconds } of results) {
    const cells = [passed, failed, skipped, seconds.toFixed(1)].map((cell) => String(cell).padStart(6));
    console.log(`${name.padEnd(11)} ${cells.join('  ')}`);
  }
};

const closingLine = (results) => {
  const sum = (what) => results.reduce((total, result) => total + result[what], 0);
  console.log(`\n${sum('passed')} passed, ${sum('failed')} failed`);
  if (sum('failed') > 0) process.exitCode = 1;
};

await main(process.argv.slice(2)).catch(failPlainly);

// `npm test`: every tier, on a machine that has Node and npm and nothing else. `node scripts/test.mjs unit|int|e2e|redis
// [jest arguments]` runs one tier. Ends with a line `N passed, N failed` over all that ran.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBuilt } from './lib/built.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { findOrUnpackRedis, startRedis } from './lib/redis.mjs';
import { failPlainly, run, tool } from './lib/run.mjs';
import { scratchDirectory } from './lib/scratch.mjs';

/** What a tier needs besides the installed modules, and how many of its suites may run side by side. */
const tiers = {
  unit: { needs: [], workers: '100%' },
  int: { needs: ['postgres'], workers: '100%' },
  // Each suite of it is a whole stack of processes, which mostly waits.
  e2e: { needs: ['build'], workers: '3' },
  redis: { needs: ['redis', 'postgres', 'build'], workers: '1' },
};

/** Test data may be lost in a power cut: no waiting for the disk. */
const forgetful = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

const main = async ([name, ...jestArguments]) => {
  if (name !== undefined && !(name in tiers)) {
    throw new Error(`Usage: node scripts/test.mjs [${Object.keys(tiers).join('|')}] [jest arguments]`);
  }
  await ensureInstalled();
  const scratch = scratchDirectory('test');
  const servers = [];
  try {
    const redis = name === undefined || name === 'redis' ? await redisFor(name) : null;
    const chosen = name === undefined ? ['unit', 'int', ...(redis ? ['redis'] : []), 'e2e'] : [name];
    const env = await prepare(chosen, { scratch, servers, redis });
    const results = [];
    for (const tier of chosen) results.push(await runTier(tier, { env, scratch, jestArguments }));
    summarize(results);
    if (name === undefined && !redis) {
      console.log('The Redis tier did not run, for want of a Redis: npm run test:redis gets one by itself.');
    }
    closingLine(results);
  } finally {
    for (const server of servers.reverse()) await server.stop();
    rmSync(scratch, { recursive: true, force: true });
  }
};

/** `npm test` takes a Redis that is there; `npm run test:redis` gets one. */
const redisFor = async (name) => {
  const redis = await findOrUnpackRedis({ mayUnpack: name === 'redis' });
  if (redis || name === undefined) return redis;
  throw new Error('No Redis to be had: put redis-server on the PATH, or set REDIS_URL to a running one.');
};

const prepare = async (chosen, { scratch, servers, redis }) => {
  const needs = new Set(chosen.flatMap((tier) => tiers[tier].needs));
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

const runTier = async (tier, { env, scratch, jestArguments }) => {
  console.log(`\n── ${tier} ──`);
  const report = join(scratch, `${tier}.json`);
  const began = Date.now();
  const { code } = await run(
    process.execPath,
    [
      tool('jest'),
      '--selectProjects',
      tier,
      `--maxWorkers=${tiers[tier].workers}`,
      '--passWithNoTests',
      '--json',
      `--outputFile=${report}`,
      ...jestArguments,
    ],
    { env: { ...env, NODE_NO_WARNINGS: '1' }, show: true },
  );
  return { tier, seconds: (Date.now() - began) / 1_000, ...countsOf(report, code) };
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
  console.log('\ntier     passed  failed  skipped  seconds');
  for (const { tier, passed, failed, skipped, seconds } of results) {
    const cells = [passed, failed, skipped, seconds.toFixed(1)].map((cell) => String(cell).padStart(6));
    console.log(`${tier.padEnd(8)} ${cells.join('  ')}`);
  }
};

const closingLine = (results) => {
  const sum = (what) => results.reduce((total, result) => total + result[what], 0);
  console.log(`\n${sum('passed')} passed, ${sum('failed')} failed`);
  if (sum('failed') > 0) process.exitCode = 1;
};

await main(process.argv.slice(2)).catch(failPlainly);

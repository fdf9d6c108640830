// `npm run test:simulator`: the simulator's own tests, and which scenario of Graph's each proves. Needs no server.
// Ends with a line `114 scenarios: N pass, …`; exits with 1 when a scenario is neither proved nor left out for a reason.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensureInstalled } from './lib/install.mjs';
import { failPlainly, run, tool } from './lib/run.mjs';
import { scratchDirectory } from './lib/scratch.mjs';
import { judge, readScenarios } from './lib/simulator-scenarios.mjs';

const main = async (jestArguments) => {
  await ensureInstalled();
  const scratch = scratchDirectory('scenarios');
  try {
    const { report, code } = await runSuites(join(scratch, 'report.json'), jestArguments);
    const { verdicts, unknown } = judge(readScenarios(), testsOf(report));
    printTable(verdicts);
    const failures = failuresOf(report);
    if (failures.length > 0) console.log(`\nFailed:\n${failures.join('\n')}`);
    if (unknown.length > 0) console.log(`\nNo such scenario:\n  ${unknown.join('\n  ')}`);
    console.log(`\n${closingLine(verdicts, report)}`);
    const isGood = code === 0 && unknown.length === 0 && verdicts.every(({ verdict }) => verdict !== 'FAIL');
    process.exitCode = isGood ? 0 : 1;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
};

/** A machine that is busy with other things is no failure of the simulator's. */
const PATIENCE_MS = 30_000;

const runSuites = async (file, jestArguments) => {
  const suites = ['--selectProjects', 'unit', 'int', '--testPathPatterns', 'apps/entra-simulator/'];
  const { code } = await run(
    process.execPath,
    [
      tool('jest'),
      ...suites,
      `--testTimeout=${PATIENCE_MS}`,
      '--json',
      `--outputFile=${file}`,
      ...jestArguments,
    ],
    { env: { NODE_NO_WARNINGS: '1' }, show: true },
  );
  if (!existsSync(file)) throw new Error('The tests did not run.');
  return { code, report: JSON.parse(readFileSync(file, 'utf8')) };
};

const testsOf = ({ testResults }) =>
  testResults.flatMap(({ assertionResults }) =>
    assertionResults.map(({ fullName, status }) => ({ name: fullName, status })),
  );

/** Tests that failed, and suites that could not run: those have no tests to fail. */
const failuresOf = ({ testResults }) =>
  testResults.flatMap(({ name, status, message, assertionResults }) => {
    const failed = assertionResults
      .filter((test) => test.status === 'failed')
      .map((test) => `  ${test.fullName}`);
    if (failed.length > 0 || status !== 'failed') return failed;
    return [`  ${name} could not run: ${message.trim().split('\n')[0]}`];
  });

const printTable = (verdicts) => {
  console.log('\nid    nasty  area    result    tests  what');
  for (const { id, nasty = '', area, verdict, tests, title, leftOut } of verdicts) {
    const cells = [id, nasty.padEnd(5), area.padEnd(6), verdict.padEnd(8), String(tests).padStart(5)];
    const why = verdict === 'left out' ? ` (${leftOut})` : '';
    console.log(`${cells.join('  ')}  ${title}${why}`);
  }
};

const closingLine = (verdicts, { numPassedTests, numFailedTests, numRuntimeErrorTestSuites }) => {
  const count = (wanted) => verdicts.filter(({ verdict }) => verdict === wanted).length;
  const failed = numFailedTests + numRuntimeErrorTestSuites;
  return (
    `${numPassedTests} tests passed, ${failed} failed\n` +
    `${verdicts.length} scenarios: ${count('pass')} pass, ${count('FAIL')} fail, ${count('left out')} left out`
  );
};

await main(process.argv.slice(2)).catch(failPlainly);

// `npm run check [-- names]`: everything that needs no server, side by side, in less than a minute. The pre-push check.
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { ensureInstalled } from './lib/install.mjs';
import { failPlainly, run, tool } from './lib/run.mjs';

const node = (name, ...args) => [tool(name), ...args];

/**
 * The longest first, so that nothing long begins when the others are done. Lint remembers files that did not change, though a
 * type that they use may have: a clean checkout, as CI's, remembers nothing.
 */
const checks = {
  lint: node('eslint', '--cache', '--cache-location', '.cache/eslint/', '.'),
  unit: node('jest', '--selectProjects', 'unit', '--maxWorkers=2', '--silent'),
  types: node('tsc', '--noEmit'),
  generated: [resolve(import.meta.dirname, 'gen.mjs'), '--check'],
  format: node(
    'prettier',
    '--check',
    '--cache',
    '--cache-location',
    '.cache/prettier',
    '--log-level=warn',
    '.',
  ),
  'dead code': node('knip', '--no-progress'),
  arch: node('depcruise', '--config', '.dependency-cruiser.mjs', 'apps', 'libs', 'test/model'),
};

/** Of the model's histories; `npm test` plays them all. */
const fewer = { CURFEW_MODEL_SEEDS: '200' };

const main = async (chosen) => {
  const unknown = chosen.filter((name) => !(name in checks));
  if (unknown.length > 0) throw new Error(`There is no check named ${unknown.join(', ')}.`);
  await ensureInstalled();
  const began = Date.now();
  const waiting = Object.entries(checks).filter(([name]) => chosen.length === 0 || chosen.includes(name));
  const failed = [];
  const workThrough = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      if (!(await runCheck(...next))) failed.push(next[0]);
    }
  };
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), 4) }, workThrough));
  console.log(`\n${((Date.now() - began) / 1_000).toFixed(1)} s in all`);
  if (failed.length === 0) return console.log('All checks passed.');
  console.log(`Failed: ${failed.join(', ')}`);
  process.exitCode = 1;
};

const runCheck = async (name, args) => {
  const began = Date.now();
  const { code, output } = await run(process.execPath, args, { env: { NODE_NO_WARNINGS: '1', ...fewer } });
  const seconds = ((Date.now() - began) / 1_000).toFixed(1).padStart(5);
  console.log(`${code === 0 ? 'ok  ' : 'FAIL'} ${name.padEnd(10)} ${seconds} s`);
  if (code !== 0) console.log(output);
  return code === 0;
};

await main(process.argv.slice(2)).catch(failPlainly);

// `npm run gen`: everything in the tree that is made from the code. `--check` changes nothing and fails on a difference.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { ensureBuilt, mainOf } from './lib/built.mjs';
import { configurationPages } from './lib/configuration-pages.mjs';
import { graphErrorsPage } from './lib/graph-errors-page.mjs';
import { lifecyclePage } from './lib/lifecycle-page.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { root } from './lib/paths.mjs';
import { failPlainly, mustRun } from './lib/run.mjs';
import { simulatorPages } from './lib/simulator-pages.mjs';

const main = async ([flag]) => {
  await ensureInstalled();
  await ensureBuilt();
  const files = {
    ...JSON.parse(await printedBy('reference/main.js')),
    'openapi/openapi.json': await printedBy('openapi/main.js'),
    'docs/architecture/grant-lifecycle.md': await lifecyclePage(),
    'docs/reference/graph-errors.md': await graphErrorsPage(),
    ...(await configurationPages()),
    ...(await simulatorPages()),
  };
  const stale = Object.entries(files).filter(([path, content]) => read(path) !== content);
  if (flag === '--check') return report(stale);
  for (const [path, content] of stale) write(path, content);
  console.log(
    stale.length === 0 ? 'Nothing to change.' : stale.map(([path]) => `written: ${path}`).join('\n'),
  );
};

const printedBy = (file) => mustRun(process.execPath, [mainOf('api', file)]);

const read = (path) => {
  const file = resolve(root, path);
  return existsSync(file) ? readFileSync(file, 'utf8') : null;
};

const write = (path, content) => {
  const file = resolve(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
};

const report = (stale) => {
  if (stale.length === 0) return;
  console.log(`Not what the code says: ${stale.map(([path]) => path).join(', ')}. Run: npm run gen`);
  process.exitCode = 1;
};

await main(process.argv.slice(2)).catch(failPlainly);

// `npm run model`: histories of Curfew in virtual time, against what it promises (ADR 30). `-- --seed 42` plays one and tells
// all of it; `-- --seeds 100000` plays as many, from the first on, or from `--from`. No server, and nothing built.
import { parseArgs } from 'node:util';
import { ensureInstalled } from './lib/install.mjs';
import { failPlainly, run, tool } from './lib/run.mjs';

const main = async (args) => {
  const { values } = parseArgs({
    args,
    options: { seed: { type: 'string' }, seeds: { type: 'string' }, from: { type: 'string' } },
  });
  await ensureInstalled();
  const env = {
    ...numbered('CURFEW_MODEL_SEED', values.seed),
    ...numbered('CURFEW_MODEL_SEEDS', values.seeds),
    ...numbered('CURFEW_MODEL_FROM', values.from),
    NODE_NO_WARNINGS: '1',
  };
  const { code } = await run(
    process.execPath,
    [tool('jest'), '--selectProjects', 'unit', '--testPathPatterns', 'test/model/model.spec', '--runInBand'],
    { env, show: true },
  );
  process.exitCode = code;
};

const numbered = (name, value) => {
  if (value === undefined) return {};
  if (!/^\d{1,9}$/.test(value)) throw new Error(`${name}: a whole number, and not ${value}.`);
  return { [name]: value };
};

main(process.argv.slice(2)).catch(failPlainly);

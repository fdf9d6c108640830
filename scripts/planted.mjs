// `npm run planted`: proof that bugs do not pass unseen. Plants each of them in a copy of the sources, runs the tests that have
// to notice it, and exits with 1 when one of them stays green.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ensureInstalled } from './lib/install.mjs';
import { root } from './lib/paths.mjs';
import { plants } from './lib/plants.mjs';
import { failPlainly, run, tool } from './lib/run.mjs';

const main = async () => {
  await ensureInstalled();
  const copies = join(root, '.cache', 'planted');
  mkdirSync(copies, { recursive: true });
  const copy = mkdtempSync(join(copies, 'copy-'));
  try {
    makeCopy(copy);
    console.log('as it is:');
    let isProven = await isGreen(copy);
    console.log(isProven ? 'green\n' : 'RED: nothing can be shown before that is mended\n');
    for (const plant of plants) {
      const mend = put(copy, plant);
      console.log(`${plant.what} (${plant.file}):`);
      const noticed = !(await isGreen(copy));
      console.log(noticed ? 'red, as it must be\n' : 'GREEN: nobody notices\n');
      isProven &&= noticed;
      mend();
    }
    console.log(isProven ? 'Every planted bug is noticed.' : 'Not every planted bug is noticed.');
    if (!isProven) process.exitCode = 1;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
};

/** What is in the repository, and what was installed and generated for it. */
const makeCopy = (copy) => {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
  });
  for (const file of listed.toString().split('\0').filter(Boolean)) {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    cpSync(join(root, file), join(copy, file));
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
};

const put = (copy, { file, is, becomes }) => {
  const path = join(copy, file);
  const text = readFileSync(path, 'utf8');
  if (text.split(is).length !== 2) throw new Error(`${file} says this no longer once: ${is}`);
  writeFileSync(
    path,
    text.replace(is, () => becomes),
  );
  return () => writeFileSync(path, text);
};

/** One history in some thousand notices a claim without epoch. */
const HISTORIES = 3_000;
const SEED_LINE = /^ +Seed \d+ breaks/;

const isGreen = async (copy) => {
  const { code, output } = await run(
    process.execPath,
    [tool('jest'), '--selectProjects', 'unit', '--testPathPatterns', 'test/model/model.spec', '--runInBand'],
    { cwd: copy, env: { NODE_NO_WARNINGS: '1', CURFEW_MODEL_SEEDS: String(HISTORIES) } },
  );
  const said = output.split('\n').filter((line) => SEED_LINE.test(line));
  for (const line of said.slice(0, 3)) console.log(`  ${line.trim()}`);
  return code === 0;
};

await main().catch(failPlainly);

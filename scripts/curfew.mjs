// `npm run curfew -- …`: the console. Of the Curfew that `npm start` runs here, unless the environment names another.
import { mainOf } from './lib/built.mjs';
import { whatRuns } from './lib/claim.mjs';
import { stateDirectory } from './lib/paths.mjs';
import { failPlainly, run } from './lib/run.mjs';

const environment = () => {
  if (process.env.DATABASE_URL || process.env.DATABASE_URL_FILE) return {};
  const running = whatRuns(stateDirectory);
  if (running?.environment) return running.environment;
  throw new Error(
    'Curfew does not run here. Start it (npm start), or set DATABASE_URL and what it needs besides.',
  );
};

const main = async (args) => {
  const { code } = await run(process.execPath, [mainOf('api', 'console/main.js'), ...args], {
    env: environment(),
    show: true,
  });
  process.exitCode = code;
};

await main(process.argv.slice(2)).catch(failPlainly);

import { mainOf } from './built.mjs';
import { run } from './run.mjs';

/** Curfew's console: what only somebody at the server may do. Answers what it printed; throws what it refused. */
export const runConsole = async (args, environment) => {
  const { code, output } = await run(process.execPath, [mainOf('api', 'console/main.js'), ...args], {
    env: environment,
  });
  if (code !== 0) throw new Error(`curfew ${args.join(' ')}: ${output.trim()}`);
  return output.trim();
};

// `npm start`: Curfew on this machine, with everything that it needs. On a bare checkout it installs and builds first.
import { writeFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { ensureBuilt } from './lib/built.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { stateDirectory } from './lib/paths.mjs';
import { failPlainly } from './lib/run.mjs';

const say = (line) => console.log(line);
const isOurOwn = (name) => Boolean(process.env[name] || process.env[`${name}_FILE`]);

const main = async () => {
  await ensureInstalled(say);
  await ensureBuilt(say);
  // Not at the top: they need the installed modules.
  if (isOurOwn('DATABASE_URL')) {
    const { startServices } = await import('./lib/services.mjs');
    return keepUntilStopped(await startServices({ directory: stateDirectory, log: say, onGivenUp: giveUp }));
  }
  const { startStack } = await import('./lib/stack.mjs');
  const { moveIn } = await import('./lib/move-in.mjs');
  say('starting PostgreSQL, the Entra simulator, worker and API…');
  const stack = await startStack({ directory: stateDirectory, log: say, onGivenUp: giveUp });
  keepUntilStopped(stack);
  welcome(stack, await moveIn(stack));
};

let running = null;

const giveUp = async (reason) => {
  console.error(`\n${reason}. Stopping.`);
  process.exitCode = 1;
  await running?.stop();
  process.exit();
};

const keepUntilStopped = (stack) => {
  running = stack;
  const stop = async () => {
    process.off('SIGINT', stop).off('SIGTERM', stop);
    say('\nstopping…');
    await stack.stop();
    process.exit();
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
};

/** Where to go, and one line to try it with. */
const welcome = (stack, { customer, policies, tokens }) => {
  const file = resolve(stateDirectory, 'try.env');
  const variables = {
    CURFEW_URL: stack.api,
    CURFEW_TOKEN: tokens.technician,
    CURFEW_OWNER_TOKEN: tokens.owner,
    CUSTOMER: customer.id,
    POLICY: policies.Helpdesk.id,
  };
  const lines = Object.entries(variables).map(([name, value]) => `export ${name}='${value}'\n`);
  writeFileSync(file, lines.join(''), { mode: 0o600 });
  const path = relative(process.cwd(), file);
  say(`
Curfew runs.

  API       ${stack.api}
  simulator ${stack.simulator.url} (a Microsoft Entra tenant to try things with: contoso.com)
  data      ${relative(process.cwd(), stateDirectory)} (logs in logs/)
  token     ${tokens.technician}
            of Theo, a technician of Acme MSP, for a day; also in ${path}, with the owner's

Try it: ask for an admin account at Contoso for five minutes.

  . ${path}
  curl -s -X POST "$CURFEW_URL/api/v1/access-requests" -H "Authorization: Bearer $CURFEW_TOKEN" \\
    -H 'Content-Type: application/json' \\
    -d "{\\"customerId\\":\\"$CUSTOMER\\",\\"policyId\\":\\"$POLICY\\",\\"durationSeconds\\":300}"

Ctrl-C stops it; npm start goes on with the same data.`);
};

await main().catch(failPlainly);

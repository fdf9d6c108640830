// `npm run demo`: one grant of 45 seconds from beginning to end, with what somebody who signs in would get at each step.
// `npm run demo -- onboarding`: an MSP admin's first half hour, from nothing to a first grant.
// Exits with 0 when everything went as promised.
import { rmSync } from 'node:fs';
import { ensureBuilt } from './lib/built.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { failPlainly } from './lib/run.mjs';
import { scratchDirectory } from './lib/scratch.mjs';

const plays = {
  grant: async (stack) => {
    const { moveIn } = await import('./lib/move-in.mjs');
    const { playGrant } = await import('./lib/play-grant.mjs');
    await playGrant(stack, await moveIn(stack));
  },
  onboarding: async (stack) => {
    const { playOnboarding } = await import('./lib/play-onboarding.mjs');
    await playOnboarding(stack);
  },
};

const main = async ([name = 'grant', ...rest]) => {
  const play = Object.hasOwn(plays, name) && rest.length === 0 ? plays[name] : null;
  if (play === null) throw new Error(`npm run demo -- [${Object.keys(plays).join(' | ')}]`);
  const began = Date.now();
  await ensureInstalled();
  await ensureBuilt();
  const { startStack } = await import('./lib/stack.mjs');
  const directory = scratchDirectory('demo');
  console.log('starting PostgreSQL, the Entra simulator, worker and API on data of their own…');
  const stack = await startStack({ directory, log: console.log });
  const stopOn = (signal) => process.once(signal, () => process.exit(130));
  ['SIGINT', 'SIGTERM'].forEach(stopOn);
  try {
    await play(stack);
  } finally {
    await stack.stop();
    rmSync(directory, { recursive: true, force: true });
  }
  console.log(
    `\nEverything went as promised (${Math.round((Date.now() - began) / 1_000)} s in all). Now: npm start`,
  );
};

await main(process.argv.slice(2)).catch(failPlainly);

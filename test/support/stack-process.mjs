// The whole stack for one test suite: what `npm start` runs, told over IPC which of its processes to kill and to start. It ends
// everything when the suite is gone, however that came about.
import { rmSync } from 'node:fs';
import { scratchDirectory } from '../../scripts/lib/scratch.mjs';
import { startStack } from '../../scripts/lib/stack.mjs';

const directory = scratchDirectory('e2e');
const say = (message) => process.connected && process.send(message);

const end = async (stack) => {
  await stack?.stop();
  // For whoever wants to read the logs of a suite that failed.
  if (process.env.CURFEW_KEEP_STACKS) console.error(`kept: ${directory}`);
  else rmSync(directory, { recursive: true, force: true });
  process.exit(0);
};

const commands = {
  kill: (stack, { name }) => stack.children[name].kill('SIGKILL'),
  start: (stack, { name, environment }) => stack.children[name].start(environment),
};

const main = async () => {
  const stack = await startStack({
    directory,
    // A test says itself when what it killed comes back.
    restarts: false,
    environment: { LOG_LEVEL: 'debug', ...JSON.parse(process.argv[2] ?? '{}') },
    onGivenUp: (reason) => say({ failure: reason }),
  });
  process.on('disconnect', () => end(stack));
  if (!process.connected) return end(stack);
  process.on('message', async ({ id, command, ...rest }) => {
    if (command === 'stop') return end(stack);
    try {
      await commands[command](stack, rest);
      say({ id });
    } catch (error) {
      say({ id, failure: error.message });
    }
  });
  const { api, simulator, adminUrl, environment } = stack;
  say({ ready: { directory, api, simulator, adminUrl, environment } });
};

await main().catch((error) => {
  say({ failure: error.message });
  return end();
});

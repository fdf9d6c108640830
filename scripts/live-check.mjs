// `npm run live-check`: what Curfew takes for granted about Microsoft Graph, checked against a real tenant that the
// environment names (LIVE_CHECK_…), or with `--simulator` against the simulator, to see what it is like.
import { rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { ensureBuilt, mainOf } from './lib/built.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { failPlainly, run } from './lib/run.mjs';
import { scratchDirectory } from './lib/scratch.mjs';

const inSimulator = '--simulator';

const main = async (args) => {
  const toStderr = (line) => console.error(line);
  await ensureInstalled(toStderr);
  await ensureBuilt(toStderr);
  const rest = args.filter((each) => each !== inSimulator);
  process.exitCode = args.includes(inSimulator) ? await checkSimulator(rest) : await check(rest, {});
};

const check = async (args, env) => {
  const { code } = await run(process.execPath, [mainOf('live-check'), ...args], {
    env,
    show: true,
    // It has an account to delete first.
    endsItself: true,
  });
  return code;
};

const checkSimulator = async (args) => {
  // What names a real tenant has no place here, and a second credential would be refused.
  for (const name of Object.keys(process.env)) {
    if (/^(LIVE_CHECK|CURFEW_CUSTOM_CLOUD)_/.test(name)) delete process.env[name];
  }
  // Not at the top: they need the installed modules.
  const { startChild } = await import('./lib/child.mjs');
  const { simulatorControl } = await import('./lib/simulator-control.mjs');
  const { checkedTenant } = await import('./lib/checked-tenant.mjs');
  const scratch = scratchDirectory('live-check');
  const simulator = await startChild({
    name: 'simulator',
    file: mainOf('entra-simulator'),
    env: { ...process.env, SIMULATOR_PORT: '0', SIMULATOR_DATA_DIR: resolve(scratch, 'simulator') },
    logFile: resolve(scratch, 'simulator.log'),
    readyEvent: 'listening',
  });
  try {
    const { url, caFile } = simulator.ready;
    const { groups } = await simulatorControl(simulator.ready).makeTenant(
      checkedTenant.id,
      checkedTenant.spec,
    );
    return await check(['--group', groups[0].id, ...args], {
      LIVE_CHECK_CLOUD: 'custom',
      LIVE_CHECK_TENANT_ID: checkedTenant.id,
      LIVE_CHECK_CLIENT_ID: checkedTenant.clientId,
      LIVE_CHECK_CLIENT_SECRET: checkedTenant.secret,
      CURFEW_CUSTOM_CLOUD_AUTHORITY: url,
      CURFEW_CUSTOM_CLOUD_GRAPH: url,
      CURFEW_CUSTOM_CLOUD_CA_FILE: caFile,
    });
  } finally {
    await simulator.stop();
    rmSync(scratch, { recursive: true, force: true });
  }
};

await main(process.argv.slice(2)).catch(failPlainly);

import { fork } from 'node:child_process';
import { resolve } from 'node:path';
import { simulatorOf } from '../grant/simulator.mjs';
import { startOnce } from './program.mjs';

const tenantId = 'be9c0000-0000-4000-8000-000000000001';
const app = { clientId: 'be9c0000-0000-4000-8000-0000000000a1', secret: 'secret of the bench' };
const USERS = 1_000;

/** What a tenant has at a busy customer; throttling would be what is measured otherwise. */
const tenant = {
  domains: [{ name: 'bench.onmicrosoft.com' }],
  apps: [
    {
      clientId: app.clientId,
      secrets: [{ value: app.secret }],
      permissions: [
        'User.ReadWrite.All',
        'User.EnableDisableAccount.All',
        'GroupMember.ReadWrite.All',
        'Directory.Read.All',
        'RoleManagement.Read.Directory',
      ],
    },
  ],
  groups: [{ displayName: 'Bench' }],
  users: Array.from({ length: USERS }, (_, i) => ({ userPrincipalName: `user${i}@bench.onmicrosoft.com` })),
  throttling: false,
};

/** Parts of batches answered per second, for every way of checking, in memory and on disk. */
export const measureParts = async ({ places, modes, seed, repeats, atEnd, log }) => {
  const samples = [];
  for (const [place, dataDir] of Object.entries(places)) {
    const program = await startOnce({ dataDir, seed, atEnd });
    const simulator = simulatorOf(program);
    const { users } = await simulator.makeTenant(tenantId, tenant);
    const { url, caPem } = program;
    const load = startLoad({ url, caPem, tenantId, app, userIds: users.map(({ id }) => id) });
    atEnd(load.stop);
    for (const [mode, validation] of Object.entries(modes)) {
      log(`batches, ${place}, validation ${mode}`);
      await simulator.settings({ validation });
      for (let repeat = 0; repeat <= repeats; repeat += 1) {
        const before = program.cpuMs();
        const sample = await load.run();
        const perCpuSecond = before === null ? null : (sample.parts * 1_000) / (program.cpuMs() - before);
        // The first round warms both processes up.
        if (repeat > 0) samples.push({ place, mode, repeat, ...sample, perCpuSecond });
      }
    }
    const { own } = await simulator.violations();
    if (own.length > 0) throw new Error(`An answer broke Microsoft's schema: ${JSON.stringify(own[0])}`);
    simulator.close();
    load.stop();
    await program.stop();
  }
  return samples;
};

/** The callers are a process of their own: they must not take the simulator's time. */
const startLoad = (scene) => {
  const child = fork(resolve(import.meta.dirname, 'load.mjs'), { stdio: 'inherit' });
  child.send(scene);
  return {
    run: () =>
      new Promise((done, fail) => {
        child.once('message', (answer) => (answer.error ? fail(new Error(answer.error)) : done(answer)));
        child.once('exit', (code) => fail(new Error(`The load ended (exit code ${code}).`)));
        child.send('run');
      }),
    stop: () => child.kill(),
  };
};

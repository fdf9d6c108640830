import { fork } from 'node:child_process';
import { resolve } from 'node:path';
import { simulatorOf } from '../grant/simulator.mjs';
import { startOnce } from './program.mjs';

const tenantId = 'be9c0000-0000-4000-8000-000000000001';
const app = { clientId: 'be9c0000-0000-4000-8000-0000000000a1', secret: 'secret of the bench' };
const USERS = 1_000;
/** Rounds that are not counted: both processes get faster for some seconds. */
const WARM_UPS = 4;

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
    log(`batches, ${place}`);
    for (let warmUp = 0; warmUp < WARM_UPS; warmUp += 1) await load.run();
    // In turns: what else the machine does meets every way of checking alike.
    for (let repeat = 1; repeat <= repeats; repeat += 1) {
      for (const [mode, validation] of Object.entries(modes)) {
        await simulator.settings({ validation });
        samples.push({ place, mode, repeat, ...(await timed(program, load)) });
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

const timed = async (program, load) => {
  const before = program.cpuMs();
  const sample = await load.run();
  if (before === null) return { ...sample, perCpuSecond: null };
  return { ...sample, perCpuSecond: (sample.parts * 1_000) / (program.cpuMs() - before) };
};

/** The callers are a process of their own: they must not take the simulator's time. */
const startLoad = (scene) => {
  const child = fork(resolve(import.meta.dirname, 'load.mjs'), { stdio: 'inherit' });
  const ended = new Promise((_, fail) => {
    child.once('exit', (code) => fail(new Error(`The load ended (exit code ${code}).`)));
  });
  // Its end is what stops it, too: then nobody waits for this.
  ended.catch(() => {});
  child.send(scene);
  const answer = () =>
    new Promise((done, fail) => {
      child.once('message', (sample) => (sample.error ? fail(new Error(sample.error)) : done(sample)));
      child.send('run');
    });
  return {
    run: () => Promise.race([answer(), ended]),
    stop: () => child.kill(),
  };
};

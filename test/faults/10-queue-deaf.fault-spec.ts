import { expectAsHealthy, expectBells } from './support/bells.js';
import { faultScenario } from './support/scenario.js';

const PART = 15;
const SPREAD_MS = 8_000;
/** The five minutes, shortened: no wait for a queue is longer than a minute. */
const SILENT_MS = 65_000;
const CUTS = 8;
const CUT_EVERY_MS = 5_000;
/** As long as a statement is waited for whose connection nobody knows any more; then others are opened. */
const FORGOTTEN_MS = 20_000;

faultScenario({
  number: 10,
  title: 'The network of the queue is silent, then cuts, then forgets its connections',
  technicians: 8,
  minutes: 9,
  play: async (ground) => {
    const grants = await ground.grants();
    const { stack } = ground;
    const part = (index: number) =>
      ground.end(grants.slice(index * PART, (index + 1) * PART), { spreadMs: SPREAD_MS });
    const healthy = await part(0);
    await ground.settle(healthy);

    const silentUntil = Date.now() + SILENT_MS;
    await stack.network('queue', 'silent');
    const silent = await part(1);
    await ground.settle(silent);
    await ground.reach(silentUntil);
    await stack.network('queue', 'pass');
    await expectBells(ground, Date.now());

    const cut = await part(2);
    for (let count = 0; count < CUTS; count += 1) {
      await stack.network('queue', 'cut');
      await ground.reach(Date.now() + CUT_EVERY_MS);
    }
    await ground.settle(cut);
    await expectBells(ground, Date.now());

    const staleAt = Date.now();
    await stack.network('queue', 'stale');
    const stale = await part(3);
    await expectBells(ground, staleAt + FORGOTTEN_MS);
    await ground.settle(stale);

    await expectAsHealthy(ground, healthy, [...silent, ...cut, ...stale]);
  },
});

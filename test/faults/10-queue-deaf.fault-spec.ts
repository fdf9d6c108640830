import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../support/stack-until.js';
import { expectAsHealthy, expectBells } from './support/bells.js';
import type { FaultGround } from './support/ground.js';
import { faultScenario } from './support/scenario.js';

const PART = 15;
const SPREAD_MS = 8_000;
/** The five minutes, shortened: no wait for a queue is longer than a minute. */
const SILENT_MS = 65_000;
const CUTS = 8;
const CUT_EVERY_MS = 5_000;
/** A canary can't go in before the connection that was to bring it is found dead: one beat of five seconds, and another. */
const ASKED_MS = 12_000;
/** Unheard for 15 s, as the next beat sees. */
const NOTICED_MS = 20_000;

const REBUILT = 'a worker took no jobs any more and was rebuilt';

const rebuilt = ({ stack }: FaultGround): number =>
  readFileSync(join(stack.directory, 'logs', 'worker.log'), 'utf8').split(REBUILT).length - 1;

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

    const before = rebuilt(ground);
    const staleAt = Date.now();
    await stack.network('queue', 'stale');
    const stale = await part(3);
    await until(
      () => rebuilt(ground),
      (count) => count > before,
      { what: 'the worker notices that it is deaf', timeoutMs: ASKED_MS + NOTICED_MS },
    );
    await expectBells(ground, staleAt + ASKED_MS + NOTICED_MS);
    await ground.settle(stale);

    await expectAsHealthy(ground, healthy, [...silent, ...cut, ...stale]);
  },
});

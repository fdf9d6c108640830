import { LATEST_MS } from './support/checker.js';
import { faultScenario } from './support/scenario.js';

/** Nobody at all is there for so long after the last end. */
const NOBODY_MS = 5_000;
/** A revoker that has just started needs no more. */
const STARTED_MS = 10_000;

faultScenario({
  number: 6,
  title: 'API and workers are dead: the revoker alone, then nobody, then the revoker again',
  minutes: 7,
  play: async (ground) => {
    const grants = await ground.grants();
    const half = Math.floor(grants.length / 2);
    await ground.stack.kill('worker');
    await ground.stack.kill('api');
    const ends = await ground.end(grants.slice(0, half), { spreadMs: 10_000 });

    await ground.settle(ends);
    expect(Math.max(...(await ground.lateness(ends)))).toBeLessThanOrEqual(LATEST_MS);

    await ground.stack.kill('revoker');
    const others = await ground.end(grants.slice(half), { spreadMs: 2_000 });
    await ground.reach(Math.max(...others.map(({ expiresAt }) => expiresAt)) + NOBODY_MS);
    await ground.witness.look();
    expect(others.every((end) => ground.witness.isEnabled(end))).toBe(true);
    await ground.stack.start('revoker');
    const startedAt = Date.now();
    await ground.settle(others);
    const endedAt = (await ground.lateness(others)).map((ms, at) => ms + (others[at]?.expiresAt ?? 0));
    expect(Math.max(...endedAt) - startedAt).toBeLessThanOrEqual(STARTED_MS);

    await ground.stack.start('worker');
    await ground.stack.start('api');
    await ground.closed(grants);
  },
});

import { setTimeout as delay } from 'node:timers/promises';
import { faultScenario } from './support/scenario.js';

const SPREAD_MS = 20_000;
/** An extension comes so much before the end, or after. */
const NEAR_MS = 50;
const LONGER_MS = 30_000;
/** So soon before its new end an extended grant still runs. */
const STILL_MS = 2_000;

faultScenario({
  number: 40,
  title: 'An extension races the end by milliseconds',
  queues: ['postgres'],
  customers: 6,
  technicians: 10,
  minutes: 8,
  play: async (ground) => {
    const grants = await ground.grants();
    const { fleet } = ground;
    const ends = await ground.end(grants, { inMs: 8_000, spreadMs: SPREAD_MS });
    const race = async (end: (typeof ends)[number], index: number) => {
      const until = end.expiresAt + LONGER_MS;
      const offsetMs = NEAR_MS * ((2 * index) / ends.length - 1);
      // To the millisecond: nothing that is polled is so exact.
      await delay(end.expiresAt + offsetMs - Date.now());
      const refusal = await fleet.extend(end, until);
      return { ...end, refusal, until };
    };
    const raced = await Promise.all(ends.map(race));
    expect(
      raced.map(({ refusal }) => refusal ?? '').filter((code) => !/^(|grant\.already_ended)$/.test(code)),
    ).toEqual([]);
    const extended = raced.filter(({ refusal }) => refusal === null);
    const refused = raced.filter(({ refusal }) => refusal !== null);
    expect([extended.length > 0, refused.length > 0]).toEqual([true, true]);

    for (const end of extended) ground.extend(end, end.until);
    await ground.settle(refused);
    await ground.reach(Math.max(...extended.map(({ until }) => until)));
    await ground.settle();
    const history = await ground.stack.simulator.history();
    const cutShort = extended.filter(({ upn, tenantId, until }) =>
      history.some(
        (entry) =>
          entry.what === 'user.disabled' &&
          entry.tenantId === tenantId &&
          entry.userPrincipalName === upn &&
          Date.parse(entry.at) < until - STILL_MS,
      ),
    );
    expect(cutShort).toEqual([]);
    await ground.closed(grants);
  },
});

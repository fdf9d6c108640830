import type { FleetGrant } from '../support/stack-fleet.js';
import { LATEST_MS } from './support/checker.js';
import type { FaultGround } from './support/ground.js';
import { faultScenario } from './support/scenario.js';

const SPREAD_MS = 20_000;
/** An end waits for a bell, or the sweep, and on a busy machine for its turn besides. */
const NOISE_MS = 1_500;

/** Neither can be planned: what one account may hold is not to be understood, nor what was approved for the other. */
const poison = (ground: FaultGround, [account, grant]: readonly FleetGrant[]) =>
  ground.stack.database(async (client) => {
    const { rows } = await client.query<{ mayHold: object; approved: object }>(
      `SELECT a.may_hold AS "mayHold", g.approved FROM managed_account a, access_grant g WHERE a.id = $1 AND g.id = $2`,
      [account?.accountId, grant?.grantId],
    );
    await client.query(
      `UPDATE managed_account SET may_hold = may_hold || '{"roles": 7, "groups": 7}' WHERE id = $1`,
      [account?.accountId],
    );
    await client.query(`UPDATE access_grant SET approved = '{}' WHERE id = $1`, [grant?.grantId]);
    return rows[0];
  });

const mend = (
  ground: FaultGround,
  [account, grant]: readonly FleetGrant[],
  was: { readonly mayHold: object; readonly approved: object } | undefined,
): Promise<void> =>
  ground.stack.database(async (client) => {
    await client.query('UPDATE managed_account SET may_hold = $2 WHERE id = $1', [
      account?.accountId,
      was?.mayHold,
    ]);
    await client.query('UPDATE access_grant SET approved = $2 WHERE id = $1', [
      grant?.grantId,
      was?.approved,
    ]);
  });

faultScenario({
  number: 41,
  title: 'Rows that nobody can plan',
  queues: ['postgres'],
  minutes: 7,
  play: async (ground) => {
    const grants = await ground.grants();
    const half = grants.length / 2;
    const calm = await ground.end(grants.slice(0, half), { spreadMs: SPREAD_MS });
    await ground.settle(calm);

    const poisoned = grants.slice(half, half + 2);
    const was = await poison(ground, poisoned);
    const ends = await ground.end(grants.slice(half), { spreadMs: SPREAD_MS });
    await ground.settle(ends);
    const [odd, others] = [ends.slice(0, poisoned.length), ends.slice(poisoned.length)];
    const [before, after] = [await ground.lateness(calm), await ground.lateness(others)].map((each) =>
      Math.max(...each),
    );
    expect(after).toBeLessThanOrEqual(1.5 * Math.max(before ?? 0, NOISE_MS));
    expect(Math.max(...(await ground.lateness(odd)))).toBeLessThanOrEqual(LATEST_MS);
    // Nobody has planned them, so nobody says that they are over.
    expect(await ground.fleet.openOf(poisoned)).toHaveLength(poisoned.length);

    await mend(ground, poisoned, was);
    await ground.closed(grants);
  },
});

import { COMPARED_MS, objectOf, untilDisabled, untilTold } from './support/by-hand.js';
import { LATEST_MS } from './support/checker.js';
import { faultScenario } from './support/scenario.js';

faultScenario({
  number: 32,
  title: 'An account is renamed by hand',
  queues: ['postgres'],
  customers: 2,
  technicians: 2,
  minutes: 10,
  play: async (ground) => {
    const grants = await ground.grants();
    const [grant, ...others] = grants;
    if (grant === undefined) throw new Error('There is no grant.');
    const { tenantId } = grant;
    const userId = await objectOf(ground, grant);
    const upn = `somebody-else@${grant.upn.split('@')[1]}`;
    const changes = { userPrincipalName: upn, displayName: 'Somebody Else' };
    await ground.stack.simulator.portal(tenantId, { do: 'patchUser', userId, changes });
    const renamedAt = Date.now();

    await untilTold(ground, grant, { found: /^renamed/, latest: renamedAt + COMPARED_MS });
    const [end] = await ground.end([grant], { spreadMs: 0 });
    const rest = await ground.end(others, { spreadMs: 2_000 });
    const expiresAt = end?.expiresAt ?? 0;
    // Graph's history knows it by its new name from then on.
    ground.promise({ tenantId, upn }, 0, expiresAt);
    await untilDisabled(ground, { tenantId, userId }, expiresAt + LATEST_MS);
    ground.owe({ tenantId, upn, expiresAt });
    await ground.settle(rest);
    await ground.closed(grants);
  },
});

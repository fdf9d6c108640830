import { until } from '../support/stack-until.js';
import { faultScenario } from './support/scenario.js';

const ZOMBIE_MS = 15_000;
/** The frozen worker's claim, 30 s, and what whoever takes over needs. */
const TAKEN_OVER_MS = 60_000;
const LASTS_SECONDS = 3_000;

const ENABLE = { method: 'PATCH', path: '/users/*', body: '"accountEnabled":true' };

faultScenario({
  number: 5,
  title: 'A worker is frozen in the middle of an enable, and goes on after the end',
  customers: 2,
  technicians: 2,
  minutes: 7,
  play: async (ground) => {
    const { stack, msp } = ground;
    const { customer, policyId } = await ground.customer('zombie');
    const { customerId, tenantId } = customer;
    const from = Date.now();
    const hook = await stack.simulator.hold({ tenantId, match: ENABLE, at: 'before-commit' });
    const { id, upn } = await msp.technician.request({
      customerId,
      policyId,
      durationSeconds: LASTS_SECONDS,
    });
    await stack.simulator.waitHeld(hook);
    await stack.pause('worker');
    await msp.technician.end(id);
    const endedAt = Date.now();
    ground.promise({ tenantId, upn }, from, endedAt);
    ground.owe({ tenantId, upn, expiresAt: endedAt });
    ground.expectZombie(ZOMBIE_MS);
    const since = (await stack.simulator.requests()).at(-1)?.seq ?? 0;
    const isDisabled = ({ status, method, url }: { status: number; method: string; url: string }) =>
      status === 204 && method === 'PATCH' && url.includes('/users/');
    await until(
      () => stack.simulator.requests({ since }),
      (requests) =>
        requests.some((request) => request.tenantId === tenantId && request.parts?.some(isDisabled)),
      { what: 'the revoker has disabled it', timeoutMs: TAKEN_OVER_MS },
    );

    await stack.simulator.release(hook);
    const enabledAt = Date.now();
    await stack.resume('worker');
    await msp.reaches(id, 'ended', 180_000);

    const history = await stack.simulator.history({ tenantId });
    expect(history.some(({ what }) => what === 'user.enabled')).toBe(true);
    const disabled = history.filter(({ what }) => what === 'user.disabled').at(-1);
    expect(Date.parse(disabled?.at ?? '') - enabledAt).toBeLessThanOrEqual(ZOMBIE_MS);
  },
});

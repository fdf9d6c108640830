import { routes } from '#contracts';
import { ApiWorld } from './testing/api-world.js';

let world: ApiWorld;

beforeAll(async () => {
  world = await ApiWorld.open();
});

afterAll(() => world.close());

describe('While a restored database is compared', () => {
  it('what would give, extend or show is refused as unavailable, and ending is not', async () => {
    const msp = await world.msp('restored');
    const place = await world.connected(msp, {});
    const asked = await world.send(routes.requestAccess, { token: msp.technician, body: place });
    await world.converge(place.customerId, msp.organizationId);
    const id = String(asked.body['grantId']);
    const { deployment } = world.ports.unitOfWork.clockwork;
    const { mark, generation } = await deployment.read();
    const found = { mark, generation };
    await deployment.begin({ at: world.clock.now(), found, seen: { mark: mark + 1, generation } });

    const again = await world.send(routes.requestAccess, { token: msp.technician, body: place });
    const extend = { token: msp.technician, id, body: { expiresAt: '2026-12-01T00:00:00Z' } };
    const extended = await world.send(routes.extendGrant, extend);
    const shown = await world.send(routes.revealCredentials, { token: msp.technician, id, body: {} });
    for (const { status, body } of [again, extended, shown])
      expect([status, body['code']]).toEqual([503, 'deployment.restoring']);

    const ended = await world.send(routes.endGrant, { token: msp.technician, id, body: {} });
    expect(ended.status).toBeLessThan(300);
  });
});

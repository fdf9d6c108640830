import { routes } from '#contracts';
import { HOUR, MINUTE } from '#core/shared';
import { ApiWorld, policyBody, type Answer } from './testing/api-world.js';
import type { Msp } from './testing/msp.js';

let world: ApiWorld;
let msp: Msp;
let customerId: string;
let policyId: string;

beforeAll(async () => {
  world = await ApiWorld.open();
});
beforeEach(async () => {
  await world.clear();
  msp = await world.msp('acme');
});
afterAll(() => world.close());

const setUp = async (policy: object = {}): Promise<void> => {
  ({ customerId, policyId } = await world.connected(msp, policy));
};
const change = (body: object): Promise<Answer> =>
  world.send(routes.changeAccessPolicy, {
    token: msp.admin,
    id: policyId,
    body: { ...policyBody, version: 1, ...body },
  });
const ask = (wish: object = {}): Promise<Answer> =>
  world.send(routes.requestAccess, { token: msp.technician, body: { customerId, policyId, ...wish } });
const grantOf = async (asked: Answer): Promise<Answer['body']> =>
  (await world.send(routes.getGrant, { token: msp.technician, id: String(asked.body['grantId']) })).body;

const DAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
const inUtc = (ms: number): string => new Date(ms).toISOString().slice(11, 16);
/** From the minute that is this far from now until another, on each day. */
const windowAround = (from: number, to: number) => ({
  timeZone: 'UTC',
  windows: [{ days: DAYS, from: inUtc(world.clock.now() + from), to: inUtc(world.clock.now() + to) }],
});

describe('The conditions of an access policy', () => {
  it('are none where nobody named any', async () => {
    await setUp();

    const { body } = await world.send(routes.getAccessPolicy, { token: msp.technician, id: policyId });

    expect(body).toMatchObject({ ticket: 'optional', ticketPatterns: [], allowedHours: null });
  });

  it('come back as they were given, and are told in the audit log', async () => {
    const allowedHours = {
      timeZone: 'Europe/Zurich',
      windows: [{ days: ['monday', 'friday'], from: '22:00', to: '06:00' }],
    };
    await setUp({ ticket: 'required', ticketPatterns: ['INC-#######'], allowedHours });

    const { body } = await world.send(routes.getAccessPolicy, { token: msp.technician, id: policyId });
    const audit = await world.send(routes.listAuditEvents, { token: msp.auditor });

    expect(body).toMatchObject({ ticketPatterns: ['INC-#######'], allowedHours });
    expect(audit.body['items']).toContainEqual(
      expect.objectContaining({
        action: 'access_policy.created',
        details: expect.objectContaining({
          ticketPatterns: ['INC-#######'],
          timeZone: 'Europe/Zurich',
          allowedHours: ['monday friday 22:00-06:00'],
        }) as object,
      }),
    );
  });

  it('refuse a ticket that looks like none, and show what is wanted', async () => {
    await setUp({ ticketPatterns: ['INC-#######'] });

    const refused = await ask({ ticket: 'INC-12' });

    expect([refused.status, refused.body]).toMatchObject([
      400,
      { code: 'access_request.ticket_mismatch', patterns: ['INC-#######'] },
    ]);
    expect((await ask({ ticket: 'inc-0000012' })).status).toBe(201);
  });

  it('end a grant with the hours, and refuse one outside of them', async () => {
    await setUp({ allowedHours: windowAround(-HOUR, 30 * MINUTE) });

    const late = await ask({ durationSeconds: 3_600 });
    const elsewhen = await ask({ startsAt: new Date(world.clock.now() + HOUR).toISOString() });
    const given = await grantOf(await ask());

    expect([late.status, late.body['code']]).toEqual([400, 'access_request.beyond_hours']);
    expect([elsewhen.status, elsewhen.body['code']]).toEqual([400, 'access_request.outside_hours']);
    const minute = 60_000;
    const closesAt = Math.floor((world.clock.now() + 30 * MINUTE) / minute) * minute;
    expect(Date.parse(String(given['latestExpiresAt']))).toBe(closesAt);
    expect(Date.parse(String(given['expiresAt']))).toBeLessThanOrEqual(closesAt);
  });

  it('that change end what runs outside of the new hours, and forbid what was to begin there', async () => {
    await setUp();
    const running = await ask({ durationSeconds: 600 });
    const later = await ask({
      durationSeconds: 600,
      startsAt: new Date(world.clock.now() + 5 * HOUR).toISOString(),
    });
    await world.converge(customerId, msp.organizationId);
    world.clock.advance(MINUTE);

    const changed = await change({ allowedHours: windowAround(HOUR, 2 * HOUR) });
    await world.converge(customerId, msp.organizationId);

    expect(changed.status).toBe(200);
    expect(await grantOf(running)).toMatchObject({
      state: 'ending',
      endReason: 'expired',
      expiresAt: new Date(world.clock.now()).toISOString(),
    });
    expect(await grantOf(later)).toMatchObject({ endReason: 'outside_hours' });
  });
});

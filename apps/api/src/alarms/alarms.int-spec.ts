import { routes } from '#contracts';
import { MINUTE, SECOND } from '#core/shared';
import { ApiWorld } from '../testing/api-world.js';
import type { Msp } from '../testing/msp.js';

interface Alarm {
  readonly id: string;
  readonly kind: string;
  readonly cause: string;
  readonly severity: string;
  readonly grantIds: readonly string[];
  readonly customerId: string | null;
  readonly accountIds: readonly string[];
  readonly causedBy: string | null;
  readonly message: string;
  readonly runbook: string;
}

let world: ApiWorld;
let acme: Msp;
let other: Msp;

beforeAll(async () => {
  world = await ApiWorld.open();
});
afterAll(() => world.close());

beforeEach(async () => {
  await world.clear();
  acme = await world.msp('acme');
  other = await world.msp('other');
  await heard('api', 'bells', 'sweep', 'revoker', 'drift');
});

/** These layers of the deployment have just worked. */
const heard = (...layers: readonly ('api' | 'bells' | 'sweep' | 'revoker' | 'drift')[]) =>
  world.ports.alarms.beat({
    instance: 'planted',
    layers: layers.map((layer) => ({ layer, at: world.clock.now() })),
    databaseDifferenceMs: 0,
    forgetBefore: 0,
  });

const alarmsOf = async (token: string): Promise<readonly Alarm[]> => {
  const answer = await world.send(routes.listAlarms, { token });
  expect(answer.status).toBe(200);
  return answer.body['items'] as readonly Alarm[];
};

/** An active grant of acme's owner that ends in a while. */
const activeGrant = async (
  lastsMs: number,
): Promise<{ readonly customerId: string; readonly grantId: string }> => {
  const { customerId, policyId } = await world.connected(acme);
  const body = { customerId, policyId, durationSeconds: lastsMs / SECOND };
  const asked = await world.send(routes.requestAccess, { token: acme.owner, body });
  const grantId = String(asked.body['grantId']);
  for (let round = 0; round < 5; round += 1) {
    await world.converge(customerId, acme.organizationId);
    world.clock.advance(SECOND);
  }
  expect((await world.send(routes.getGrant, { token: acme.owner, id: grantId })).body['state']).toBe(
    'active',
  );
  return { customerId, grantId };
};

describe('GET /alarms', () => {
  it('says that nothing can be written, and calls nobody silent for that', async () => {
    const { alarms } = world.ports;
    const known = alarms.unwritableSince.bind(alarms);
    world.clock.advance(5 * MINUTE);
    expect((await alarmsOf(acme.owner)).map(({ kind }) => kind)).toContain('bell.silent');
    const since = world.clock.now() - MINUTE;
    try {
      alarms.unwritableSince = () => since;
      const kinds = (await alarmsOf(acme.owner)).map(({ kind }) => kind);
      expect(kinds).toContain('database.unwritable');
      expect(kinds).not.toContain('bell.silent');
    } finally {
      alarms.unwritableSince = known;
    }
  });

  it('is empty while all is well', async () => {
    await activeGrant(10 * MINUTE);
    await heard('api', 'bells', 'sweep', 'revoker', 'drift');

    expect(await alarmsOf(acme.owner)).toEqual([]);
  });

  it('tells of an end that nobody keeps, a minute after it and not before, without any worker', async () => {
    const { grantId, customerId } = await activeGrant(5 * MINUTE);
    const { body } = await world.send(routes.getGrant, { token: acme.owner, id: grantId });
    const endsAt = Date.parse(String(body['expiresAt']));

    world.clock.set(endsAt + MINUTE);
    await heard('api', 'bells', 'sweep', 'revoker', 'drift');
    expect(await alarmsOf(acme.owner)).toEqual([]);
    world.clock.advance(1);

    expect(await alarmsOf(acme.approver)).toMatchObject([
      {
        kind: 'end.overdue',
        severity: 'critical',
        cause: 'nobody_works',
        customerId,
        grantIds: [grantId],
        since: new Date(endsAt).toISOString(),
        runbook: 'docs/runbooks/account-overdue.md',
      },
    ]);
    expect(await alarmsOf(other.owner)).toEqual([]);
  });

  it('tells of consent that was withdrawn, with its cause, a minute after it stands in the way', async () => {
    const { customerId, grantId } = await activeGrant(5 * MINUTE);
    world.tenant.permissions.clear();
    await world.send(routes.endGrant, { token: acme.owner, id: grantId, body: {} });
    for (let seconds = 0; seconds <= 70; seconds += 10) {
      await world.converge(customerId, acme.organizationId);
      world.clock.advance(10 * SECOND);
    }
    await heard('api', 'bells', 'sweep', 'revoker', 'drift');

    const alarms = await alarmsOf(acme.auditor);

    expect(alarms.map(({ kind, cause, causedBy }) => [kind, cause, causedBy])).toEqual([
      ['customer.blocked', 'consent_withdrawn', null],
      ['end.overdue', 'consent_withdrawn', `customer.blocked:${customerId}`],
    ]);
    expect(alarms[0]).toMatchObject({ customerId, runbook: 'docs/runbooks/consent-revoked.md' });
    expect(await alarmsOf(other.auditor)).toEqual([]);
  });

  it('tells everybody of a layer that is silent, and nobody of other organizations', async () => {
    const { customerId } = await activeGrant(30 * MINUTE);
    world.clock.advance(2 * MINUTE);
    await heard('api', 'bells', 'sweep');

    const told = await alarmsOf(other.owner);

    expect(told).toMatchObject([
      { id: 'bell.silent:revoker', severity: 'critical', cause: 'stopped', customerId: null, grantIds: [] },
    ]);
    expect(JSON.stringify(told)).not.toContain(customerId);
    expect(await alarmsOf(acme.owner)).toEqual(told);
  });

  it('warns of a credential before it ends, as far as somebody told', async () => {
    const { customerId } = await activeGrant(5 * MINUTE);
    const day = 24 * 60 * MINUTE;
    const credentialEndsAt = new Date(world.clock.now() + 20 * day).toISOString();
    const connection = await world.send(routes.getEntraConnection, { token: acme.owner, id: customerId });
    expect(connection.body['credentialEndsAt']).toBeNull();
    const { cloud, tenantId, clientId, domain } = connection.body;
    const credential = { kind: 'secret', value: world.tenant.credential };
    const body = { cloud, tenantId, clientId, domain, credential, credentialEndsAt };

    const exchanged = await world.send(routes.connectCustomer, { token: acme.owner, id: customerId, body });

    expect(exchanged.body).toMatchObject({ credentialEndsAt });
    expect(await alarmsOf(acme.owner)).toMatchObject([
      { kind: 'credential.ending', cause: 'within_30_days', severity: 'warning', customerId },
    ]);
    const past = { ...body, credentialEndsAt: new Date(world.clock.now()).toISOString() };
    const refused = await world.send(routes.connectCustomer, {
      token: acme.owner,
      id: customerId,
      body: past,
    });
    expect([refused.status, refused.body['code']]).toEqual([400, 'entra_connection.credential_end_past']);
  });

  it('tells of a hand that enables an account after its end, from the second time within a day on', async () => {
    const { customerId, grantId } = await activeGrant(5 * MINUTE);
    const { body } = await world.send(routes.endGrant, { token: acme.owner, id: grantId, body: {} });
    const enabledByHand = async (): Promise<void> => {
      world.tenant.inPortal(String(body['upn']), { enabled: true });
      // What it proves is read back once more after a minute: by then a hand has been there again.
      for (let seconds = 0; seconds <= 60; seconds += 20) {
        await world.converge(customerId, acme.organizationId);
        world.clock.advance(20 * SECOND);
      }
      await heard('api', 'bells', 'sweep', 'revoker', 'drift');
    };
    await world.converge(customerId, acme.organizationId);
    world.clock.advance(10 * SECOND);

    await enabledByHand();
    expect(await alarmsOf(acme.owner)).toEqual([]);
    await enabledByHand();

    expect(await alarmsOf(acme.owner)).toMatchObject([
      {
        kind: 'account.enabled_again',
        severity: 'critical',
        customerId,
        runbook: 'docs/runbooks/account-enabled-again.md',
      },
    ]);
    expect(await alarmsOf(other.owner)).toEqual([]);
  });

  it('is told page by page, with how many there are', async () => {
    await activeGrant(30 * MINUTE);
    world.clock.advance(11 * MINUTE);
    const all = await alarmsOf(acme.owner);
    expect(all.length).toBeGreaterThan(2);

    const seen: string[] = [];
    for (let cursor: string | null = null, pages = 0; pages < 9; pages += 1) {
      const query: Record<string, string> = { limit: '2', ...(cursor === null ? {} : { cursor }) };
      const { status, body } = await world.send(routes.listAlarms, { token: acme.owner, query });
      expect([status, body['total']]).toEqual([200, all.length]);
      seen.push(...(body['items'] as readonly Alarm[]).map(({ id }) => id));
      cursor = body['nextCursor'] as string | null;
      if (cursor === null) break;
    }

    expect(seen).toEqual(all.map(({ id }) => id));
    const odd = await world.send(routes.listAlarms, { token: acme.owner, query: { cursor: 'worst' } });
    expect(odd.status).toBe(400);
  });

  it('is not for technicians', async () => {
    expect((await world.send(routes.listAlarms, { token: acme.technician })).status).toBe(403);
  });
});

import { MINUTE, Secret, SECOND } from '#core/shared';
import { revokerCredentialPlace } from '#core/tenancy';
import { ConvergenceWorld, HELPDESK, READER } from '../testing/convergence-world.js';
import { Converge } from './converge.js';
import { MirrorOfEnds } from './mirror-of-ends.js';
import { RevokeOverdue } from './revoke-overdue.js';

const OWN_APP = '22222222-2222-4222-8222-222222222222';
const OWN_SECRET = "the-revoker's-own-secret";
const LASTS_MS = 10 * MINUTE;

/** A customer with a running grant, whose tenant knows two apps of ours. */
const setUp = async (wish: { readonly secret?: string; readonly tenantId?: string } = {}) => {
  const world = await ConvergenceWorld.create();
  const [connection] = world.unitOfWork.peek().connections;
  if (connection === undefined) throw new Error('The world has no connection.');
  const { organizationId, customerId, cloud } = connection;
  const own = {
    organizationId,
    customerId,
    cloud,
    tenantId: wish.tenantId ?? connection.tenantId,
    clientId: OWN_APP,
    credentialKind: 'secret' as const,
    state: 'active' as const,
    checkedAt: world.clock.now(),
    credentialEndsAt: null,
    version: 1,
  };
  const sealed = world.box.seal(new Secret(wish.secret ?? OWN_SECRET), revokerCredentialPlace(own));
  await world.unitOfWork.inOrganization(organizationId, ({ connections }) =>
    connections.saveRevokerCredential(own, sealed, null),
  );
  world.tenant.otherApps.set(OWN_APP, OWN_SECRET);
  await world.grant({ lastsMs: LASTS_MS, roles: [READER], groups: [HELPDESK] });
  await world.tick();
  const ports = {
    unitOfWork: world.unitOfWork.forRevoker(),
    directory: world.directory,
    clock: world.clock,
    ids: world.ids,
    box: world.box,
    queue: world.queue,
  };
  const converge = new Converge(ports);
  const revoker = new RevokeOverdue(ports, converge);
  const failures: unknown[] = [];
  const look = async (): Promise<void> => {
    await revoker.execute((_, error) => void failures.push(error));
    await revoker.idle();
  };
  return { world, ports, converge, look, failures };
};

const gone = { enabled: false, roles: [], groups: [] };

describe('a credential of its own', () => {
  it('takes away where the one of those who give is refused, also while they wait for it', async () => {
    const { world, look, failures } = await setUp();
    world.tenant.credential = 'exchanged by somebody';
    world.clock.advance(LASTS_MS);
    await world.tick();
    expect(world.user()?.enabled).toBe(true);
    expect(world.accountRow().failure?.reason).toBe('credential_bad');

    world.clock.advance(3 * SECOND);
    await look();

    expect(world.user()).toMatchObject(gone);
    expect(failures).toEqual([]);
  });

  it('reads back too, a minute late, and leaves it to those who are refused to say that they are no longer', async () => {
    const { world, look } = await setUp();
    world.tenant.credential = 'exchanged by somebody';
    world.clock.advance(LASTS_MS);
    await world.tick();
    const since = world.accountRow().failure?.sinceAt;
    world.clock.advance(3 * SECOND);
    await look();
    expect(world.accountRow().failure).toMatchObject({ reason: 'credential_bad', sinceAt: since });

    world.clock.advance(MINUTE + 6 * SECOND);
    await look();

    expect(world.unitOfWork.peek().grants).toMatchObject([{ state: 'ended' }]);
    expect(world.accountRow().failure).toMatchObject({ reason: 'credential_bad', sinceAt: since });
  });

  it.each([
    ['is refused itself', { secret: 'wrong' }],
    ['is for another tenant', { tenantId: 'another' }],
  ])('gives way to the other when it %s', async (_, wish) => {
    const { world, look } = await setUp(wish);
    world.clock.advance(LASTS_MS + 3 * SECOND);

    await look();

    expect(world.user()).toMatchObject(gone);
  });

  it('gives way to the other where it lacks a right, step by step', async () => {
    const { world, look } = await setUp();
    world.directory.failNext('unassignRole', { reason: 'consent_missing' });
    world.clock.advance(LASTS_MS + 3 * SECOND);

    await look();

    expect(world.user()).toMatchObject(gone);
  });

  it('is in the mirror too', async () => {
    const { world, ports, converge } = await setUp();
    const mirror = new MirrorOfEnds(ports, { converge, alone: ports.clock });
    await (
      await mirror.refresh(() => undefined)
    ).done;
    world.tenant.credential = 'exchanged by somebody';
    world.clock.advance(LASTS_MS + 3 * SECOND);

    await mirror.takeAway(() => undefined);

    expect(world.user()).toMatchObject(gone);
  });

  it('is in the mirror too when those who give have met a refusal already', async () => {
    const { world, ports, converge } = await setUp();
    const mirror = new MirrorOfEnds(ports, { converge, alone: ports.clock });
    world.tenant.credential = 'exchanged by somebody';
    world.clock.advance(LASTS_MS);
    await world.tick();
    await (
      await mirror.refresh(() => undefined)
    ).done;
    world.clock.advance(3 * SECOND);

    await mirror.takeAway(() => undefined);

    expect(world.user()).toMatchObject(gone);
  });

  it('disables what nobody can plan', async () => {
    const { world, converge, look } = await setUp();
    world.tenant.credential = 'exchanged by somebody';
    converge.execute = () => Promise.reject(new TypeError('this row is odd'));
    world.clock.advance(LASTS_MS + 3 * SECOND);

    await look();

    expect(world.user()?.enabled).toBe(false);
  });

  it('does not exist for those who give', async () => {
    const { world } = await setUp();
    world.tenant.credential = 'exchanged by somebody';
    world.clock.advance(LASTS_MS + 5 * MINUTE);

    await world.pass(5 * MINUTE);

    expect(world.user()?.enabled).toBe(true);
    expect(world.unitOfWork.peek().throttles).toMatchObject([{ workload: 'sign-in' }]);
  });
});

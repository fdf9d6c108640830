import { Secret } from '#core/shared';
import { credentialPlace } from '#core/tenancy';
import {
  aWorld,
  FakeClock,
  FakeDirectory,
  FakeIds,
  FakeJobQueue,
  FakeKeyRing,
  FakeTenantCatalogue,
  FakeCertificates,
  FakeTenantSurveyor,
  InMemoryUnitOfWork,
  plant,
} from '#core/testing';
import { consoleProgram } from './program.js';

/** A console over one sealed credential, and one password that no key opens. */
const setUp = async () => {
  const unitOfWork = new InMemoryUnitOfWork();
  const clock = new FakeClock();
  const ring = new FakeKeyRing();
  const world = aWorld(new FakeIds());
  const sealedCredential = ring.box.seal(new Secret('canary'), credentialPlace(world.connection));
  await plant(unitOfWork, { ...world, connection: { ...world.connection, sealedCredential } });
  const directory = new FakeDirectory(() => clock.now());
  const { box } = ring;
  const { doorway, alarms } = unitOfWork;
  const ports = {
    ...{ unitOfWork, doorway, alarms, clock, box, directory, changes: directory },
    ...{ ids: new FakeIds(), queue: new FakeJobQueue() },
    ...{
      catalogue: new FakeTenantCatalogue(),
      surveyor: new FakeTenantSurveyor(),
      certificates: new FakeCertificates(),
      federatedOrganization: null,
    },
  };
  const said: string[] = [];
  const wrapped: string[] = [];
  let unfinished = false;
  const curfew = async (...args: string[]): Promise<readonly string[]> => {
    said.length = 0;
    const program = consoleProgram({
      withPorts: (work) => work(ports),
      withKeys: (work) => work({ ports, ring, sealed: unitOfWork.forRevoker() }),
      wrapKeys: (path) => Promise.resolve(void wrapped.push(path)),
      print: (line) => said.push(line),
      remark: (line) => said.push(`(${line})`),
      ask: null,
      pause: (ms) => Promise.resolve(clock.advance(ms)),
      elapsed: () => clock.now(),
      unfinished: () => (unfinished = true),
      usageExitCode: 2,
    });
    await program.parseAsync(args, { from: 'user' });
    return [...said];
  };
  return { curfew, ring, world, unitOfWork, clock, wrapped, isUnfinished: () => unfinished };
};

describe('curfew keys', () => {
  it('shows what stands under each key, and who works with which, and no secret', async () => {
    const { curfew, unitOfWork, clock } = await setUp();
    const holder = { instance: 'worker-1', sealing: 'k1', readable: ['k1', 'k2'], at: clock.now() };
    await unitOfWork.clockwork.keyHolders.report(holder);
    await curfew('keys', 'add');

    const lines = await curfew('keys', 'status');

    expect(lines).toEqual([
      'k1  since 2026-01-05T09:00:00.000Z  2 values  seals',
      'k2  since 2026-01-05T09:00:00.000Z  0 values',
      'worker-1  seals with k1, opens with k1, k2',
    ]);
  });

  it('rotates, tells how far it is, names what no key opens, and says that something was left', async () => {
    const { curfew, world, isUnfinished } = await setUp();

    const lines = await curfew('keys', 'rotate');

    expect(lines).toEqual([
      '(Added k2: it opens, and does not seal yet.)',
      '(k2 seals everywhere.)',
      '(1 sealed anew, 0 changed or held meanwhile, 0 unreadable.)',
      '(1 sealed anew, 0 changed or held meanwhile, 1 unreadable.)',
      '(1 sealed anew, 0 changed or held meanwhile, 1 unreadable.)',
      '1 sealed anew, 0 changed or held meanwhile, 1 unreadable.',
      `No key opens managed_account ${world.account.id} of organization ${world.organization.id}.`,
    ]);
    expect(isUnfinished()).toBe(true);
    expect(lines.join()).not.toContain('canary');
    expect(await curfew('keys', 'reseal')).toContain(
      '0 sealed anew, 0 changed or held meanwhile, 1 unreadable.',
    );
  });

  it('does the steps one by one', async () => {
    const { curfew, ring, wrapped } = await setUp();

    expect(await curfew('keys', 'add')).toContain('k2');
    await curfew('keys', 'use', 'k2');
    expect(ring.box.sealingKey).toBe('k2');
    await expect(curfew('keys', 'retire', 'k2')).rejects.toMatchObject({ code: 'keys.sealing' });
    await expect(curfew('keys', 'retire', 'k1')).rejects.toMatchObject({ code: 'keys.in_use' });
    await expect(curfew('keys', 'use', 'k9')).rejects.toMatchObject({ code: 'keys.not_found' });
    expect(await curfew('keys', 'wrap', '/etc/wrapped.json')).toEqual(['Wrapped into /etc/wrapped.json.']);
    expect(wrapped).toEqual(['/etc/wrapped.json']);
  });
});

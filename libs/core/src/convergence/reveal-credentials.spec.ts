import type { AuditActor } from '#core/audit';
import { DomainError, idOf, MINUTE, SECOND, type GrantId, type TechnicianId } from '#core/shared';
import { ConvergenceWorld, type GrantWish } from '../testing/convergence-world.js';
import type { FakeTenantSpec } from '../testing/fake-directory.js';
import { RevealCredentials, type RevealedCredentials } from './reveal-credentials.js';

const actor: AuditActor = { kind: 'technician', id: 'alice', tokenId: 'token' };

interface Stage {
  readonly world: ConvergenceWorld;
  readonly id: GrantId;
  /** By the grant's own technician unless another is named. */
  readonly reveal: (by?: TechnicianId) => Promise<RevealedCredentials>;
}

/** A world with one grant that is active already. */
const staged = async (wish: GrantWish = {}, spec: Partial<FakeTenantSpec> = {}): Promise<Stage> => {
  const world = await ConvergenceWorld.create(spec);
  const id = await world.grant(wish);
  await world.tick();
  const useCase = new RevealCredentials(world.ports, world.converge);
  const { organizationId } = world.customer;
  const reveal = (by = world.grantRow(id).technicianId): Promise<RevealedCredentials> =>
    useCase.execute({ organizationId, grantId: id, technicianId: by, actor });
  return { world, id, reveal };
};

const codeOf = async (revealing: Promise<unknown>): Promise<string> => {
  try {
    await revealing;
  } catch (error) {
    if (error instanceof DomainError) return error.code;
    throw error;
  }
  return 'revealed';
};
const told = (world: ConvergenceWorld): readonly string[] =>
  world.unitOfWork
    .peek()
    .audit.map(({ action }) => action)
    .filter((action) => action.startsWith('credential.'));
const minted = (world: ConvergenceWorld): readonly number[] =>
  world.directory.calls.flatMap(({ call }) => (call.do === 'mintPass' ? [call.lifetimeMinutes] : []));

describe('RevealCredentials, to whom and when', () => {
  it('shows its own technician the name and a usable pass', async () => {
    const { world, id, reveal } = await staged();
    const shown = await reveal();
    expect(shown).toMatchObject({
      upn: world.upn(),
      password: null,
      pass: { usable: true },
      expiresAt: world.grantRow(id).expiresAt,
    });
  });

  it("knows of no grant that is somebody else's, nor of one that is not there", async () => {
    const { world, reveal } = await staged();
    expect(await codeOf(reveal(idOf('somebody else')))).toBe('grant.not_found');
    const useCase = new RevealCredentials(world.ports, world.converge);
    const { organizationId } = world.customer;
    const technicianId = idOf<'technician'>('alice');
    const unknown = { organizationId, grantId: idOf<'grant'>('none'), technicianId, actor };
    expect(await codeOf(useCase.execute(unknown))).toBe('grant.not_found');
    expect(told(world)).toEqual([]);
  });

  it('shows nothing before the grant is active', async () => {
    const { world, reveal } = await staged({ startsInMs: MINUTE });
    expect(await codeOf(reveal())).toBe('grant.not_active');
    await world.pass(MINUTE);
    expect(await codeOf(reveal())).toBe('revealed');
  });

  it('shows nothing from the very end on, even if nobody has noticed the end yet', async () => {
    const { world, reveal } = await staged({ lastsMs: 10 * MINUTE });
    world.clock.advance(10 * MINUTE);
    expect(await codeOf(reveal())).toBe('grant.not_active');
    await world.pass(MINUTE);
    expect(await codeOf(reveal())).toBe('grant.not_active');
  });

  it('shows nothing once somebody has ended the grant', async () => {
    const { world, id, reveal } = await staged({ credential: 'both' });
    await world.end(id);
    expect(await codeOf(reveal())).toBe('grant.not_active');
  });

  it('shows it three times and no more', async () => {
    const { world, id, reveal } = await staged();
    const codes = [];
    for (let time = 0; time < 4; time += 1) codes.push(await codeOf(reveal()));
    expect(codes).toEqual(['revealed', 'revealed', 'revealed', 'grant.too_many_reveals']);
    expect(world.grantRow(id).reveals).toBe(3);
    expect(minted(world)).toHaveLength(3);
  });
});

describe('RevealCredentials, in the log', () => {
  it('is counted and audited before anything is minted, and audited again after', async () => {
    const { world, id, reveal } = await staged();
    let before: unknown = null;
    world.directory.beforeCall(({ do: name }) => {
      if (name === 'mintPass') before = { told: told(world), reveals: world.grantRow(id).reveals };
    });

    await reveal();

    expect(before).toEqual({ told: ['credential.requested'], reveals: 1 });
    expect(told(world)).toEqual(['credential.requested', 'credential.revealed']);
    const [first] = world.unitOfWork.peek().audit.filter(({ action }) => action === 'credential.requested');
    expect(first).toMatchObject({
      actor,
      subject: { kind: 'grant', id },
      details: { pass: true, password: false, reveal: 1 },
    });
  });

  it('counts a pass whose answer was lost: it may have been seen', async () => {
    const { world, id, reveal } = await staged();
    world.directory.applyWithoutAnswer('mintPass');
    expect(await codeOf(reveal())).toBe('directory.unavailable');
    expect(world.grantRow(id).reveals).toBe(1);
    expect(told(world)).toEqual(['credential.requested']);
  });

  it('does not count what certainly showed nothing', async () => {
    const { world, id, reveal } = await staged();
    world.directory.failNext('mintPass', { reason: 'replication' });
    expect(await codeOf(reveal())).toBe('grant.pass_not_ready');
    expect(world.grantRow(id).reveals).toBe(0);
    expect(await codeOf(reveal())).toBe('revealed');
  });

  it('is busy while somebody else works on the account, and that does not count either', async () => {
    const { world, id, reveal } = await staged();
    const { id: account } = world.accountRow();
    await world.unitOfWork.clockwork.claimAccount(world.customer, account, world.clock.now());

    expect(await codeOf(reveal())).toBe('account.busy');
    expect(world.grantRow(id).reveals).toBe(0);
    expect(minted(world)).toEqual([]);
  });
});

describe('RevealCredentials, a pass', () => {
  it.each([
    ['what is left of the grant', 30 * MINUTE, 30],
    ['no less than the tenant allows', 5 * MINUTE, 10],
    ['no more than the tenant allows', 24 * 60 * MINUTE, 480],
    ['no part of a minute more', 31 * MINUTE - SECOND, 30],
    ['the least that the tenant allows, just above it', 11 * MINUTE - SECOND, 10],
    ['the least that the tenant allows, in the last seconds', 20 * SECOND, 10],
    ['the most that the tenant allows, just below it', 480 * MINUTE - SECOND, 479],
  ])('lives for %s', async (_what, lastsMs, minutes) => {
    const { world, reveal } = await staged({ lastsMs });
    await reveal();
    expect(minted(world)).toEqual([minutes]);
  });

  it('is deleted at the end where the tenant allows none as short as what is left', async () => {
    const { world, id, reveal } = await staged({ lastsMs: 3 * MINUTE });
    const { pass } = await reveal();
    const { expiresAt } = world.grantRow(id);
    expect(pass?.expiresAt).toBe(world.clock.now() + 10 * MINUTE);

    await world.pass(3 * MINUTE + 2 * SECOND);

    expect(world.user()).toMatchObject({ enabled: false, methods: [] });
    expect(world.grantRow(id).takenAt ?? Infinity).toBeLessThanOrEqual(expiresAt + 2 * SECOND);
  });

  it('lives on after no grant that the tenant allows a pass as short as', async () => {
    const { world, id, reveal } = await staged({ lastsMs: 47 * MINUTE + 31 * SECOND });
    await world.pass(12 * SECOND);

    const { pass } = await reveal();

    expect(pass?.expiresAt).toBeLessThanOrEqual(world.grantRow(id).expiresAt);
  });

  it('may be used once where the tenant wants it so', async () => {
    const pass = { minimumMinutes: 10, maximumMinutes: 480, onceOnly: true };
    const { world, reveal } = await staged({}, { pass });
    await reveal();
    const call = world.directory.calls.map((each) => each.call).find(({ do: name }) => name === 'mintPass');
    expect(call).toMatchObject({ usableOnce: true });
  });

  it('is not asked for where the tenant has passes switched off', async () => {
    const { world, id, reveal } = await staged({}, { pass: null });
    expect(await codeOf(reveal())).toBe('grant.pass_unavailable');
    expect(world.grantRow(id).reveals).toBe(0);
    expect(minted(world)).toEqual([]);
  });

  it('is minted under a claim, which is given back', async () => {
    const { world, reveal } = await staged();
    let claimedUntil: number | null = null;
    world.directory.beforeCall(({ do: name }) => {
      if (name === 'mintPass') ({ claimedUntil } = world.accountRow());
    });
    await reveal();
    expect(claimedUntil).toBeGreaterThan(world.clock.now());
    expect(world.accountRow().claimedUntil).toBeNull();
  });

  it('is written down nowhere: no row, no bell, no audit event has it', async () => {
    const { world, reveal } = await staged({ credential: 'both' });
    const { pass, password } = await reveal();
    const kept = JSON.stringify([world.unitOfWork.peek(), world.queue.rung]);
    for (const secret of [pass?.pass, password]) {
      expect(secret?.expose()).toEqual(expect.any(String));
      expect(kept).not.toContain(secret?.expose());
    }
    expect(kept).not.toContain('[redacted]');
  });

  it('is known to be there before it is, and gone when the grant is over', async () => {
    const { world, reveal } = await staged({ lastsMs: 30 * MINUTE });
    let known: unknown = null;
    world.directory.beforeCall(({ do: name }) => {
      if (name === 'mintPass') known = world.accountRow().mayHold.pass;
    });
    await reveal();
    expect(known).toEqual({ certainty: 'maybe', passId: null });
    expect(world.user()?.methods).toHaveLength(1);

    await world.pass(31 * MINUTE);
    expect(world.user()?.methods).toEqual([]);
    expect(world.accountRow().mayHold.pass).toBeNull();
  });

  it('is taken away with the grant although its answer was lost', async () => {
    const { world, reveal } = await staged({ lastsMs: 30 * MINUTE });
    world.directory.applyWithoutAnswer('mintPass');
    await codeOf(reveal());
    await world.pass(31 * MINUTE);
    expect(world.user()?.methods).toEqual([]);
  });
});

describe('RevealCredentials, a password', () => {
  it('is the one that the account has', async () => {
    const { world, reveal } = await staged({ credential: 'password' });
    const { pass, password } = await reveal();
    expect(pass).toBeNull();
    expect(password?.expose()).toBe(world.user()?.password);
    expect(minted(world)).toEqual([]);
  });

  it('is gone after the grant: from the row, and from Entra', async () => {
    const { world, reveal } = await staged({ credential: 'password', lastsMs: 10 * MINUTE });
    const { password } = await reveal();
    await world.pass(11 * MINUTE);
    expect(world.accountRow().password).toBeNull();
    expect(world.user()?.password).not.toBe(password?.expose());
  });
});

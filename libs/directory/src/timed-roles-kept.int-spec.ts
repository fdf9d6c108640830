import { HOLDS_NOTHING } from '#core/accounts';
import { Converge, ConvergeCustomer, Sweep, type ConvergencePorts } from '#core/convergence';
import { isRunning, transition, type Grant } from '#core/grants';
import { HOUR, MINUTE, SECOND, Secret } from '#core/shared';
import { credentialPlace, type EntraConnection } from '#core/tenancy';
import {
  aWorld,
  FakeClock,
  FakeIds,
  FakeJobQueue,
  FakeSecretBox,
  InMemoryUnitOfWork,
  plant,
  type TenantWish,
  type World,
} from '#core/testing';
import { CLIENT_ID, CLIENT_SECRET, directoryTo } from './testing/simulated-tenant.js';
import { Rig, ROLES } from './testing/rig.js';
import type { EntraDirectory } from './index.js';

const [ROLE] = ROLES;
const REQUESTS = '/roleManagement/directory/roleAssignmentScheduleRequests';

/** Converge over Graph, its clock and the simulator's moved together. */
class Stage {
  readonly ids = new FakeIds();
  readonly box = new FakeSecretBox();
  readonly queue = new FakeJobQueue();
  readonly unitOfWork = new InMemoryUnitOfWork();
  readonly sweep: Sweep;
  readonly clock: FakeClock;
  readonly directory: EntraDirectory;
  readonly world: World;

  private constructor(
    readonly rig: Rig,
    of: { readonly clock: FakeClock; readonly directory: EntraDirectory; readonly world: World },
  ) {
    this.clock = of.clock;
    this.directory = of.directory;
    this.world = of.world;
    const { unitOfWork, directory, queue, clock, ids, box } = this;
    const ports: ConvergencePorts = { unitOfWork, directory, queue, clock, ids, box };
    this.sweep = new Sweep(ports, new ConvergeCustomer(ports, new Converge(ports)));
  }

  static async enter(rig: Rig, wish: TenantWish & { readonly lastsMs: number }): Promise<Stage> {
    const { app, domain, groups } = await rig.enter(wish);
    const clock = new FakeClock();
    clock.set((await rig.tell({ do: 'findUser', upn: `nobody@${domain}` })).at ?? 0);
    const directory = directoryTo(rig.simulator, () => clock.now());
    const { capabilities } = await directory.inspect(app, 10 * SECOND);
    const world = worldOf({ tenantId: app.tenantId, domain, capabilities, now: clock.now(), ...wish });
    const given = { roles: [ROLE], groups: groups.plain.slice(0, 1) };
    const stage = new Stage(rig, {
      clock,
      directory,
      world: {
        ...world,
        grant: { ...world.grant, approved: given },
        policy: { ...world.policy, gives: given },
      },
    });
    await plant(stage.unitOfWork, stage.world);
    return stage;
  }

  /** Lets time pass everywhere; with our processes alive the clockwork is looked at each second that something is due. */
  async pass(ms: number, alive = true): Promise<void> {
    const until = this.clock.now() + ms;
    for (;;) {
      if (alive) await this.look();
      const due = alive ? (this.unitOfWork.peek().accounts[0]?.dueAt ?? until) : until;
      const next = Math.min(until, Math.max(due, this.clock.now() + SECOND));
      if (this.clock.now() >= until) return;
      await this.rig.simulator.advance(next - this.clock.now());
      this.clock.set(next);
    }
  }

  async look(): Promise<void> {
    const failures: unknown[] = [];
    await (
      await this.sweep.due((_customer, error) => failures.push(error))
    ).done;
    expect(failures).toEqual([]);
  }

  get grant(): Grant {
    const [grant] = this.unitOfWork.peek().grants;
    if (grant === undefined) throw new Error('No grant.');
    return grant;
  }

  async truth(): Promise<{ enabled: boolean; roles: readonly string[]; ends: readonly unknown[] }> {
    const { users } = await this.rig.simulator.truth(this.rig.tenantId);
    const user = users.find(({ userPrincipalName }) => userPrincipalName === this.world.account.upn);
    if (user === undefined) throw new Error('No user.');
    return {
      enabled: user.accountEnabled,
      roles: user.roles.map(({ id }) => id),
      ends: user.schedules.map(({ endDateTime }) => endDateTime),
    };
  }

  /** What its technician does. */
  async change(change: (grant: Grant) => Grant): Promise<void> {
    await this.unitOfWork.inOrganization(this.world.organization.id, async ({ accounts, grants }) => {
      const changed = change(this.grant);
      const isOver = !isRunning(changed, this.clock.now());
      const now = this.clock.now();
      await accounts.intend([changed.accountId], { dueAt: now, ...(isOver ? { takeAt: now } : {}) });
      await grants.save(changed);
    });
    await this.look();
  }
}

const worldOf = (of: {
  readonly tenantId: string;
  readonly domain: string;
  readonly capabilities: EntraConnection['capabilities'];
  readonly now: number;
  readonly lastsMs: number;
}): World => {
  const world = aWorld(new FakeIds());
  const { tenantId, domain, capabilities, now } = of;
  const connection: EntraConnection = {
    ...world.connection,
    cloud: 'custom',
    tenantId,
    clientId: CLIENT_ID,
    credentialKind: 'secret',
    domain,
    capabilities,
    checkedAt: now,
  };
  const sealedCredential = new FakeSecretBox().seal(new Secret(CLIENT_SECRET), credentialPlace(connection));
  return {
    ...world,
    connection: { ...connection, sealedCredential },
    account: {
      ...world.account,
      upn: `jit-ada@${domain}`,
      objectId: null,
      mayHold: HOLDS_NOTHING,
      password: null,
      verification: null,
      failure: null,
      dueAt: now,
      takeAt: now + of.lastsMs,
      createdAt: now,
    },
    grant: {
      ...world.grant,
      state: 'scheduled',
      endReason: null,
      failure: null,
      activeAt: null,
      endingAt: null,
      takenAt: null,
      endedAt: null,
      proofs: [],
      endAction: 'disable',
      startsAt: now,
      createdAt: now,
      expiresAt: now + of.lastsMs,
      latestExpiresAt: now + 4 * HOUR,
    },
  };
};

describe('A grant in a tenant whose Entra can end roles', () => {
  let rig: Rig;
  let stage: Stage;

  beforeAll(async () => {
    rig = await Rig.start();
  });
  afterEach(async () => {
    await stage.directory.close();
    await rig.leave();
  });
  afterAll(() => rig.stop());

  it('loses its role at its end although every process of ours is dead, and the rest when one lives again', async () => {
    stage = await Stage.enter(rig, { lastsMs: HOUR });
    await stage.look();
    expect(stage.grant.state).toBe('active');
    expect((await stage.truth()).roles).toEqual([ROLE]);

    await stage.pass(HOUR - MINUTE, false);
    expect((await stage.truth()).roles).toEqual([ROLE]);
    await stage.pass(MINUTE, false);
    expect(await stage.truth()).toEqual({ enabled: true, roles: [], ends: [] });

    await stage.pass(10 * MINUTE, false);
    await stage.pass(10 * SECOND);
    expect(await stage.truth()).toMatchObject({ enabled: false, roles: [] });
    expect(stage.grant).toMatchObject({ state: 'ended', endReason: 'expired' });
  });

  it('costs no call more than without, and one list more in a look', async () => {
    stage = await Stage.enter(rig, { lastsMs: HOUR });
    await rig.countFromHere();

    await stage.look();

    expect(await rig.graphCalls()).toEqual(['POST /users', 'POST /$batch']);
    expect(stage.grant.state).toBe('active');
  });

  it('is extended without a gap, and Entra keeps the later end too', async () => {
    stage = await Stage.enter(rig, { lastsMs: 20 * MINUTE });
    await stage.pass(10 * MINUTE);

    await stage.change((grant) => ({ ...grant, expiresAt: grant.expiresAt + HOUR }));

    await stage.pass(15 * MINUTE);
    expect((await stage.truth()).roles).toEqual([ROLE]);
    await stage.pass(56 * MINUTE, false);
    expect((await stage.truth()).roles).toEqual([]);
  });

  it('ends within its first five minutes, with a proof', async () => {
    stage = await Stage.enter(rig, { lastsMs: HOUR });
    await stage.pass(30 * SECOND);

    await stage.change((grant) => end(grant, stage.clock.now()));
    await stage.pass(10 * SECOND);

    expect(await stage.truth()).toEqual({ enabled: false, roles: [], ends: [] });
    expect(stage.grant).toMatchObject({ state: 'ended', endReason: 'ended_by_technician' });
  });

  it('waits for a PIM that learns of new users two minutes late, and falls back after that', async () => {
    stage = await Stage.enter(rig, { lastsMs: HOUR });
    await rig.simulator.patchTenant(rig.tenantId, {
      lags: { pim: { minMs: 90 * SECOND, maxMs: 90 * SECOND } },
    });

    await stage.pass(MINUTE);
    expect(stage.grant.state).toBe('starting');
    await stage.pass(MINUTE);

    expect(stage.grant.state).toBe('active');
    expect((await stage.truth()).ends).toHaveLength(1);
    await stage.pass(2 * HOUR);
    expect(stage.grant.state).toBe('ended');
    expect(await stage.truth()).toEqual({ enabled: false, roles: [], ends: [] });
  });

  it('goes on without PIM while it is throttled', async () => {
    stage = await Stage.enter(rig, { lastsMs: HOUR });
    await rig.fault({
      times: 50,
      match: { path: '/roleManagement/directory/roleAssignmentSchedule**' },
      effect: { status: 429, retryAfter: 300 },
    });

    await stage.look();

    expect(stage.grant.state).toBe('active');
    expect((await stage.truth()).roles).toEqual([ROLE]);
  });

  it('gives a role for good where a rule of the tenant forbids the time, and ends it as ever', async () => {
    stage = await Stage.enter(rig, { lastsMs: HOUR, longestTimedRoleMinutes: 30 });

    await stage.look();

    expect(stage.grant.state).toBe('active');
    expect(Object.keys(stage.unitOfWork.peek().connections[0]?.timedRolesRefused ?? {})).toEqual([
      `assignRoleUntil:${ROLE}`,
    ]);
    await stage.pass(HOUR + 10 * SECOND);
    expect(await stage.truth()).toMatchObject({ enabled: false, roles: [] });
    expect(stage.grant.state).toBe('ended');
  });

  it('finds what it gave when the answer was lost', async () => {
    stage = await Stage.enter(rig, { lastsMs: HOUR });
    await rig.fault({ match: { method: 'POST', path: REQUESTS }, effect: { status: 504, commit: true } });

    await stage.pass(5 * SECOND);

    expect(stage.grant.state).toBe('active');
    expect((await stage.truth()).ends).toHaveLength(1);
  });
});

const end = (grant: Grant, now: number): Grant => {
  const actor = { kind: 'technician', id: grant.technicianId, tokenId: null } as const;
  return transition(grant, { what: 'end', reason: 'ended_by_technician' }, { actor, now }).grant;
};

import fc from 'fast-check';
import { CANARY_MS } from '#core/accounts';
import { idOf, MINUTE, SECOND } from '#core/shared';
import { ConvergenceWorld } from '../testing/convergence-world.js';
import { AdvanceCanaries } from './advance-canaries.js';
import { startCanaries } from './start-canaries.js';
import { stateOfTier, type TakeBackProof } from './take-back.js';

/** A customer at which a tier is being proven. */
class Proving {
  readonly #canaries: AdvanceCanaries;

  private constructor(readonly on: ConvergenceWorld) {
    this.#canaries = new AdvanceCanaries(on);
  }

  static async begin(spec: Parameters<typeof ConvergenceWorld.create>[0] = {}): Promise<Proving> {
    const proving = new Proving(await ConvergenceWorld.create(spec));
    await proving.start();
    return proving;
  }

  async start(): Promise<void> {
    const { organizationId, customerId } = this.on.customer;
    await this.on.unitOfWork.inOrganization(organizationId, async (stores) => {
      const connection = await stores.connections.ofCustomer(customerId);
      if (connection === null) throw new Error('Not connected.');
      const wish = { connection, tiers: ['admin'] as const, actor: { kind: 'console' } as const };
      await startCanaries(stores, { ...wish, now: this.on.clock.now() }, this.on);
    });
  }

  get proof(): TakeBackProof {
    const [proof] = this.on.unitOfWork.peek().takeBack;
    if (proof === undefined) throw new Error('No proof.');
    return proof;
  }

  get canaries() {
    return this.on.unitOfWork.peek().accounts.filter(({ kind }) => kind === 'canary');
  }

  /** Seconds go by, each with a look at the canaries and a sweep; a process that dies is begun anew. */
  async pass(ms: number, looks = true): Promise<void> {
    for (const until = this.on.clock.now() + ms; this.on.clock.now() < until;) {
      if (looks)
        await this.#canaries.execute((_customer, error) => {
          throw error;
        });
      try {
        await this.on.pass(SECOND);
      } catch (error) {
        if (!(error instanceof Error) || error.message !== 'killed') throw error;
        this.on.clock.advance(SECOND);
      }
    }
  }
}

describe('A tier', () => {
  it('is proven when canaries are given it and taken back in either order', async () => {
    const proving = await Proving.begin();
    const done: string[] = [];
    proving.on.directory.afterCall((call) => {
      done.push(call.do);
    });
    expect(stateOfTier(proving.proof, await connectionOf(proving))).toBe('running');
    await proving.pass(20 * SECOND);

    expect(proving.proof).toMatchObject({ verdict: 'proven', cause: null, run: null, dueAt: null });
    expect(proving.on.tenant.users()).toEqual([]);
    expect(done.filter((what) => what === 'createUser' || what === 'deleteUser')).toHaveLength(4);
    const [disabled, stripped] = [done.indexOf('disable'), done.indexOf('unassignRole')];
    expect(Math.min(disabled, stripped)).toBeGreaterThan(done.lastIndexOf('enable'));
    expect(proving.canaries.map(({ own }) => [own?.enabled, own?.roles.length])).toEqual([
      [false, 1],
      [true, 0],
    ]);
  });

  it('is proven by the order that is promised where role holders may not be disabled', async () => {
    const proving = await Proving.begin({ mayTouchRoleHolders: false });
    await proving.pass(20 * SECOND);
    expect(proving.canaries).toHaveLength(1);
    expect(proving.proof.verdict).toBe('proven');
  });

  it('fails when the app has lost its directory role, with what to do, and nothing is left over', async () => {
    const proving = await Proving.begin();
    proving.on.tenant.mayTouchRoleHolders = false;
    await proving.pass(40 * SECOND);

    expect(proving.proof).toMatchObject({
      verdict: 'failed',
      cause: {
        code: 'directory.directory_role_missing',
        mend: expect.stringContaining('Privileged') as string,
      },
    });
    await proving.pass(CANARY_MS);
    expect(proving.on.tenant.users()).toEqual([]);

    proving.on.tenant.mayTouchRoleHolders = true;
    await proving.start();
    expect(proving.proof.verdict).toBe('failed');
    await proving.pass(20 * SECOND);
    expect(proving.proof).toMatchObject({ verdict: 'proven', cause: null });
  });

  it('stays unknown when nothing could be given for a reason that passes', async () => {
    const proving = await Proving.begin();
    proving.on.directory.beforeCall((call) => {
      if (call.do === 'createUser') proving.on.directory.failNext('createUser', { reason: 'unknown' });
    });
    await proving.pass(CANARY_MS + MINUTE + 5 * SECOND);
    expect(proving.proof).toMatchObject({
      verdict: null,
      run: null,
      cause: { code: 'directory.unavailable' },
    });
    expect(proving.on.tenant.users()).toEqual([]);
  });

  it('is being proven once at a time', async () => {
    const proving = await Proving.begin();
    await proving.start();
    expect(proving.canaries).toHaveLength(2);
  });

  it('is not failed for what a kill switch stopped', async () => {
    const proving = await Proving.begin();
    const { organizationId, customerId } = proving.on.customer;
    await proving.on.unitOfWork.inOrganization(organizationId, ({ holds }) =>
      holds.insert({
        id: idOf(proving.on.ids.uuid()),
        ...{ organizationId, scope: { kind: 'customer', customerId }, reason: 'stop' },
        ...{
          placedAt: proving.on.clock.now(),
          placedBy: { kind: 'console' },
          liftedAt: null,
          liftedBy: null,
        },
      }),
    );
    await proving.pass(CANARY_MS + MINUTE + 5 * SECOND);
    expect(proving.proof).toMatchObject({ verdict: null, run: null });
    expect(proving.on.tenant.users()).toEqual([]);
  });

  it('has an end whoever dies, and no canary outlives it', async () => {
    const dying = fc.record({ at: fc.nat(40), how: fc.constantFrom('fails', 'dies before', 'dies after') });
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(dying, { selector: ({ at }) => at, maxLength: 4 }),
        fc.boolean(),
        fc.nat(30),
        async (troubles, mayTouchRoleHolders, lookedForSeconds) => {
          const proving = await Proving.begin({ mayTouchRoleHolders });
          plague(proving.on, troubles);
          const startedAt = proving.on.clock.now();
          await proving.pass(lookedForSeconds * SECOND);
          // Nobody carries the run on for four minutes.
          await proving.pass(4 * MINUTE, false);
          await proving.pass(Math.max(0, startedAt + CANARY_MS + 2 * MINUTE - proving.on.clock.now()));

          expect(proving.proof.run).toBeNull();
          expect(proving.on.tenant.users()).toEqual([]);
        },
      ),
      { numRuns: 40 },
    );
  });
});

const connectionOf = ({ on }: Proving) =>
  on.unitOfWork.inOrganization(on.customer.organizationId, async ({ connections }) => {
    const connection = await connections.ofCustomer(on.customer.customerId);
    if (connection === null) throw new Error('Not connected.');
    return connection;
  });

const plague = (
  on: ConvergenceWorld,
  troubles: readonly { readonly at: number; readonly how: string }[],
): void => {
  let count = -1;
  let how: string | undefined;
  on.directory.beforeCall((call) => {
    count += 1;
    how = troubles.find(({ at }) => at === count)?.how;
    if (how === 'dies before') throw new Error('killed');
    if (how === 'fails') on.directory.failNext(call.do, { reason: 'unknown' });
  });
  on.directory.afterCall(() => {
    if (how === 'dies after') throw new Error('killed');
  });
};

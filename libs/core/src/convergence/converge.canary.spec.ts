import fc from 'fast-check';
import {
  CANARY_MS,
  HOLDS_NOTHING,
  type DirectoryErrorReason,
  type ManagedAccount,
  type OwnEntitlement,
} from '#core/accounts';
import { idOf, MINUTE, SECOND } from '#core/shared';
import { plantCanary } from '../testing/canary-row.js';
import { ConvergenceWorld, GLOBAL_ADMIN, READER } from '../testing/convergence-world.js';

const rowOf = (on: ConvergenceWorld, { id }: ManagedAccount): ManagedAccount => {
  const found = on.unitOfWork.peek().accounts.find((account) => account.id === id);
  if (found === undefined) throw new Error('No canary.');
  return found;
};
const entitle = (on: ConvergenceWorld, canary: ManagedAccount, changes: Partial<OwnEntitlement>) =>
  on.unitOfWork.inOrganization(canary.organizationId, async ({ accounts }) => {
    const { own } = rowOf(on, canary);
    if (own !== null) await accounts.entitle(canary.id, { ...own, ...changes }, on.clock.now());
  });
const hold = (on: ConvergenceWorld) =>
  on.unitOfWork.inOrganization(on.customer.organizationId, ({ holds }) =>
    holds.insert({
      id: idOf(on.ids.uuid()),
      organizationId: on.customer.organizationId,
      scope: { kind: 'customer', customerId: on.customer.customerId },
      reason: 'enough',
      placedAt: on.clock.now(),
      placedBy: { kind: 'console' },
      liftedAt: null,
      liftedBy: null,
    }),
  );

describe('A canary', () => {
  it('is made, enabled and elevated without a grant, and gone when its time is over', async () => {
    const on = await ConvergenceWorld.create();
    const canary = await plantCanary(on, { lastsMs: MINUTE });
    await on.pass(SECOND);
    expect(on.tenant.user(canary.upn)).toMatchObject({ enabled: true, roles: [READER], methods: [] });
    expect(rowOf(on, canary)).toMatchObject({ takeAt: canary.createdAt + MINUTE, password: null });

    await on.pass(MINUTE + 10 * SECOND);
    expect(on.tenant.user(canary.upn)).toBeNull();
    expect(rowOf(on, canary)).toMatchObject({ mayHold: HOLDS_NOTHING, takeAt: null });
    expect(rowOf(on, canary).removal).not.toBeNull();
  });

  it('is disabled with its role in hand, and then rid of the role', async () => {
    const on = await ConvergenceWorld.create();
    const canary = await plantCanary(on);
    await on.pass(SECOND);
    await entitle(on, canary, { enabled: false });
    await on.pass(SECOND);
    expect(on.tenant.user(canary.upn)).toMatchObject({ enabled: false, roles: [READER] });
    await entitle(on, canary, { expiresAt: on.clock.now() });
    await on.pass(10 * SECOND);
    expect(on.tenant.user(canary.upn)).toBeNull();
  });

  it('is rid of its role while it is enabled, and then disabled', async () => {
    const on = await ConvergenceWorld.create({ mayTouchRoleHolders: false });
    const canary = await plantCanary(on);
    await on.pass(SECOND);
    await entitle(on, canary, { roles: [] });
    await on.pass(SECOND);
    expect(on.tenant.user(canary.upn)).toMatchObject({ enabled: true, roles: [] });
    await entitle(on, canary, { expiresAt: on.clock.now() });
    await on.pass(10 * SECOND);
    expect(on.tenant.user(canary.upn)).toBeNull();
  });

  it('is taken at once when the customer is stopped, and none is begun there', async () => {
    const on = await ConvergenceWorld.create();
    const canary = await plantCanary(on);
    await on.pass(SECOND);
    await hold(on);
    const second = await plantCanary(on);
    await entitle(on, canary, {});
    await on.pass(10 * SECOND);
    expect(on.tenant.user(canary.upn)).toBeNull();
    expect(on.tenant.user(second.upn)).toBeNull();
    expect(rowOf(on, second).objectId).toBeNull();
  });

  it('goes with its customer', async () => {
    const on = await ConvergenceWorld.create();
    const canary = await plantCanary(on);
    await on.pass(SECOND);
    const scope = { kind: 'customer', customerId: canary.customerId } as const;
    await on.unitOfWork.inOrganization(canary.organizationId, ({ accounts }) =>
      accounts.retireAll(scope, 'customer_removed', on.clock.now()),
    );
    await on.pass(10 * SECOND);
    expect(on.tenant.user(canary.upn)).toBeNull();
  });

  it('holds no other account up, and no grant keeps it', async () => {
    const on = await ConvergenceWorld.create();
    const grant = await on.grant({ lastsMs: 20 * MINUTE });
    const canary = await plantCanary(on, { roles: [GLOBAL_ADMIN] });
    await on.pass(CANARY_MS + 10 * SECOND);
    expect(on.grantRow(grant).state).toBe('active');
    expect(on.user()?.enabled).toBe(true);
    expect(on.tenant.user(canary.upn)).toBeNull();
  });
});

const REASONS: readonly DirectoryErrorReason[] = [
  'unknown',
  'unanswered',
  'throttled',
  'replication',
  'consent_missing',
];
const trouble = fc.record({
  at: fc.nat(30),
  reason: fc.constantFrom(...REASONS),
  how: fc.constantFrom('fails', 'answer lost', 'dies before', 'dies after'),
});

describe('A canary, whatever goes wrong', () => {
  it('is not enabled after its five minutes once calls go through, and nothing is left of it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(trouble, { selector: ({ at }) => at, maxLength: 5 }),
        fc.boolean(),
        fc.constantFrom(0, 1_500, 8_000),
        async (troubles, mayTouchRoleHolders, lagMs) => {
          const on = await ConvergenceWorld.create({ mayTouchRoleHolders, lagMs });
          plague(on, troubles);
          const canary = await plantCanary(on);
          const late: string[] = [];
          on.directory.afterCall((call) => {
            if (call.do === 'enable' && on.clock.now() >= canary.createdAt + CANARY_MS)
              late.push('enabled late');
          });
          await sweepThrough(on, 30 * MINUTE);

          expect(late).toEqual([]);
          expect(on.tenant.users()).toEqual([]);
          expect(rowOf(on, canary)).toMatchObject({ mayHold: HOLDS_NOTHING, takeAt: null });
        },
      ),
      { numRuns: 60 },
    );
  });
});

/** Lets calls go wrong, counted from the first; a dying process is one that never comes back to converge. */
const plague = (
  on: ConvergenceWorld,
  troubles: readonly { readonly at: number; readonly reason: DirectoryErrorReason; readonly how: string }[],
): void => {
  let count = -1;
  let how: string | undefined;
  on.directory.beforeCall((call) => {
    count += 1;
    const struck = troubles.find(({ at }) => at === count);
    how = struck?.how;
    if (how === 'dies before') throw new Error('killed');
    if (how === 'answer lost') on.directory.applyWithoutAnswer(call.do);
    if (struck !== undefined && how === 'fails') on.directory.failNext(call.do, { reason: struck.reason });
  });
  on.directory.afterCall(() => {
    if (how === 'dies after') throw new Error('killed');
  });
};

const sweepThrough = async (on: ConvergenceWorld, ms: number): Promise<void> => {
  const until = on.clock.now() + ms;
  while (on.clock.now() < until) {
    try {
      await on.pass(until - on.clock.now());
    } catch (error) {
      if (!(error instanceof Error) || error.message !== 'killed') throw error;
      on.clock.advance(SECOND);
    }
  }
};

import fc from 'fast-check';
import type { DirectoryCall, DirectoryErrorReason } from '#core/accounts';
import { HOLDS_NOTHING, roleInUnit } from '#core/accounts';
import { isRunning } from '#core/grants';
import { HOUR, idOf, MINUTE, SECOND, type GrantId, type ObjectId } from '#core/shared';
import {
  ConvergenceWorld,
  EXCHANGE,
  GLOBAL_ADMIN,
  HELPDESK,
  READER,
  type GrantWish,
} from '../testing/convergence-world.js';

const RUNS = 40;
const IN_NORTH = roleInUnit(READER, idOf('north'));

const wish: fc.Arbitrary<Required<GrantWish>> = fc.record({
  technician: fc.constantFrom('alice', 'bob'),
  roles: fc.subarray([READER, GLOBAL_ADMIN, IN_NORTH] as string[]),
  groups: fc.subarray([HELPDESK, EXCHANGE] as string[]),
  credential: fc.constantFrom('pass', 'password', 'both'),
  endAction: fc.constantFrom('disable', 'delete'),
  startsInMs: fc.constantFrom(0, 10 * SECOND, 5 * MINUTE),
  lastsMs: fc.constantFrom(45 * SECOND, 6 * MINUTE, 20 * MINUTE),
});

type Trouble =
  | { readonly kind: 'fail'; readonly reason: DirectoryErrorReason }
  | { readonly kind: 'refused by PIM'; readonly reason: DirectoryErrorReason }
  | { readonly kind: 'answer lost' }
  | { readonly kind: 'dies before' }
  | { readonly kind: 'dies after' };

const trouble: fc.Arbitrary<Trouble> = fc.oneof(
  fc.record({
    kind: fc.constant('fail' as const),
    reason: fc.constantFrom<DirectoryErrorReason>(
      'unknown',
      'unanswered',
      'throttled',
      'replication',
      'directory_role_missing',
    ),
  }),
  fc.record({
    kind: fc.constant('refused by PIM' as const),
    reason: fc.constantFrom<DirectoryErrorReason>(
      'licence_missing',
      'forbidden_by_policy',
      'consent_missing',
      'invalid',
      'conflict',
      'gone',
    ),
  }),
  fc.constant({ kind: 'answer lost' as const }),
  fc.constant({ kind: 'dies before' as const }),
  fc.constant({ kind: 'dies after' as const }),
);

/** Which call it hits, counted from the first. */
const troubles = fc.uniqueArray(fc.tuple(fc.nat(60), trouble), { selector: ([at]) => at, maxLength: 4 });

const world = fc.record({
  lagMs: fc.constantFrom(0, 0, 1_500, 8_000),
  mayTouchRoleHolders: fc.boolean(),
  pim: fc.constantFrom(
    null,
    { longestMinutes: null },
    { longestMinutes: null, guarded: true },
    { longestMinutes: 10 },
  ),
  /** So many of the grants are extended by twelve minutes, a second after the last was ended. */
  extended: fc.nat(2),
  /** So many of the grants are ended by their technicians, 3 seconds one after the other. */
  endedEarly: fc.nat(2),
});

const PIM_CALLS: ReadonlySet<DirectoryCall['do']> = new Set([
  'assignRoleUntil',
  'changeTimedRole',
  'endTimedRole',
  'listRoleSchedules',
]);

const strike = (on: ConvergenceWorld, call: DirectoryCall, trouble: Trouble): void => {
  if (trouble.kind === 'fail') on.directory.failNext(call.do, { reason: trouble.reason });
  if (trouble.kind === 'refused by PIM' && PIM_CALLS.has(call.do))
    on.directory.failNext(call.do, { reason: trouble.reason, retry: 'never' });
  if (trouble.kind === 'answer lost') on.directory.applyWithoutAnswer(call.do);
  if (trouble.kind === 'dies before') throw new Error('killed');
};

/** Lets the chosen calls go wrong; a dying process is a `perform` that never returns to converge. */
const plant = (on: ConvergenceWorld, chosen: readonly (readonly [number, Trouble])[]): void => {
  let count = -1;
  let current: Trouble | undefined;
  on.directory.beforeCall((call) => {
    count += 1;
    current = chosen.find(([at]) => at === count)?.[1];
    if (current !== undefined) strike(on, call, current);
  });
  on.directory.afterCall(() => {
    if (current?.kind === 'dies after') throw new Error('killed');
  });
};

/** Notes every enable that breaks the promise at the very moment it reaches Entra. */
const watchEnables = (on: ConvergenceWorld): readonly string[] => {
  const broken: string[] = [];
  on.directory.afterCall((call: DirectoryCall) => {
    if (call.do === 'enable') broken.push(...whatIsWrong(on, call.user));
  });
  return broken;
};

const whatIsWrong = (on: ConvergenceWorld, objectId: ObjectId): readonly string[] => {
  const { accounts, grants } = on.unitOfWork.peek();
  const account = accounts.find((each) => each.objectId === objectId);
  const running = grants.filter(
    (grant) => grant.accountId === account?.id && isRunning(grant, on.clock.now()),
  );
  const given = running.flatMap(({ approved }): readonly string[] => [...approved.roles, ...approved.groups]);
  const user = on.tenant.user(objectId);
  const held: readonly string[] = [...(user?.roles ?? []), ...(user?.groups ?? [])];
  return [
    ...(running.length === 0 ? ['enabled outside a grant'] : []),
    ...(account?.mayHold.enabled == null ? ['enabled before the row said so'] : []),
    ...held.filter((each) => !given.includes(each)).map((each) => `enabled over ${each}`),
  ];
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

describe('Converge, whatever goes wrong', () => {
  it('leaves nothing enabled, nothing held and nothing doubled once every grant is over', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(wish, { minLength: 1, maxLength: 4 }),
        troubles,
        world,
        async (wishes, chosen, { endedEarly, extended, ...spec }) => {
          const on = await ConvergenceWorld.create(spec);
          plant(on, chosen);
          const broken = watchEnables(on);
          const ids: GrantId[] = [];
          for (const each of wishes) ids.push(await on.grant(each));
          for (const id of ids.slice(0, endedEarly)) {
            await sweepThrough(on, 3 * SECOND);
            if (on.grantRow(id).endReason === null) await on.end(id);
          }
          await sweepThrough(on, SECOND);
          for (const id of ids.slice(0, extended))
            if (on.grantRow(id).endReason === null) await on.extend(id, 12 * MINUTE);

          await sweepThrough(on, 3 * HOUR);

          expect(broken).toEqual([]);
          for (const user of on.tenant.users()) {
            expect(user).toMatchObject({ enabled: false, roles: [], groups: [], methods: [] });
            expect(user.timedRoles.filter(({ endsAt }) => (endsAt ?? Infinity) > on.clock.now())).toEqual([]);
          }
          const names = on.tenant.users().map(({ upn }) => upn);
          expect(new Set(names).size).toBe(names.length);
          expect(names.length).toBeLessThanOrEqual(2);
          for (const id of ids)
            expect(on.grantRow(id)).toMatchObject({ state: 'ended', takenAt: expect.any(Number) as number });
          for (const id of ids) expect(on.grantRow(id).proofs.length).toBeGreaterThan(0);
          for (const { dueAt, mayHold, password, takeAt } of on.unitOfWork.peek().accounts) {
            expect({ dueAt, takeAt, password }).toEqual({ dueAt: null, takeAt: null, password: null });
            expect({ ...mayHold, object: null }).toEqual(HOLDS_NOTHING);
          }
        },
      ),
      { numRuns: RUNS },
    );
  });

  it('ends within 3 seconds, and becomes active within the lag, when nothing goes wrong', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(wish, { minLength: 1, maxLength: 4 }), async (wishes) => {
        const on = await ConvergenceWorld.create();
        const ids: GrantId[] = [];
        for (const each of wishes) ids.push(await on.grant(each));

        await on.pass(3 * HOUR);

        for (const id of ids) {
          const grant = on.grantRow(id);
          expect(grant.failure).toBeNull();
          expect((grant.activeAt ?? Infinity) - grant.startsAt).toBeLessThanOrEqual(SECOND);
          expect((grant.takenAt ?? Infinity) - grant.expiresAt).toBeLessThanOrEqual(3 * SECOND);
        }
      }),
      { numRuns: RUNS },
    );
  });
});

import fc from 'fast-check';
import { idOf, type CustomerId } from '#core/shared';
import type { Rivalry } from './access-policy.js';
import { effectivePolicies, takeoversIn, type NamedPolicy } from './effective-policies.js';

const [HERE, THERE] = [idOf<'customer'>('here'), idOf<'customer'>('there')] as const;

const aNamed = (id: string, customerId: CustomerId | null, name = 'Helpdesk'): NamedPolicy => ({
  id: idOf(id),
  customerId,
  name,
  state: 'active',
});

const policies = fc
  .array(
    fc.record({
      customerId: fc.constantFrom(null, HERE, THERE),
      name: fc.constantFrom('Helpdesk', 'HELPDESK ', 'Backup', 'Übergabe', 'übergabe'),
      state: fc.constantFrom('active' as const, 'archived' as const),
    }),
    { maxLength: 12 },
  )
  .map((rows): NamedPolicy[] => rows.map((row, index) => ({ ...row, id: idOf(`policy ${10 + index}`) })));

const sameName = (one: NamedPolicy, other: NamedPolicy): boolean =>
  one.name.trim().toLowerCase() === other.name.trim().toLowerCase();

describe('Policies that count at a customer', () => {
  it('are its own, and those for all of which it has none by the same name', () => {
    const [all, other, own] = [
      aNamed('1', null),
      aNamed('2', null, 'Backup'),
      aNamed('3', HERE, ' helpDESK'),
    ];

    const { counts, overridden } = effectivePolicies([all, other, own, aNamed('4', THERE)], HERE);

    expect(counts).toEqual([own, other]);
    expect([...overridden]).toEqual([[all.id, own]]);
  });

  it('are those for all again once its own is archived', () => {
    const all = aNamed('1', null);

    const { counts, overridden } = effectivePolicies(
      [all, { ...aNamed('2', HERE), state: 'archived' }],
      HERE,
    );

    expect(counts).toEqual([all]);
    expect(overridden.size).toBe(0);
  });

  it('are decided by case, blanks and ways of writing a letter as little as by the order in which they are read', () => {
    const [composed, apart] = ['Caf\u00e9', 'CAFE\u0301 '];
    expect(
      effectivePolicies([aNamed('1', null, composed), aNamed('2', HERE, apart)], HERE).overridden.size,
    ).toBe(1);
    fc.assert(
      fc.property(
        policies.chain((all) =>
          fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
        ),
        ([all, shuffled]) => {
          const [one, other] = [effectivePolicies(all, HERE), effectivePolicies(shuffled, HERE)];
          expect(new Set(other.counts)).toEqual(new Set(one.counts));
          expect(new Map(other.overridden)).toEqual(new Map(one.overridden));
        },
      ),
    );
  });

  it('and those that are overridden divide all that are in use and meant for it', () => {
    fc.assert(
      fc.property(policies, (all) => {
        const { counts, overridden } = effectivePolicies(all, HERE);
        const meant = all.filter(({ customerId, state }) => state === 'active' && customerId !== THERE);
        const told = [...counts.map(({ id }) => id), ...overridden.keys()];
        expect([...told].sort()).toEqual(meant.map(({ id }) => id).sort());
        for (const policy of meant) {
          const own = meant.filter((each) => each.customerId === HERE && sameName(each, policy));
          const isOverridden = policy.customerId === null && own.length > 0;
          expect(overridden.get(policy.id) ?? null).toEqual(isOverridden ? own[0] : null);
        }
      }),
    );
  });

  it('are not changed by what another customer has', () => {
    fc.assert(
      fc.property(policies, (all) => {
        const without = all.filter(({ customerId }) => customerId !== THERE);
        expect(effectivePolicies(without, HERE)).toEqual(effectivePolicies(all, HERE));
      }),
    );
  });
});

describe('What changes hands', () => {
  const gives = { roles: [], groups: [] };
  const rivalry = (from: NamedPolicy, own: NamedPolicy): Rivalry => ({
    from: { ...from, gives },
    own: { id: own.id, name: own.name, gives, customerId: own.customerId ?? HERE },
  });

  it('goes at each customer to the oldest of its own by that name', () => {
    const all = aNamed('1', null);
    const [second, first, elsewhere] = [aNamed('5', HERE), aNamed('4', HERE), aNamed('6', THERE, 'helpdesk')];
    const rivalries = [second, first, elsewhere, aNamed('2', HERE, 'Backup')].map((own) => rivalry(all, own));

    expect(takeoversIn(rivalries).map(({ own }) => own.id)).toEqual([first.id, elsewhere.id]);
  });

  it('is, of any policies, what is overridden there', () => {
    fc.assert(
      fc.property(policies, (all) => {
        const active = all.filter(({ state }) => state === 'active');
        const forAll = active.filter(({ customerId }) => customerId === null);
        const own = active.filter(({ customerId }) => customerId === HERE);
        const taken = takeoversIn(forAll.flatMap((from) => own.map((each) => rivalry(from, each))));
        const { overridden } = effectivePolicies(all, HERE);
        expect(taken.map((each) => [each.from.id, each.own.id])).toEqual(
          [...overridden].map(([id, { id: by }]) => [id, by]),
        );
      }),
    );
  });
});

import type { DirectoryCall, DirectoryStep } from '#core/accounts';
import { idOf, Secret } from '#core/shared';
import { admit } from './admission.js';
import { Allowances } from './allowances.js';
import type { GraphLimits } from './graph-limits.js';

const LIMITS: GraphLimits = {
  appInTenant: { writes: { capacity: 10, windowMs: 10_000 }, units: { capacity: 999, windowMs: 10_000 } },
  app: { writes: { capacity: 99, windowMs: 10_000 }, units: { capacity: 9_999, windowMs: 10_000 } },
  kept: 0.2,
};
const WAY = {
  graphHost: 'https://graph.example',
  lists: { groups: 'memberOf', methods: 'methods' },
} as const;
const caller = { app: 'app', appInTenant: 'app in acme' };
const user = idOf<'entra object'>('u');
const step = (ref: string, call: DirectoryCall, after?: string): DirectoryStep => ({
  ref,
  call,
  ...(after === undefined ? {} : { after }),
});
const disable = (ref: string): DirectoryStep => step(ref, { do: 'disable', user });
const enable = (ref: string, after?: string): DirectoryStep => step(ref, { do: 'enable', user }, after);
const revoke = (ref: string): DirectoryStep => step(ref, { do: 'revokeSessions', user });
const password = (ref: string, of = user): DirectoryStep =>
  step(ref, { do: 'setPassword', user: of, password: new Secret('x') });

const admitted = (steps: readonly DirectoryStep[], spent = 0) => {
  const allowances = new Allowances(() => 0, LIMITS);
  for (let at = 0; at < spent; at += 1)
    allowances.spend(caller, { workload: 'directory', rank: 2, cost: { writes: 1, units: 1 } });
  const { admitted: left, tooEarly, lanes } = admit(steps, WAY, { allowances, caller });
  return { refs: left.map(({ ref }) => ref), waits: Object.fromEntries(tooEarly), lanes, allowances };
};

describe('admit', () => {
  it('lets all of a plan go that fits', () => {
    expect(admitted([enable('on'), disable('off')])).toMatchObject({ refs: ['on', 'off'], waits: {} });
  });

  it('charges disables first, then what else takes away, and giving only from what is not kept', () => {
    const plan = [enable('on'), revoke('r1'), revoke('r2'), disable('off')];
    expect(admitted(plan, 8)).toMatchObject({ refs: ['r1', 'off'], waits: { r2: 1_000, on: 4_000 } });
    expect(admitted(plan, 9)).toMatchObject({ refs: ['off'] });
  });

  it('tells each when its turn will come, one behind the other', () => {
    const plan = ['a', 'b', 'c'].map(disable);
    expect(admitted(plan, 10).waits).toEqual({ a: 1_000, b: 2_000, c: 3_000 });
  });

  it('keeps back what waits for something that does not go, and charges nothing for it', () => {
    const give = password('p', idOf('other'));
    const { refs, waits, allowances } = admitted(
      [give, { ...disable('off'), after: 'p' }, enable('on', 'off')],
      8,
    );
    expect(refs).toEqual([]);
    expect(Object.keys(waits)).toEqual(['p']);
    const charge = { workload: 'directory', rank: 2, cost: { writes: 2, units: 2 } } as const;
    expect(allowances.spend(caller, charge)).toBe(0);
  });

  it('reads whatever the writes are', () => {
    expect(admitted([step('read', { do: 'readUser', user })], 10).refs).toEqual(['read']);
  });

  it('takes a password for taken away beside what takes away from the same user, and for given otherwise', () => {
    const { lanes } = admitted([revoke('r'), password('scrambled'), password('given', idOf('other'))]);
    expect(Object.fromEntries(lanes)).toEqual({ r: 'taking', scrambled: 'taking', given: 'giving' });
  });

  it('takes for urgent what its caller says is, and every disable', () => {
    const removal = step('out', { do: 'removeFromGroup', user, groupId: idOf('g') });
    const { lanes } = admitted([{ ...removal, urgent: true }, { ...removal, ref: 'later' }, disable('off')]);
    expect(Object.fromEntries(lanes)).toEqual({ out: 'urgent', later: 'taking', off: 'urgent' });
  });

  it('lets a circle through to those who find it out', () => {
    expect(admitted([enable('a', 'b'), enable('b', 'a')]).refs).toEqual(['a', 'b']);
  });
});

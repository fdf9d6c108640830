import { HOLDS_NOTHING, type ManagedAccount, type MayHold } from '#core/accounts';
import { idOf, type RoleId } from '#core/shared';
import { FakeIds } from '../testing/fake-ids.js';
import { anAccount, aWorld } from '../testing/unit-of-work.samples.js';
import type { DesiredAccount } from './desired-account.js';
import { learnFromLists } from './judge-lists.js';
import type { Observation } from './observation.js';

const ids = new FakeIds();
const [READER, ADMIN]: [RoleId, RoleId] = [idOf('reader'), idOf('admin')];
const nothing: DesiredAccount = {
  enabled: false,
  roles: new Map(),
  groups: new Set(),
  password: false,
  pass: false,
  removed: false,
};
const holding = (mayHold: Partial<MayHold>): ManagedAccount => ({
  ...anAccount(ids, aWorld(ids)),
  mayHold: { ...HOLDS_NOTHING, object: 'held', ...mayHold },
});
const lost = { certainty: 'maybe', assignmentId: null } as const;
const learned = (mayHold: Partial<MayHold>, observed: Observation | null, desired = nothing): MayHold =>
  learnFromLists(
    { account: holding(mayHold), observed },
    { isBeingTaken: (role) => !desired.roles.has(role), now: 0 },
  ).mayHold;

describe('a list of role assignments', () => {
  it('tells the id of an assignment whose answer was lost', () => {
    const listed = { roleId: READER, assignmentId: 'a', scope: '/' };
    expect(learned({ roles: { [READER]: lost } }, { roles: [listed] }).roles).toEqual({
      [READER]: { certainty: 'held', assignmentId: 'a' },
    });
  });

  it('tells that it was never made', () => {
    expect(learned({ roles: { [READER]: lost } }, { roles: [] }).roles).toEqual({});
  });

  it('does not take an assignment in a smaller scope for ours', () => {
    const smaller = { roleId: READER, assignmentId: 'a', scope: '/administrativeUnits/1' };
    expect(learned({ roles: { [READER]: lost } }, { roles: [smaller] }).roles).toEqual({});
  });

  it('changes nothing of a role whose assignment is known, nor of one that a grant gives', () => {
    const roles: MayHold['roles'] = {
      [READER]: { certainty: 'held', assignmentId: 'a' },
      [ADMIN]: lost,
    };
    const desired: DesiredAccount = { ...nothing, enabled: true, roles: new Map([[ADMIN, 1]]) };
    expect(learned({ roles }, { roles: [] }, desired).roles).toEqual(roles);
  });
});

describe('a list of methods', () => {
  const pass = { certainty: 'maybe', passId: null } as const;
  const key = { kind: 'fido2', id: 'key' } as const;
  const tap = { kind: 'temporaryAccessPass', id: 'tap' } as const;

  it('is all there is when nobody can sign in', () => {
    expect(learned({ methods: true, pass }, { methods: [] })).toMatchObject({ methods: false, pass: null });
    expect(learned({ methods: true, pass }, { methods: [key] })).toMatchObject({ methods: true, pass: null });
    expect(learned({ pass }, { methods: [tap] })).toMatchObject({ methods: true, pass });
  });

  it('is no proof while the account is enabled: its owner may register more at any moment', () => {
    expect(learned({ enabled: 'held', methods: true }, { methods: [] }).methods).toBe(true);
  });
});

describe('no list', () => {
  it('tells nothing', () => {
    const mayHold: Partial<MayHold> = { roles: { [READER]: lost }, methods: true };
    expect(learned(mayHold, null)).toEqual({ ...HOLDS_NOTHING, object: 'held', ...mayHold });
    expect(learned(mayHold, {})).toEqual({ ...HOLDS_NOTHING, object: 'held', ...mayHold });
  });
});

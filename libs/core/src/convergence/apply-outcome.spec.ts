import { HOLDS_NOTHING, type DirectoryAnswer, type ManagedAccount, type MayHold } from '#core/accounts';
import { idOf, Secret, SECOND, type GroupId, type ObjectId, type RoleId } from '#core/shared';
import { FakeIds } from '../testing/fake-ids.js';
import { anAccount, aWorld, NOON } from '../testing/unit-of-work.samples.js';
import { applyAnswer, type WorkingAccount } from './apply-outcome.js';
import type { Observation } from './observation.js';
import { planned, type PlannedCall } from './planned-step.js';

const ids = new FakeIds();
const user: ObjectId = idOf('user');
const READER: RoleId = idOf('reader');
const HELPDESK: GroupId = idOf('helpdesk');
const GRAPH_AT = NOON;
const NOW = NOON + SECOND;

const account = (mayHold: Partial<MayHold> = {}, change: Partial<ManagedAccount> = {}): ManagedAccount => ({
  ...anAccount(ids, aWorld(ids)),
  objectId: user,
  mayHold: { ...HOLDS_NOTHING, object: 'held', ...mayHold },
  pristine: false,
  password: null,
  verification: null,
  failure: null,
  ...change,
});
const everything: Partial<MayHold> = {
  enabled: 'held',
  roles: { [READER]: { certainty: 'held', assignmentId: 'a' } },
  groups: { [HELPDESK]: 'held' },
  pass: { certainty: 'held', passId: 'p' },
  password: 'held',
  sessions: true,
  methods: true,
};
const pending = { sealed: 'sealed', state: 'pending', generation: 1 } as const;

const done = (did: 'enable' | 'unassignRole' = 'enable', already = false): DirectoryAnswer => ({
  did,
  already,
});
const after = (
  working: WorkingAccount | ManagedAccount,
  call: PlannedCall,
  answer: DirectoryAnswer = done(),
): WorkingAccount => {
  const from = 'account' in working ? working : { account: working, observed: null };
  return applyAnswer(from, planned('then', call), { answer, at: GRAPH_AT, now: NOW });
};

describe('a take-away that Graph took its time for', () => {
  const answered = { answer: done(), at: GRAPH_AT, tookMs: 6 * SECOND, now: NOW };

  it('is proven by readings that are as new as its sending: it was made before it was answered', () => {
    const working = { account: account(everything), observed: null };
    const { account: left } = applyAnswer(working, planned('then', { do: 'revokeSessions', user }), answered);

    expect(left.verification?.writtenAt).toBe(GRAPH_AT - 6 * SECOND);
  });
});

describe('an answered take-away', () => {
  it.each<[PlannedCall, Partial<MayHold>]>([
    [{ do: 'disable', user }, { enabled: null }],
    [{ do: 'removeFromGroup', user, groupId: HELPDESK }, { groups: {} }],
    [{ do: 'unassignRole', user, roleId: READER, assignmentId: 'a' }, { roles: {} }],
    [{ do: 'deleteMethod', user, method: { kind: 'temporaryAccessPass', id: 'p' } }, { pass: null }],
  ])('of %j takes that and nothing else out of what may be held', (call, taken) => {
    const before = account(everything);
    expect(after(before, call).account.mayHold).toEqual({ ...before.mayHold, ...taken });
  });

  it('of sessions is no proof but the moment from which readings count', () => {
    const { account: left } = after(account({ sessions: true }), { do: 'revokeSessions', user });
    expect(left.mayHold.sessions).toBe(false);
    expect(left.verification).toEqual({ writtenAt: GRAPH_AT, proofs: 0, nextAt: NOW + 5 * SECOND });
  });

  it('of sessions leaves new ones possible while the account is enabled', () => {
    const { mayHold } = after(account(everything), { do: 'revokeSessions', user }).account;
    expect(mayHold.sessions).toBe(true);
  });

  it('of the object takes everything with it, and is still to be proven', () => {
    const { account: left } = after(account(everything, { password: pending }), { do: 'deleteUser', user });
    expect(left).toMatchObject({ mayHold: HOLDS_NOTHING, password: null, objectId: user });
    expect(left.verification).toMatchObject({ proofs: 0 });
  });

  it('of the object leaves the moment from which readings count to what stamps the user', () => {
    const verification = { writtenAt: GRAPH_AT - 20 * SECOND, proofs: 2, nextAt: NOW };
    const { account: left } = after({ ...account(everything), verification }, { do: 'deleteUser', user });
    expect(left.verification).toEqual({
      writtenAt: GRAPH_AT - 20 * SECOND,
      proofs: 0,
      nextAt: NOW + 5 * SECOND,
    });
  });

  it('of the object long after anything else counts readings from then on: a replica that shows it is old news', () => {
    const verification = { writtenAt: GRAPH_AT - 300 * SECOND, proofs: 2, nextAt: NOW };
    const { account: left } = after({ ...account(everything), verification }, { do: 'deleteUser', user });
    expect(left.verification?.writtenAt).toBe(GRAPH_AT);
  });

  it('under a guessed id that was not there proves nothing', () => {
    const guessed = account({ roles: { [READER]: { certainty: 'maybe', assignmentId: null } } });
    const call = { do: 'unassignRole', user, roleId: READER, assignmentId: null } as const;
    expect(after(guessed, call, done('unassignRole', true)).account.mayHold.roles).toHaveProperty(READER);
    expect(after(guessed, call, done('unassignRole', false)).account.mayHold.roles).toEqual({});
  });

  it('of one method leaves the others on the list, and the pass that is another', () => {
    const observed: Observation = {
      methods: [
        { kind: 'fido2', id: 'key' },
        { kind: 'fido2', id: 'other' },
      ],
    };
    const key = { kind: 'fido2', id: 'key' } as const;
    const left = after({ account: account(everything), observed }, { do: 'deleteMethod', user, method: key });
    expect(left.observed?.methods).toEqual([{ kind: 'fido2', id: 'other' }]);
    expect(left.account.mayHold.pass).toEqual(everything.pass);
  });
});

describe('an answered give', () => {
  it('makes certain what was possible', () => {
    const enabled = after(account({ enabled: 'maybe' }, { pristine: true }), { do: 'enable', user }).account;
    expect(enabled).toMatchObject({ pristine: false, mayHold: { enabled: 'held' } });
    const member = after(account(), { do: 'addToGroup', user, groupId: HELPDESK }).account;
    expect(member.mayHold.groups).toEqual({ [HELPDESK]: 'held' });
  });

  it('of a role keeps the id of its assignment, also when it was there before', () => {
    const call = { do: 'assignRole', user, roleId: READER } as const;
    const fresh = after(account(), call, { did: 'assignRole', assignmentId: 'new' }).account;
    expect(fresh.mayHold.roles[READER]).toEqual({ certainty: 'held', assignmentId: 'new' });
    const again = after(account(everything), call, { did: 'assignRole', assignmentId: null }).account;
    expect(again.mayHold.roles[READER]).toEqual({ certainty: 'held', assignmentId: 'a' });
  });

  it('of the object makes it ours, fresh and with nothing in it', () => {
    const call = { do: 'createUser', upn: 'u', displayName: 'U', mailNickname: 'u', marker: 'm' } as const;
    const answer: DirectoryAnswer = { did: 'createUser', objectId: idOf('new') };
    const before = account({ object: 'maybe' }, { objectId: null, password: pending });

    expect(after(before, { ...call, password: 'scrambled' }, answer).account).toMatchObject({
      objectId: 'new',
      pristine: true,
      password: null,
      mayHold: { object: 'held', password: null },
    });
    expect(after(before, { ...call, password: 'credential' }, answer).account).toMatchObject({
      pristine: true,
      password: { state: 'set' },
      mayHold: { object: 'held', password: 'held' },
    });
  });

  it('of a pass keeps its id and nothing of the pass itself', () => {
    const minted = { passId: 'p', pass: new Secret('a-pass'), expiresAt: NOON, usable: true };
    const call = { do: 'mintPass', user, lifetimeMinutes: 60, usableOnce: false } as const;
    const { account: left } = after(account(), call, { did: 'mintPass', minted });
    expect(left.mayHold.pass).toEqual({ certainty: 'held', passId: 'p' });
  });
});

describe('an answered password', () => {
  it('that its technician may see is set as sealed', () => {
    const call = { do: 'setPassword', user, password: 'credential' } as const;
    expect(after(account({}, { password: pending }), call).account).toMatchObject({
      password: { sealed: 'sealed', state: 'set' },
      mayHold: { password: 'held' },
    });
  });

  it('that nobody knows destroys the sealed one, and on an enabled account may be changed by its owner', () => {
    const call = { do: 'setPassword', user, password: 'scrambled' } as const;
    const parked = after(account({ password: 'held' }, { password: pending }), call).account;
    expect(parked).toMatchObject({ password: null, mayHold: { password: null } });
    const enabled = after(account(everything, { password: pending }), call).account;
    expect(enabled).toMatchObject({ password: null, mayHold: { password: 'maybe' } });
  });
});

describe('an answered reading', () => {
  it('is only noted, beside what was read before', () => {
    const before = account(everything);
    const first = after(before, { do: 'readUser', user }, { did: 'readUser', user: null });
    const both = after(first, { do: 'listMethods', user }, { did: 'listMethods', methods: [] });
    expect(both).toEqual({ account: before, observed: { user: null, at: GRAPH_AT, methods: [] } });
  });
});

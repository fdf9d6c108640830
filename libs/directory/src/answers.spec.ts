import type { DirectoryAnswer, DirectoryCall } from '#core/accounts';
import { idOf } from '#core/shared';
import { MalformedAnswer, readAnswer } from './answers.js';
import type { Lists } from './permissions.js';

const read = { do: 'readUser', user: idOf<'entra object'>('u') } as const;
const ALL: Lists = { groups: 'memberOf', methods: 'methods' };
const ANSWERED_AT = Date.UTC(2026, 0, 5, 12);
const readWith = (call: DirectoryCall, body: unknown, lists = ALL): DirectoryAnswer =>
  readAnswer(call, body, { lists, at: ANSWERED_AT });
const mint = { do: 'mintPass', user: read.user, lifetimeMinutes: 60, usableOnce: true } as const;
const user = { id: 'u', userPrincipalName: 'jo@a.b', accountEnabled: false };

describe('readAnswer', () => {
  it('reads a user, with null for what Graph leaves out', () => {
    const { user: seen } = readWith(read, {
      ...user,
      signInSessionsValidFromDateTime: '2026-01-05T12:00:00Z',
    }) as Extract<DirectoryAnswer, { did: 'readUser' }>;

    expect(seen).toEqual({
      objectId: 'u',
      upn: 'jo@a.b',
      enabled: false,
      marker: null,
      sessionsValidFromAt: Date.UTC(2026, 0, 5, 12),
      passwordChangedAt: null,
    });
  });

  it.each([{ id: 'u', userPrincipalName: 'jo@a.b' }, { ...user, accountEnabled: null }, {}, null, 'text'])(
    'never takes a missing accountEnabled for a disabled account: %j',
    (body) => {
      expect(() => readWith(read, body)).toThrow(MalformedAnswer);
    },
  );

  it('leaves directory roles and units out of the groups', () => {
    const value = [
      { '@odata.type': '#microsoft.graph.group', id: 'g' },
      { '@odata.type': '#microsoft.graph.directoryRole', id: 'r' },
      { '@odata.type': '#microsoft.graph.administrativeUnit', id: 'u' },
    ];

    expect(readWith({ do: 'listGroups', user: read.user }, { value })).toEqual({
      did: 'listGroups',
      groups: ['g'],
      direct: true,
    });
  });

  it('says when nested memberships may be among the groups', () => {
    const lists: Lists = { ...ALL, groups: 'transitiveMemberOf' };

    expect(readWith({ do: 'listGroups', user: read.user }, { value: [] }, lists)).toMatchObject({
      direct: false,
    });
  });

  it.each([
    ['an ordinary group', { groupTypes: [], mailEnabled: false, onPremisesSyncEnabled: null }, true],
    ['a Microsoft 365 group', { groupTypes: ['Unified'], mailEnabled: true }, true],
    ['a group that we may not read', { groupTypes: null, mailEnabled: null }, true],
    ['a group of which nothing more is told', {}, true],
    ['a dynamic group', { groupTypes: ['DynamicMembership'] }, false],
    [
      'a dynamic Microsoft 365 group',
      { groupTypes: ['Unified', 'DynamicMembership'], mailEnabled: true },
      false,
    ],
    ['a synced group', { groupTypes: [], onPremisesSyncEnabled: true }, false],
    ['a mail group', { groupTypes: [], mailEnabled: true }, false],
  ])('takes %s for one that we could give and take, or not', (_kind, properties, counts) => {
    const value = [{ '@odata.type': '#microsoft.graph.group', id: 'g', ...properties }];

    expect(readWith({ do: 'listGroups', user: read.user }, { value })).toMatchObject({
      groups: counts ? ['g'] : [],
    });
  });

  it('refuses a list without elements to read', () => {
    expect(() => readWith({ do: 'listGroups', user: read.user }, {})).toThrow(MalformedAnswer);
    expect(() => readWith({ do: 'listGroups', user: read.user }, { value: [{ id: 'g' }] })).toThrow(
      MalformedAnswer,
    );
  });

  it('names methods by kind, keeps unknown ones and leaves the password out', () => {
    const value = ['password', 'fido2', 'hardwareOath', 'somethingNew'].map((kind) => ({
      '@odata.type': `#microsoft.graph.${kind}AuthenticationMethod`,
      id: 'i',
    }));

    expect(readWith({ do: 'listMethods', user: read.user }, { value })).toEqual({
      did: 'listMethods',
      methods: [
        { kind: 'fido2', id: 'i' },
        { kind: 'hardwareOath', id: 'i' },
        { kind: 'other', id: 'i' },
      ],
    });
  });

  it('knows that a list of passes, which names no types, holds passes', () => {
    const lists: Lists = { ...ALL, methods: 'temporaryAccessPassMethods' };

    expect(readWith({ do: 'listMethods', user: read.user }, { value: [{ id: 'p' }] }, lists)).toEqual({
      did: 'listMethods',
      methods: [{ kind: 'temporaryAccessPass', id: 'p' }],
    });
  });

  it('reckons the end of a pass from its start, and tells one that policy will refuse', () => {
    const body = {
      id: 'p',
      temporaryAccessPass: 'canary-pass',
      startDateTime: '2026-01-05T12:00:00Z',
      lifetimeInMinutes: 60,
      isUsable: false,
      methodUsabilityReason: 'DisabledByPolicy',
    };

    const { minted } = readWith(mint, body) as Extract<DirectoryAnswer, { did: 'mintPass' }>;

    expect(minted).toMatchObject({ passId: 'p', usable: false, expiresAt: Date.UTC(2026, 0, 5, 13) });
    expect(JSON.stringify(minted)).not.toContain('canary-pass');
    expect(() => readWith(mint, { ...body, temporaryAccessPass: null })).toThrow(MalformedAnswer);
    expect(() => readWith(mint, { ...body, id: '' })).toThrow(MalformedAnswer);
  });

  it.each([
    {},
    { startDateTime: null, lifetimeInMinutes: null, isUsable: null, methodUsabilityReason: null },
    { startDateTime: 'now', lifetimeInMinutes: 0, methodUsabilityReason: 'EnabledByPolicy' },
  ])(
    'reckons with the time of the answer and the lifetime asked for where a pass leaves them out: %j',
    (left) => {
      expect(readWith(mint, { id: 'p', temporaryAccessPass: 'canary-pass', ...left })).toMatchObject({
        minted: { passId: 'p', expiresAt: ANSWERED_AT + 3_600_000, usable: true },
      });
    },
  );

  it('takes a pass that policy will refuse for unusable, whether or not it says so twice', () => {
    const body = { id: 'p', temporaryAccessPass: 'canary-pass', methodUsabilityReason: 'DisabledByPolicy' };

    expect(readWith(mint, body)).toMatchObject({ minted: { usable: false } });
  });
});

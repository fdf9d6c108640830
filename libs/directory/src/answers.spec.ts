import type { DirectoryAnswer } from '#core/accounts';
import { idOf } from '#core/shared';
import { MalformedAnswer, readAnswer } from './answers.js';

const read = { do: 'readUser', user: idOf<'entra object'>('u') } as const;
const user = { id: 'u', userPrincipalName: 'jo@a.b', accountEnabled: false };

describe('readAnswer', () => {
  it('reads a user, with null for what Graph leaves out', () => {
    const { user: seen } = readAnswer(read, {
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
      expect(() => readAnswer(read, body)).toThrow(MalformedAnswer);
    },
  );

  it('leaves directory roles and units out of the groups', () => {
    const value = [
      { '@odata.type': '#microsoft.graph.group', id: 'g' },
      { '@odata.type': '#microsoft.graph.directoryRole', id: 'r' },
    ];

    expect(readAnswer({ do: 'listGroups', user: read.user }, { value })).toEqual({
      did: 'listGroups',
      groups: ['g'],
    });
  });

  it('refuses a list without elements to read', () => {
    expect(() => readAnswer({ do: 'listGroups', user: read.user }, {})).toThrow(MalformedAnswer);
    expect(() => readAnswer({ do: 'listGroups', user: read.user }, { value: [{ id: 'g' }] })).toThrow(
      MalformedAnswer,
    );
  });

  it('names methods by kind, keeps unknown ones and leaves the password out', () => {
    const value = ['password', 'fido2', 'hardwareOath', 'somethingNew'].map((kind) => ({
      '@odata.type': `#microsoft.graph.${kind}AuthenticationMethod`,
      id: 'i',
    }));

    expect(readAnswer({ do: 'listMethods', user: read.user }, { value })).toEqual({
      did: 'listMethods',
      methods: [
        { kind: 'fido2', id: 'i' },
        { kind: 'other', id: 'hardwareOathMethods/i' },
        { kind: 'other', id: 'i' },
      ],
    });
  });

  it('reckons the end of a pass from its start, and tells one that policy will refuse', () => {
    const call = { do: 'mintPass', user: read.user, lifetimeMinutes: 60, usableOnce: true } as const;
    const body = {
      id: 'p',
      temporaryAccessPass: 'canary-pass',
      startDateTime: '2026-01-05T12:00:00Z',
      lifetimeInMinutes: 60,
      isUsable: false,
      methodUsabilityReason: 'DisabledByPolicy',
    };

    const { minted } = readAnswer(call, body) as Extract<DirectoryAnswer, { did: 'mintPass' }>;

    expect(minted).toMatchObject({ passId: 'p', usable: false, expiresAt: Date.UTC(2026, 0, 5, 13) });
    expect(JSON.stringify(minted)).not.toContain('canary-pass');
    expect(() => readAnswer(call, { ...body, temporaryAccessPass: null })).toThrow(MalformedAnswer);
  });
});

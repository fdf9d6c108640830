import { idOf, Secret } from '#core/shared';
import { FakeSecretBox } from '../testing/fake-secret-box.js';
import { HOLDS_NOTHING, isBare, passwordPlace, type MayHold } from './managed-account.js';

describe('a bare account', () => {
  it('holds nothing, or its object alone', () => {
    expect(isBare(HOLDS_NOTHING)).toBe(true);
    expect(isBare({ ...HOLDS_NOTHING, object: 'held' })).toBe(true);
  });

  const holdings: readonly Partial<MayHold>[] = [
    { enabled: 'maybe' },
    { enabled: 'held' },
    { roles: { [idOf<'entra role'>('reader')]: { certainty: 'maybe', assignmentId: null } } },
    { groups: { [idOf<'entra group'>('helpdesk')]: 'maybe' } },
    { pass: { certainty: 'maybe', passId: null } },
    { password: 'maybe' },
    { sessions: true },
    { methods: true },
  ];
  it.each(holdings)('does not possibly hold %j', (held) => {
    expect(isBare({ ...HOLDS_NOTHING, object: 'held', ...held })).toBe(false);
  });
});

describe("the place of an account's password", () => {
  const box = new FakeSecretBox();
  const account = { organizationId: idOf<'organization'>('msp'), id: idOf<'account'>('alice') };
  const sealed = box.seal(new Secret('password'), passwordPlace(account, 2));

  it('opens what was sealed for it', () => {
    expect(box.open(sealed, passwordPlace({ ...account }, 2)).expose()).toBe('password');
  });

  it.each([
    ['an older generation', passwordPlace(account, 1)],
    ['another account', passwordPlace({ ...account, id: idOf('bob') }, 2)],
    ['another organization', passwordPlace({ ...account, organizationId: idOf('other') }, 2)],
  ])('is not that of %s', (_whose, place) => {
    expect(() => box.open(sealed, place)).toThrow(
      expect.objectContaining({ code: 'secret.unreadable' }) as Error,
    );
  });
});

import { idOf, Secret } from '#core/shared';
import { FakeSecretBox } from '../testing/fake-secret-box.js';
import { passwordPlace } from './managed-account.js';

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

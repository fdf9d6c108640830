import fc from 'fast-check';
import { idOf } from '#core/shared';
import { FakeSecretBox } from '../testing/fake-secret-box.js';
import { isUsablePrefix, isUsableUsername } from '#core/tenancy';
import { accountMarked, accountName, localPart, markerOf, nextName, ownAccountMarked } from './naming.js';

const DOMAIN = 'contoso.example';
/** What Entra accepts before the @, as far as we use it. */
const ENTRA = /^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9_-])?$/;

const prefix = fc
  .stringMatching(/^[a-z0-9][a-z0-9_-]{0,15}$/)
  .filter((text) => text.length > 0 && isUsablePrefix(text));
const username = fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,39}$/).filter(isUsableUsername);

const everyName = (first: string): readonly string[] => {
  const next = nextName(first);
  return next === null ? [first] : [first, ...everyName(next)];
};

describe('the name of an account', () => {
  it('is prefix and username at the domain, in lower case', () => {
    expect(accountName({ prefix: 'jit-' }, { username: 'Alice', domain: 'Contoso.Example' })).toBe(
      'jit-alice@contoso.example',
    );
  });

  it('can be made of every usable prefix and username, and Entra accepts it', () => {
    fc.assert(
      fc.property(prefix, username, (before, name) => {
        const upn = accountName({ prefix: before }, { username: name, domain: DOMAIN });
        expect(localPart(upn)).toMatch(ENTRA);
        expect(localPart(upn)).not.toContain('..');
        expect(upn.endsWith(`@${DOMAIN}`)).toBe(true);
      }),
    );
  });

  it.each([
    ['ends with a dot', 'jit-', 'alice.'],
    ['has two dots in a row', 'jit-', 'a..b'],
    ['begins with a dash', '-', 'alice'],
    ['has a character that Entra refuses', 'jit-', 'al ice'],
    ['has an @ of its own', 'jit-', 'alice@evil'],
    ['has more than 64 characters', 'jit-', 'a'.repeat(61)],
    ['is empty', '', ''],
  ])('is refused when it %s', (_why, before, name) => {
    expect(() => accountName({ prefix: before }, { username: name, domain: DOMAIN })).toThrow(
      expect.objectContaining({ code: 'account.name_invalid' }) as Error,
    );
  });
});

describe('a username', () => {
  it.each(['a', '7', 'alice', 'alice.smith', 'a-b_c', 'alice.1', 'alice.10', 'a'.repeat(40)])(
    '%s is usable',
    (text) => {
      expect(isUsableUsername(text)).toBe(true);
    },
  );

  it.each(['', '.a', 'a.', '-a', 'a..b', 'Alice', 'alice.2', 'alice.9', 'é', 'a b', 'a'.repeat(41)])(
    '"%s" is not usable',
    (text) => {
      expect(isUsableUsername(text)).toBe(false);
    },
  );
});

describe('a prefix', () => {
  it.each(['j', 'jit-', 'j.t-', 'jit_', '0', 'a'.repeat(16)])('%s is usable', (text) => {
    expect(isUsablePrefix(text)).toBe(true);
  });

  it.each(['', '-', '.jit', 'Jit-', 'jit@', 'jit -', 'a'.repeat(17)])('"%s" is not usable', (text) => {
    expect(isUsablePrefix(text)).toBe(false);
  });
});

describe('the next name', () => {
  it('counts from .2 to .9 and then there is none', () => {
    const names = everyName('jit-alice@contoso.example').map(localPart);
    expect(names).toEqual(['jit-alice', ...[2, 3, 4, 5, 6, 7, 8, 9].map((count) => `jit-alice.${count}`)]);
  });

  it('is accepted by Entra too, and never comes twice', () => {
    fc.assert(
      fc.property(prefix, username, (before, name) => {
        const names = everyName(accountName({ prefix: before }, { username: name, domain: DOMAIN }));
        expect(new Set(names).size).toBe(9);
        for (const each of names) expect(localPart(each)).toMatch(ENTRA);
      }),
    );
  });

  it('does not exist for what is no name', () => {
    expect(nextName('alice')).toBeNull();
  });
});

describe('the marker', () => {
  const box = new FakeSecretBox();
  const accountId = idOf<'account'>('0190a000-0000-7000-8000-0000000000aa');
  const upn = 'jit-alice@contoso.example';
  const of = { organizationId: idOf<'organization'>('organization'), tenantId: 'tenant', accountId, upn };

  it('is the same for the same object, and fits into an extension attribute', () => {
    expect(markerOf(box, of)).toBe(markerOf(box, { ...of }));
    expect(markerOf(box, of)).toMatch(/^curfew3\./);
    expect(markerOf(box, of).length).toBeLessThanOrEqual(1_024);
  });

  it.each([
    ['organization', { organizationId: idOf<'organization'>('other') }],
    ['tenant', { tenantId: 'other' }],
    ['account', { accountId: idOf<'account'>('other') }],
    ['name', { upn: 'other@contoso.example' }],
  ])('is another for another %s', (_what, change) => {
    expect(markerOf(box, { ...of, ...change })).not.toBe(markerOf(box, of));
  });

  it('proves to the organization that made it whose account it is, and to no other', () => {
    const marker = markerOf(box, of);
    const other = { ...of, organizationId: idOf<'organization'>('other') };

    expect(accountMarked(box, { ...of, marker })).toBe(accountId);
    expect(ownAccountMarked(box, { ...of, marker })).toBe(accountId);
    expect(accountMarked(box, { ...other, marker })).toBeNull();
    expect(ownAccountMarked(box, { ...other, marker })).toBeNull();
  });

  it('of before, which names no organization, is believed only where its row is known', () => {
    const marker = `curfew2.${accountId}.${box.mark(['managed_account', 'tenant', accountId, upn])}`;

    expect(accountMarked(box, { ...of, marker })).toBeNull();
    expect(ownAccountMarked(box, { ...of, marker })).toBe(accountId);
    expect(ownAccountMarked(box, { ...of, marker, upn: 'ceo@contoso.example' })).toBeNull();
  });
});

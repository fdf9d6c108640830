import type { DirectoryCall } from '#core/accounts';
import { idOf, Secret, type ObjectId } from '#core/shared';
import { requestFor, usualAssignmentId, type Way } from './requests.js';

const WAY: Way = {
  graphHost: 'https://graph.microsoft.us',
  lists: { groups: 'memberOf', methods: 'methods' },
};
const user: ObjectId = idOf('u-1');
const wire = (call: DirectoryCall, lists = WAY.lists): string => {
  const request = requestFor(call, { ...WAY, lists });
  return `${request?.method} ${request?.path}`;
};

describe('requestFor', () => {
  it('creates an account disabled, with the marker and a password that stays', () => {
    const request = requestFor(
      {
        do: 'createUser',
        upn: 'jo@a.b',
        displayName: 'Jo',
        mailNickname: 'jo',
        marker: 'm',
        password: new Secret('p'),
      },
      WAY,
    );

    expect(request).toEqual({
      method: 'POST',
      path: '/users',
      body: {
        accountEnabled: false,
        displayName: 'Jo',
        mailNickname: 'jo',
        userPrincipalName: 'jo@a.b',
        passwordProfile: { password: 'p', forceChangePasswordNextSignIn: false },
        onPremisesExtensionAttributes: { extensionAttribute15: 'm' },
      },
    });
  });

  it('never forgets $ref, without which Graph would delete the user', () => {
    expect(wire({ do: 'removeFromGroup', user, groupId: idOf('g') })).toBe(
      'DELETE /groups/g/members/u-1/$ref',
    );
  });

  it('disables with nothing else in the body', () => {
    expect(requestFor({ do: 'disable', user }, WAY)?.body).toEqual({ accountEnabled: false });
  });

  it("names members by the URL of their own cloud's Graph", () => {
    expect(requestFor({ do: 'addToGroup', user, groupId: idOf('g') }, WAY)?.body).toEqual({
      '@odata.id': 'https://graph.microsoft.us/v1.0/directoryObjects/u-1',
    });
  });

  it('writes names so that no character of theirs means something in a URL', () => {
    expect(wire({ do: 'findUser', upn: 'a#b/c?d@x.y' })).toContain('/users/a%23b%2Fc%3Fd%40x.y?$select=id,');
    expect(wire({ do: 'findUser', upn: "$o'neill@x.y" })).toContain("/users('%24o''neill%40x.y')?$select=");
    expect(wire({ do: 'listRoleAssignments', user: idOf("x' or 1 eq 1") })).toContain(
      "principalId%20eq%20'x''%20or%201%20eq%201'",
    );
  });

  it('asks by name for what Graph leaves out otherwise', () => {
    expect(wire({ do: 'readUser', user })).toContain('accountEnabled');
    expect(wire({ do: 'readUser', user })).toContain('signInSessionsValidFromDateTime');
  });

  it('reads the lists that the permissions open', () => {
    const least = { groups: 'transitiveMemberOf', methods: 'temporaryAccessPassMethods' } as const;

    expect(wire({ do: 'listGroups', user })).toBe('GET /users/u-1/memberOf?$top=999');
    expect(wire({ do: 'listGroups', user }, least)).toBe('GET /users/u-1/transitiveMemberOf?$top=999');
    expect(wire({ do: 'listMethods', user })).toBe('GET /users/u-1/authentication/methods');
    expect(wire({ do: 'listMethods', user }, least)).toBe(
      'GET /users/u-1/authentication/temporaryAccessPassMethods',
    );
  });

  it('deletes each kind of method where it lives, and knows no way for one of an unknown kind', () => {
    const remove = (kind: 'fido2' | 'phone' | 'other', id: string): DirectoryCall => ({
      do: 'deleteMethod',
      user,
      method: { kind, id },
    });

    expect(wire(remove('fido2', 'k'))).toBe('DELETE /users/u-1/authentication/fido2Methods/k');
    expect(wire(remove('phone', 'k'))).toBe('DELETE /users/u-1/authentication/phoneMethods/k');
    expect(wire(remove('other', 'hardwareOathMethods/k'))).toBe(
      'DELETE /users/u-1/authentication/hardwareOathMethods/k',
    );
    expect(requestFor(remove('other', 'k'), WAY)).toBeNull();
  });
});

describe('usualAssignmentId', () => {
  it("is what Microsoft's own samples show", () => {
    const role = idOf<'entra role'>('62e90394-69f5-4237-9190-012177145e10');
    const principal = idOf<'entra object'>('a98eb769-7bd4-4489-86f6-ad96e1d58b62');

    expect(usualAssignmentId(role, principal)).toBe('lAPpYvVpN0KRkAEhdxReEGm3jqnUe4lEhvatluHVi2I-1');
  });

  it('is none for ids that are no GUIDs', () => {
    expect(usualAssignmentId(idOf('role'), user)).toBeNull();
  });
});

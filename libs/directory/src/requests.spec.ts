import type { DirectoryCall, MethodKind, RoleScope } from '#core/accounts';
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

  it('gives a body to the action that takes none: without one Graph refuses the whole batch', () => {
    expect(requestFor({ do: 'revokeSessions', user }, WAY)?.body).toEqual({});
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

  it('takes an id with half a character pair, which JSON may bring, for what it is: unknown', () => {
    const call = {
      do: 'unassignRole',
      user,
      roleId: idOf<'entra role'>('r'),
      assignmentId: 'a\uD800',
    } as const;

    expect(wire(call)).toBe('DELETE /roleManagement/directory/roleAssignments/a%EF%BF%BD');
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

  it.each<[MethodKind, string | null]>([
    ['temporaryAccessPass', 'temporaryAccessPassMethods/k'],
    ['fido2', 'fido2Methods/k'],
    ['softwareOath', 'softwareOathMethods/k'],
    ['microsoftAuthenticator', 'microsoftAuthenticatorMethods/k'],
    ['phone', 'phoneMethods/k'],
    ['windowsHelloForBusiness', 'windowsHelloForBusinessMethods/k'],
    ['email', 'emailMethods/k'],
    ['platformCredential', 'platformCredentialMethods/k'],
    ['external', 'externalAuthenticationMethods/k'],
    ['qrCodePin', 'qrCodePinMethod'],
    ['hardwareOath', null],
    ['other', null],
  ])(
    'deletes a method where its kind lives, and knows no way for one that v1.0 cannot delete: %s',
    (kind, path) => {
      const request = requestFor({ do: 'deleteMethod', user, method: { kind, id: 'k' } }, WAY);

      expect(request).toEqual(
        path === null ? null : { method: 'DELETE', path: `/users/u-1/authentication/${path}` },
      );
    },
  );

  it('gives a role in the scope that is named, in the whole tenant unless said', () => {
    const scopeOf = (scope?: RoleScope): unknown =>
      requestFor(
        { do: 'assignRole', user, roleId: idOf('r'), ...(scope === undefined ? {} : { scope }) },
        WAY,
      )?.body;

    expect(scopeOf()).toMatchObject({ directoryScopeId: '/' });
    expect(scopeOf('/administrativeUnits/a')).toMatchObject({ directoryScopeId: '/administrativeUnits/a' });
  });

  it('guesses the id of an assignment only in the whole tenant', () => {
    const scope = '/administrativeUnits/a';
    const call: DirectoryCall = { do: 'unassignRole', user, roleId: idOf('r'), assignmentId: null, scope };

    expect(requestFor(call, WAY)).toBeNull();
    expect(wire({ ...call, assignmentId: 'x-1' })).toBe(
      'DELETE /roleManagement/directory/roleAssignments/x-1',
    );
  });

  it('puts people into units and takes them out by reference', () => {
    const unitId = idOf<'entra unit'>('a');

    expect(requestFor({ do: 'addToUnit', user, unitId }, WAY)).toEqual({
      method: 'POST',
      path: '/directory/administrativeUnits/a/members/$ref',
      body: { '@odata.id': 'https://graph.microsoft.us/v1.0/directoryObjects/u-1' },
    });
    expect(wire({ do: 'removeFromUnit', user, unitId })).toBe(
      'DELETE /directory/administrativeUnits/a/members/u-1/$ref',
    );
  });

  it('lists schedules and eligibilities of one principal', () => {
    const filter = "?$filter=principalId%20eq%20'u-1'";

    expect(wire({ do: 'listRoleSchedules', user })).toBe(
      `GET /roleManagement/directory/roleAssignmentSchedules${filter}`,
    );
    expect(wire({ do: 'listEligibilities', user })).toBe(
      `GET /roleManagement/directory/roleEligibilitySchedules${filter}`,
    );
  });

  it('asks PIM for a role with an end and no start, so that our clock has no say', () => {
    const until = Date.UTC(2026, 0, 5, 13);
    const call = {
      do: 'assignRoleUntil',
      user,
      roleId: idOf<'entra role'>('r'),
      until,
      reason: 'T-1',
    } as const;

    expect(requestFor(call, WAY)).toEqual({
      method: 'POST',
      path: '/roleManagement/directory/roleAssignmentScheduleRequests',
      body: {
        action: 'adminAssign',
        principalId: 'u-1',
        roleDefinitionId: 'r',
        directoryScopeId: '/',
        justification: 'T-1',
        scheduleInfo: { expiration: { type: 'afterDateTime', endDateTime: '2026-01-05T13:00:00.000Z' } },
      },
    });
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 1e18])(
    'knows no way to an end that is no instant: %s',
    (until) => {
      const roleId = idOf<'entra role'>('r');

      expect(requestFor({ do: 'assignRoleUntil', user, roleId, until, reason: '' }, WAY)).toBeNull();
    },
  );

  it('moves the end of a role by an update, and never by an extension, which knows no sooner', () => {
    const roleId = idOf<'entra role'>('r');
    const until = Date.UTC(2026, 0, 5, 13);

    expect(requestFor({ do: 'changeTimedRole', user, roleId, until, reason: 'why' }, WAY)).toMatchObject({
      path: '/roleManagement/directory/roleAssignmentScheduleRequests',
      body: {
        action: 'adminUpdate',
        justification: 'why',
        scheduleInfo: { expiration: { type: 'afterDateTime', endDateTime: '2026-01-05T13:00:00.000Z' } },
      },
    });
  });

  it('asks PIM for an eligibility for good where no end is named, and to end each where it was given', () => {
    const roleId = idOf<'entra role'>('r');
    const scope = '/administrativeUnits/a';
    const forGood = { do: 'makeEligible', user, roleId, until: null, reason: '' } as const;

    expect(requestFor(forGood, WAY)).toMatchObject({
      path: '/roleManagement/directory/roleEligibilityScheduleRequests',
      body: { scheduleInfo: { expiration: { type: 'noExpiration' } } },
    });
    expect(requestFor({ do: 'endTimedRole', user, roleId, scope }, WAY)).toMatchObject({
      path: '/roleManagement/directory/roleAssignmentScheduleRequests',
      body: { action: 'adminRemove', directoryScopeId: scope },
    });
    expect(requestFor({ do: 'endEligibility', user, roleId }, WAY)).toMatchObject({
      path: '/roleManagement/directory/roleEligibilityScheduleRequests',
      body: { action: 'adminRemove', directoryScopeId: '/' },
    });
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

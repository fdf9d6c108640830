import type { DirectoryCall, MethodKind } from '#core/accounts';
import { idOf } from '#core/shared';
import { isPermitted, listsFor, missingPermissions, recommendedPermissions } from './permissions.js';

const user = idOf<'entra object'>('u');
const remove = (kind: MethodKind): DirectoryCall => ({ do: 'deleteMethod', user, method: { kind, id: 'm' } });

describe('permissions', () => {
  it('are all missing from a token without roles', () => {
    expect(missingPermissions(new Set())).toContain('User.EnableDisableAccount.All');
    expect(missingPermissions(new Set())).toHaveLength(10);
  });

  it('are covered by the higher ones that Microsoft documents', () => {
    const high = [
      'User.ReadWrite.All',
      'User.EnableDisableAccount.All',
      'User-PasswordProfile.ReadWrite.All',
      'UserAuthenticationMethod.ReadWrite.All',
      'Directory.ReadWrite.All',
      'RoleManagement.ReadWrite.Directory',
      'Domain.ReadWrite.All',
      'Policy.Read.All',
    ];

    expect(missingPermissions(new Set(high))).toEqual([]);
    expect(recommendedPermissions(new Set(high))).toEqual([]);
  });

  it('say whether a refusal can be about consent', () => {
    expect(isPermitted({ do: 'deleteUser', user }, new Set(['Directory.ReadWrite.All']))).toBe(false);
    expect(isPermitted({ do: 'disable', user }, new Set(['User.EnableDisableAccount.All']))).toBe(true);
    expect(isPermitted(remove('temporaryAccessPass'), new Set(['UserAuthMethod-TAP.ReadWrite.All']))).toBe(
      true,
    );
    expect(isPermitted(remove('fido2'), new Set(['UserAuthMethod-TAP.ReadWrite.All']))).toBe(false);
  });

  it.each([
    ['Directory.Read.All', 'memberOf'],
    ['GroupMember.ReadBasic.All', 'memberOf'],
    ['Group.Read.All', 'transitiveMemberOf'],
    ['User.Read.All', 'transitiveMemberOf'],
  ])('open a list of memberships: %s the one called %s', (role, groups) => {
    const roles = new Set([role]);

    expect(listsFor(roles).groups).toBe(groups);
    expect(isPermitted({ do: 'listGroups', user }, roles)).toBe(true);
    expect(missingPermissions(roles)).not.toContain('Group.Read.All');
    expect(recommendedPermissions(roles).includes('Directory.Read.All')).toBe(groups !== 'memberOf');
  });

  it('open no list of memberships when all that they allow is to change members', () => {
    const roles = new Set(['GroupMember.ReadWrite.All', 'Group.ReadWrite.All']);

    expect(isPermitted({ do: 'listGroups', user }, roles)).toBe(false);
    expect(missingPermissions(roles)).toContain('Group.Read.All');
  });

  it.each([
    [['UserAuthMethod-TAP.ReadWrite.All'], 'temporaryAccessPassMethods', true],
    [['UserAuthMethod-TAP.ReadWrite.All', 'UserAuthenticationMethod.Read.All'], 'methods', true],
    [['UserAuthenticationMethod.ReadWrite.All'], 'methods', true],
    [[], 'methods', false],
  ])('open the list of methods that shows most: %j', (roles, methods, permitted) => {
    expect(listsFor(new Set(roles)).methods).toBe(methods);
    expect(isPermitted({ do: 'listMethods', user }, new Set(roles))).toBe(permitted);
  });
});

import { isPermitted, missingPermissions } from './permissions.js';

describe('permissions', () => {
  it('are all missing from a token without roles', () => {
    expect(missingPermissions(new Set())).toContain('User.EnableDisableAccount.All');
    expect(missingPermissions(new Set())).toHaveLength(11);
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
  });

  it('say whether a refusal can be about consent', () => {
    expect(isPermitted('deleteUser', new Set(['Directory.ReadWrite.All']))).toBe(false);
    expect(isPermitted('disable', new Set(['User.EnableDisableAccount.All']))).toBe(true);
  });
});

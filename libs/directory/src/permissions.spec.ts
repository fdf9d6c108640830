import type { DirectoryCall, MethodKind } from '#core/accounts';
import { idOf } from '#core/shared';
import { isPermitted, listsFor, missingPermissions, recommendedPermissions } from './permissions.js';

const user = idOf<'entra object'>('u');
const remove = (kind: MethodKind): DirectoryCall => ({ do: 'deleteMethod', user, method: { kind, id: 'm' } });

const ROLE_CALLS: readonly DirectoryCall['do'][] = [
  'assignRoleUntil',
  'changeTimedRole',
  'endTimedRole',
  'listRoleSchedules',
  'makeEligible',
  'endEligibility',
  'listEligibilities',
];

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

  it.each<[string, MethodKind, boolean]>([
    ['UserAuthMethod-Passkey.ReadWrite.All', 'fido2', true],
    ['UserAuthMethod-Phone.ReadWrite.All', 'fido2', false],
    ['UserAuthMethod-Email.ReadWrite.All', 'email', true],
    ['UserAuthenticationMethod.ReadWrite.All', 'windowsHelloForBusiness', true],
    ['UserAuthenticationMethod.ReadWrite.All', 'other', true],
    ['UserAuthMethod-Passkey.ReadWrite.All', 'other', false],
  ])('%s lets methods of the kind %s be removed: %s', (role, kind, permitted) => {
    expect(isPermitted(remove(kind), new Set([role]))).toBe(permitted);
  });

  it.each<[string, readonly DirectoryCall['do'][]]>([
    ['RoleManagement.ReadWrite.Directory', ROLE_CALLS],
    [
      'RoleAssignmentSchedule.ReadWrite.Directory',
      ['assignRoleUntil', 'changeTimedRole', 'endTimedRole', 'listRoleSchedules'],
    ],
    ['RoleAssignmentSchedule.Remove.Directory', ['endTimedRole']],
    ['RoleAssignmentSchedule.Read.Directory', ['listRoleSchedules']],
    ['RoleEligibilitySchedule.ReadWrite.Directory', ['makeEligible', 'endEligibility', 'listEligibilities']],
    ['RoleEligibilitySchedule.Remove.Directory', ['endTimedRole']],
    ['RoleManagement.Read.All', ['listRoleSchedules', 'listEligibilities']],
    ['Directory.Read.All', []],
  ])('%s is good for these calls about timed roles, and no others: %j', (role, calls) => {
    const good = ROLE_CALLS.filter((kind) =>
      isPermitted({ do: kind, user } as DirectoryCall, new Set([role])),
    );

    expect(good).toEqual(ROLE_CALLS.filter((kind) => calls.includes(kind)));
  });

  it('say that units have one of their own', () => {
    const unitId = idOf<'entra unit'>('a');
    const roles = new Set(['AdministrativeUnit.ReadWrite.All']);

    expect(isPermitted({ do: 'addToUnit', user, unitId }, roles)).toBe(true);
    expect(isPermitted({ do: 'removeFromUnit', user, unitId }, roles)).toBe(true);
    expect(isPermitted({ do: 'removeFromUnit', user, unitId }, new Set(['Group.ReadWrite.All']))).toBe(false);
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

import { workloadOf } from './call-workload.js';

describe('workloadOf', () => {
  it('counts what disables, revokes and takes roles and groups to the directory', () => {
    for (const kind of [
      'disable',
      'revokeSessions',
      'unassignRole',
      'removeFromGroup',
      'deleteUser',
    ] as const)
      expect(workloadOf({ do: kind })).toBe('directory');
  });

  it('counts passes and methods to authentication methods, timed and eligible roles to PIM', () => {
    for (const kind of ['listMethods', 'mintPass', 'deleteMethod'] as const)
      expect(workloadOf({ do: kind })).toBe('authentication-methods');
    for (const kind of ['assignRoleUntil', 'endTimedRole', 'makeEligible', 'listEligibilities'] as const)
      expect(workloadOf({ do: kind })).toBe('pim');
  });
});

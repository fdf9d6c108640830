import { workloadOf, type DirectoryCall } from '#core/accounts';
import { idOf, Secret } from '#core/shared';
import { requestFor } from '../requests.js';
import { costOf } from './cost.js';

const user = idOf<'entra object'>('u');
const roleId = idOf<'entra role'>('r');
const timed = { user, roleId, reason: 'r' } as const;
const calls: Readonly<Record<DirectoryCall['do'], DirectoryCall>> = {
  createUser: {
    do: 'createUser',
    upn: 'jo@acme.example',
    displayName: 'Jo',
    mailNickname: 'jo',
    marker: 'm',
    password: new Secret('x'),
  },
  findUser: { do: 'findUser', upn: 'jo@acme.example' },
  readUser: { do: 'readUser', user },
  listRoleAssignments: { do: 'listRoleAssignments', user },
  listGroups: { do: 'listGroups', user },
  listMethods: { do: 'listMethods', user },
  enable: { do: 'enable', user },
  disable: { do: 'disable', user },
  revokeSessions: { do: 'revokeSessions', user },
  setPassword: { do: 'setPassword', user, password: new Secret('x') },
  deleteUser: { do: 'deleteUser', user },
  addToGroup: { do: 'addToGroup', user, groupId: idOf('g') },
  removeFromGroup: { do: 'removeFromGroup', user, groupId: idOf('g') },
  assignRole: { do: 'assignRole', user, roleId },
  unassignRole: { do: 'unassignRole', user, roleId, assignmentId: 'a' },
  mintPass: { do: 'mintPass', user, lifetimeMinutes: 60, usableOnce: false },
  deleteMethod: { do: 'deleteMethod', user, method: { kind: 'fido2', id: 'm' } },
  assignRoleUntil: { do: 'assignRoleUntil', ...timed, until: 1 },
  changeTimedRole: { do: 'changeTimedRole', ...timed, until: 1 },
  endTimedRole: { do: 'endTimedRole', user, roleId },
  listRoleSchedules: { do: 'listRoleSchedules', user },
  makeEligible: { do: 'makeEligible', ...timed, until: null },
  endEligibility: { do: 'endEligibility', user, roleId },
  listEligibilities: { do: 'listEligibilities', user },
  addToUnit: { do: 'addToUnit', user, unitId: idOf('n') },
  removeFromUnit: { do: 'removeFromUnit', user, unitId: idOf('n') },
};
const WAY = {
  graphHost: 'https://graph.example',
  lists: { groups: 'memberOf', methods: 'methods' },
} as const;
const pathOf = (call: DirectoryCall): string => requestFor(call, WAY)?.path ?? '';

/** By where the call really goes. */
const served = (path: string): string => {
  if (/^\/roleManagement\/directory\/role(Assignment|Eligibility)Schedule/.test(path)) return 'pim';
  return /^\/users\/[^/]+\/authentication\//.test(path) ? 'authentication-methods' : 'directory';
};

describe('the core and the adapter agree on which service carries a call out', () => {
  it.each(Object.values(calls))('$do', (call) => {
    expect(workloadOf(call)).toBe(served(pathOf(call)));
  });
});

describe('costOf', () => {
  it('counts every write as one, and readings as none', () => {
    for (const call of Object.values(calls)) {
      const request = requestFor(call, WAY);
      if (request === null) throw new Error(`${call.do} has no request.`);
      expect(costOf(request).writes).toBe(/^(list|read|find)/.test(call.do) ? 0 : 1);
      expect(costOf(request).units).toBe(call.do === 'listGroups' ? 2 : 1);
    }
  });
});

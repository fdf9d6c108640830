import type { DirectoryCall } from './directory.js';

type CallWorkload = 'directory' | 'pim' | 'authentication-methods';

const WORKLOADS: Readonly<Record<DirectoryCall['do'], CallWorkload>> = {
  createUser: 'directory',
  findUser: 'directory',
  readUser: 'directory',
  listRoleAssignments: 'directory',
  listGroups: 'directory',
  listMethods: 'authentication-methods',
  enable: 'directory',
  disable: 'directory',
  revokeSessions: 'directory',
  setPassword: 'directory',
  deleteUser: 'directory',
  addToGroup: 'directory',
  removeFromGroup: 'directory',
  assignRole: 'directory',
  unassignRole: 'directory',
  mintPass: 'authentication-methods',
  deleteMethod: 'authentication-methods',
  assignRoleUntil: 'pim',
  changeTimedRole: 'pim',
  endTimedRole: 'pim',
  listRoleSchedules: 'pim',
  makeEligible: 'pim',
  endEligibility: 'pim',
  listEligibilities: 'pim',
  addToUnit: 'directory',
  removeFromUnit: 'directory',
};

/** Which part of Graph carries the call out: each throttles apart from the others. */
export const workloadOf = ({ do: kind }: Pick<DirectoryCall, 'do'>): CallWorkload => WORKLOADS[kind];

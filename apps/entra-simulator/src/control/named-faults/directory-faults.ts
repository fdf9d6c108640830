import type { NamedFault } from '../contract.js';
import { anyGraph, from } from './entry.js';

const newUser = { method: 'POST', path: '/users' };
const changedUser = { method: 'PATCH', path: '/users/*' };
const newMember = { method: 'POST', path: '/groups/*/members/$ref' };
const roleAssignments = '/roleManagement/directory/roleAssignments';
const scheduleRequests = '/roleManagement/directory/roleAssignmentScheduleRequests';

/** What replicas, and the checks that read from them, have not heard of yet. */
const lagging: readonly NamedFault[] = [
  {
    name: 'not-yet-there',
    tells: 'A new user is answered 201, and for 10 s no replica knows it: 404 on whatever names it.',
    ...from('S015 N3 D'),
    always: 'a tenant with `lags`',
    rule: { match: newUser, effect: { lagMs: 10_000 } },
  },
  {
    name: 'replica-flapping',
    tells: 'For up to 20 s after any write, eight replicas disagree: old and new state alternate.',
    ...from('S016 N4 I'),
    always: 'a tenant whose `lags` have a range and several `replicas`',
    rule: {
      match: { method: 'write', path: anyGraph },
      effect: { lagMs: 20_000, fromMs: 0, replicas: 8 },
    },
  },
  {
    name: 'role-removal-not-seen-yet',
    tells: 'A role is taken, and for 30 s the authorisation check goes on protecting the user: 403.',
    ...from('S038 N9 ?'),
    always: 'a tenant with `lags.authorisation`',
    rule: {
      match: { method: 'DELETE', path: `${roleAssignments}/*` },
      effect: { lagMs: 30_000, of: ['authorisation'] },
    },
  },
  {
    name: 'pass-404-after-create',
    tells:
      'For 20 s after its create the methods workload alone does not know a user: a pass is answered 404.',
    ...from('S084 N16 C'),
    always: 'a tenant with `lags.methods`',
    rule: { match: newUser, effect: { lagMs: 20_000, of: ['methods'] } },
  },
  {
    name: '204-but-not-yet',
    tells: 'A change of a user is answered 204 at once and made only 15 s later.',
    ...from('- - I'),
    rule: { match: changedUser, times: 1, effect: { deferMs: 15_000 } },
  },
];

/** Refusals of what is right, or of what another try would be allowed to do. */
const refusals: readonly NamedFault[] = [
  {
    name: 'transient-400',
    tells: 'A good create is refused as invalid, twice, and nothing is made; the third is taken.',
    ...from('S027 N7 C'),
    rule: { match: newUser, times: 2, effect: { status: 400 } },
  },
  {
    name: 'admin-untouchable',
    tells: 'A user with an admin role can be neither disabled nor reset: 403, and it stays as it was.',
    ...from('S037 N8 D'),
    always: 'an app without `directoryRoles`',
    rule: { match: changedUser, effect: { withoutRoles: true } },
  },
  {
    name: 'combined-patch-403',
    tells: 'Disabling and resetting in one request is refused as a whole, and the account stays enabled.',
    ...from('S040 N10 I'),
    always: 'an app that may do only one of the two',
    rule: {
      match: { ...changedUser, body: '^(?=.*"accountEnabled")(?=.*"passwordProfile")' },
      effect: { status: 403 },
    },
  },
  {
    name: 'concurrency-409',
    tells: 'A change of a user is said to have met another one and is not made.',
    ...from('S047 N11 I'),
    always: 'the switch `concurrentWriteConflicts`',
    rule: { match: changedUser, times: 1, effect: { status: 409 } },
  },
  {
    name: 'member-not-yet-there',
    tells: 'Adding a new user to a group is answered 404 twice although the user can be read.',
    ...from('S052 N12 D'),
    always: 'a tenant with `lags.directory`',
    rule: { match: newMember, times: 2, effect: { status: 404 } },
  },
  {
    name: 'member-not-yet-there-400',
    tells: 'The same in the other words that are known: 400, an object being referenced does not exist.',
    ...from('S052 N12 C'),
    always: 'a tenant with `lags.directory` and the switch `newMemberNotFound`',
    rule: {
      match: newMember,
      times: 2,
      effect: {
        status: 400,
        message: "The source resource object or one of the objects being referenced don't exist.",
      },
    },
  },
  {
    name: 'dynamic-group-403',
    tells: 'Adding to a group is refused as if consent were missing, and nobody is added.',
    ...from('S056 N13 I'),
    always: 'a group that is `dynamic`',
    rule: { match: newMember, effect: { status: 403 } },
  },
  {
    name: 'conflicting-assignment',
    tells: 'A role is assigned, and the answer says that a conflicting object is there.',
    ...from('S063 N14 I'),
    always: 'assigning a role that is held',
    rule: { match: { method: 'POST', path: roleAssignments }, times: 1, effect: { twice: true } },
  },
  {
    name: 'pim-too-short',
    tells: 'For 5 minutes an activated role cannot be taken through PIM, and stays.',
    ...from('S075 N15 I'),
    always: 'any role within five minutes of its activation through PIM',
    rule: {
      match: { method: 'POST', path: scheduleRequests, body: '^.*"action":"adminRemove"' },
      forMs: 300_000,
      effect: {
        status: 400,
        code: 'ActiveDurationTooShort',
        message: 'The Active duration is too short. Miniumum Required is 5 minutes.',
      },
    },
  },
  {
    name: 'restricted-unit-403',
    tells: 'A user in a restricted management unit is not changed, whatever the app may.',
    ...from('S098 N20 D'),
    always: 'a user in an administrative unit with `isMemberManagementRestricted`',
    rule: {
      match: changedUser,
      effect: {
        status: 403,
        message:
          'This user is a member of a restricted management administrative unit. Management rights are limited to administrators scoped on that administrative unit.',
      },
    },
  },
  {
    name: 'quota-403',
    tells: 'A create is refused because the tenant is full, and nothing is made.',
    ...from('S048 - I'),
    always: 'a tenant with a `quota` that is used up',
    rule: {
      match: newUser,
      times: 1,
      effect: {
        status: 403,
        code: 'Directory_QuotaExceeded',
        message: 'The directory object quota limit is exceeded.',
      },
    },
  },
  {
    name: 'spurious-403',
    tells: 'For 10 s, as after a consent that has not spread yet, everything is refused and nothing is done.',
    ...from('- - C'),
    rule: { match: { path: anyGraph }, forMs: 10_000, effect: { status: 403 } },
  },
];

export const directoryFaults: readonly NamedFault[] = [...lagging, ...refusals];

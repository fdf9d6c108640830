import type { DirectoryCall } from '#core/accounts';
import type { Instant } from '#core/shared';
import type { GraphRequest } from './graph-answer.js';

type Gives = Extract<DirectoryCall, { readonly do: 'assignRoleUntil' | 'changeTimedRole' | 'makeEligible' }>;
type Ends = Extract<DirectoryCall, { readonly do: 'endTimedRole' | 'endEligibility' }>;

const COLLECTION: Readonly<Record<(Gives | Ends)['do'], string>> = {
  assignRoleUntil: 'roleAssignmentScheduleRequests',
  changeTimedRole: 'roleAssignmentScheduleRequests',
  endTimedRole: 'roleAssignmentScheduleRequests',
  makeEligible: 'roleEligibilityScheduleRequests',
  endEligibility: 'roleEligibilityScheduleRequests',
};

const request = (call: Gives | Ends, rest: object): GraphRequest => ({
  method: 'POST',
  path: `/roleManagement/directory/${COLLECTION[call.do]}`,
  body: {
    principalId: call.user,
    roleDefinitionId: call.roleId,
    directoryScopeId: call.scope ?? '/',
    ...rest,
  },
});

const expirationAt = (until: Instant | null): object =>
  until === null
    ? { type: 'noExpiration' }
    : { type: 'afterDateTime', endDateTime: new Date(until).toISOString() };

/** `adminExtend` would only move it later. Without a start it begins when Graph takes it: our clock has no say. Null for an end that is no instant. */
export const giveTimed = (call: Gives): GraphRequest | null =>
  call.until !== null && Number.isNaN(new Date(call.until).getTime())
    ? null
    : request(call, {
        action: call.do === 'changeTimedRole' ? 'adminUpdate' : 'adminAssign',
        justification: call.reason,
        scheduleInfo: { expiration: expirationAt(call.until) },
      });

/** A tenant's rules may ask for a justification here too. */
export const endTimed = (call: Ends): GraphRequest =>
  request(call, { action: 'adminRemove', justification: 'Curfew: the access is over.' });

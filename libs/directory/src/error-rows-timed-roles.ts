import { later, never, type CallKind, type ErrorRow } from './error-row.js';

const GIVES: readonly CallKind[] = ['assignRoleUntil', 'makeEligible'];
const CHANGES: readonly CallKind[] = ['changeTimedRole'];
const ENDS: readonly CallKind[] = ['endTimedRole', 'endEligibility'];
const ALL: readonly CallKind[] = [...GIVES, ...CHANGES, ...ENDS, 'listRoleSchedules', 'listEligibilities'];
/** One page has these codes on 404, another on 400. */
const REFUSED = [400, 403, 404, 409];
/** A request that was taken: what it came to stands in its status. */
const TAKEN = [200, 201];

/** PIM has codes of its own, and the same one may come with different statuses. They go before all rows by status. */
export const TIMED_ROLE_ROWS: readonly ErrorRow[] = [
  {
    status: REFUSED,
    calls: GIVES,
    words: /RoleAssignmentExists|Role assignment already exists/i,
    means: 'already',
    why: 'The user holds it or is about to, perhaps until another end or for good: read the schedules.',
    evidence: 'I: terraform-provider-azuread#1306, M365DSC#5532',
  },
  {
    status: REFUSED,
    calls: ENDS,
    words: /RoleAssignmentDoesNotExist|Role assignment does not exist/i,
    means: 'already',
    why: 'Also said of what was removed by a request whose answer was lost. Only an empty list of schedules is proof.',
    evidence: 'I: measured live; D: beta/governanceroleassignmentrequest-post',
  },
  {
    status: REFUSED,
    calls: CHANGES,
    words: /RoleAssignmentDoesNotExist|Role assignment does not exist/i,
    means: never('gone'),
    why: 'There is nothing whose end could be moved: it is over, was taken, or PIM does not know it yet.',
    evidence: 'D: beta/governanceroleassignmentrequest-post',
  },
  {
    status: REFUSED,
    calls: ENDS,
    words: /ActiveDurationTooShort|active duration is too short/i,
    means: later('too_soon'),
    why: 'A role can’t be taken through PIM in the first five minutes. Disabling the account is not affected.',
    evidence: 'I: measured by others',
  },
  {
    status: REFUSED,
    calls: [...GIVES, ...CHANGES],
    words: /ActiveDurationTooShort|active duration is too short/i,
    means: never('invalid'),
    why: 'PIM gives nothing for less than five minutes.',
    evidence: 'I: measured by others',
  },
  {
    status: [...REFUSED, 423],
    calls: ALL,
    words: /PendingRoleAssignmentRequest|ResourceIsLocked/i,
    means: later('conflict'),
    why: 'Another request for the same role and user is under way; usual after an answer that was lost.',
    evidence: 'D: beta/governanceroleassignmentrequest-post',
  },
  {
    status: REFUSED,
    calls: ALL,
    words: /PolicyValidationFailed|policy rules failed/i,
    means: never('forbidden_by_policy'),
    why: 'The role settings of the tenant forbid it (duration, justification, ticket, MFA); the message names the rules.',
    evidence: 'I: azure-docs#80426',
  },
  {
    status: REFUSED,
    calls: ALL,
    words: /InvalidScope/i,
    means: never('invalid'),
    why: 'The role can’t be given in that scope.',
    evidence: 'I: issue threads on schedule requests',
  },
  {
    status: REFUSED,
    calls: ALL,
    words: /SubjectNotFound|RoleNotFound/i,
    means: later('replication'),
    why: 'PIM gets to know a new user or role within seconds, at times two minutes.',
    evidence: 'C: terraform-provider-azuread, eligibility schedule request; I: msgraph-sdk-dotnet#2772',
  },
  {
    status: TAKEN,
    calls: [...GIVES, ...CHANGES, ...ENDS],
    code: /^Denied$/i,
    means: never('forbidden_by_policy'),
    why: 'The request was taken and then denied by an approver.',
    evidence: 'D: resources/request, status',
  },
  {
    status: TAKEN,
    calls: [...GIVES, ...CHANGES, ...ENDS],
    code: /^(Failed|Canceled|Revoked)$/i,
    means: later('unanswered'),
    why: 'The request was taken and came to nothing, or to something: read the schedules.',
    evidence: 'D: resources/request, status',
  },
];

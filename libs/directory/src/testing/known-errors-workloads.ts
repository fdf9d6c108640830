import type { CallKind, Evidence } from '../error-row.js';
import { denied, missing, NOT_THERE, row, withFacts, type KnownError } from './known-error.js';

const GIVES = ['assignRoleUntil', 'makeEligible'] as const;
const CHANGES = ['changeTimedRole'] as const;
const ENDS = ['endTimedRole', 'endEligibility'] as const;
const LISTS = ['listRoleSchedules', 'listEligibilities'] as const;
/** The older API documents these as 400; a client that lives with the newer one sees some of them as 404. */
const pim =
  (code: string, text: string, source: Evidence) =>
  (means: string, ...calls: readonly CallKind[]) =>
    [400, 404].flatMap((status) => row(status, code)(text, source)(means, ...calls));

const TIMED_ROLES: readonly KnownError[] = [
  ...row(400, 'AadPremiumLicenseRequired')(
    'The tenant needs to have Microsoft Entra ID P2 or Microsoft Entra ID Governance license.',
    'I: issue threads',
  )('licence_missing never', ...GIVES, ...CHANGES, ...ENDS, ...LISTS),
  ...pim(
    'RoleAssignmentExists',
    'The Role assignment already exists.',
    'I: M365DSC#5532, Terraform#1306',
  )('already', ...GIVES),
  ...pim('roleassignmentexists', '', 'D: enum case differs from page to page')('already', ...GIVES),
  ...pim(
    'RoleAssignmentDoesNotExist',
    'The Role assignment does not exist.',
    'D: beta/governanceroleassignmentrequest-post; I: measured live',
  )('already', ...ENDS),
  ...pim(
    'RoleAssignmentDoesNotExist',
    'The Role assignment does not exist.',
    'D: beta/governanceroleassignmentrequest-post',
  )('gone never', ...CHANGES),
  ...pim(
    'RoleAssignmentRequestPolicyValidationFailed',
    'The following policy rules failed: ["ExpirationRule"]',
    'I: azure-docs#80426',
  )('forbidden_by_policy never', ...GIVES, ...CHANGES, ...ENDS),
  ...pim(
    'ActiveDurationTooShort',
    'The Active duration is too short. Miniumum Required is 5 minutes.',
    'I: measured by others',
  )('too_soon later', ...ENDS),
  ...pim(
    'ActiveDurationTooShort',
    'The Active duration is too short. Miniumum Required is 5 minutes.',
    'I: measured by others',
  )('invalid never', ...GIVES, ...CHANGES),
  ...pim('InvalidScope', 'The scope is invalid.', 'I: issue threads')('invalid never', ...GIVES),
  ...pim('SubjectNotFound', 'The subject is not found.', 'C: Terraform, eligibility schedule request')(
    'replication later',
    ...GIVES,
    ...ENDS,
  ),
  ...pim('RoleNotFound', 'The role is not found.', 'C: Terraform, eligibility schedule request')(
    'replication later',
    ...GIVES,
    ...ENDS,
  ),
  ...pim(
    'PendingRoleAssignmentRequest',
    'There is already an existing pending Role assignment request.',
    'D: beta/governanceroleassignmentrequest-post',
  )('conflict later', ...GIVES, ...ENDS),
  ...pim('ResourceIsLocked', 'The resource is locked.', 'D: beta/governanceroleassignmentrequest-post')(
    'conflict later',
    ...GIVES,
    ...ENDS,
  ),
  ...missing(NOT_THERE, '?: chosen, only an empty list is proof')('replication later', ...ENDS),
  ...row(403, 'PermissionScopeNotGranted')(
    'Authorization failed due to missing permission scope RoleAssignmentSchedule.ReadWrite.Directory.',
    'I: issue threads',
  )('consent_missing never', ...GIVES, ...ENDS, ...LISTS),
  ...row(201, 'Denied')('', 'D: resources/request, status')('forbidden_by_policy never', ...GIVES),
  ...row(201, 'Failed')('', 'D: resources/request, status')('unanswered later', ...GIVES, ...ENDS),
];

const METHODS: readonly KnownError[] = [
  ...row(400, 'badRequest')(
    'Invalid LifetimeInMinutes specified. The valid range between 60 and 480.',
    'I: microsoft-graph-docs#12187',
  )('invalid never', 'mintPass'),
  ...row(403, 'accessDenied')('Request Authorization failed', 'I: issue threads')(
    'directory_role_missing later',
    'mintPass',
    'deleteMethod',
    'listMethods',
  ),
  ...withFacts(
    { permitted: false },
    row(403, 'accessDenied')('Request Authorization failed', 'I: issue threads')(
      'consent_missing never',
      'mintPass',
      'deleteMethod',
      'listMethods',
    ),
  ),
  ...row(404, 'resourceNotFound')('The requested resource could not be found.', 'C: CIPP')(
    'replication later',
    'mintPass',
    'listMethods',
  ),
  ...row(404, 'resourceNotFound')('The requested resource could not be found.', 'I: issue threads')(
    'already',
    'deleteMethod',
  ),
  ...row(400, 'badRequest')(
    'Cannot delete default method with other methods configured. Please change default method before deletion.',
    'I: microsoft-graph-docs#14470',
  )('conflict later', 'deleteMethod'),
  ...row(400, 'badRequest')(
    "The requested authentication method id of [x] matches the user's current default authentication method, and cannot be deleted until the default authentication method is changed",
    'I: microsoft-graph-docs#18091; D: phoneauthenticationmethod-delete',
  )('conflict later', 'deleteMethod'),
];

const OTHER_WORKLOADS: readonly KnownError[] = [
  ...row(403, 'Authentication_MSGraphPermissionMissing')(
    'The principal does not have required Microsoft Graph permission(s): AuditLog.Read.All to call this API.',
    'I: measured live',
  )('consent_missing never', 'readUser', 'listRoleAssignments'),
  ...row(403, 'Authentication_RequestFromNonPremiumTenantOrB2CTenant')(
    "Neither tenant is B2C or tenant doesn't have premium license",
    'D: known-issues',
  )('licence_missing later', 'readUser', 'listRoleAssignments'),
  ...[400, 403].flatMap((status) =>
    row(status, 'AccessDenied')('Your tenant is not licensed for this feature', 'I: issue threads')(
      'licence_missing never',
      'listRoleAssignments',
    ),
  ),
  ...row(403, 'AccessDenied')(
    'You cannot perform the requested operation, required scopes are missing in the token.',
    'I: issue threads',
  )('consent_missing never', 'listRoleAssignments'),
  ...denied(
    'When using this permission, the backing application of the service principal being created must in the local tenant',
    'C: Terraform, service principal',
  )('replication later', 'createUser'),
  ...row(410, 'resyncRequired')('', 'D: delta-query-overview')('gone never', 'listRoleAssignments'),
];

const ANY: readonly KnownError[] = [
  ...row(0, null)('', 'I: msgraph-sdk-javascript#330')('unanswered later', 'createUser', 'disable'),
  ...row(429, 'TooManyRequests')('Please retry again later.', 'D: throttling')(
    'throttled later',
    'disable',
    'mintPass',
    'assignRoleUntil',
  ),
  ...row(401, 'InvalidAuthenticationToken')(
    'Lifetime validation failed, the token is expired.',
    'I: issue threads',
  )('credential_bad later', 'disable'),
  ...row(401, 'InvalidAuthenticationToken')('Access token is empty.', 'I: issue threads')(
    'credential_bad later',
    'disable',
  ),
  ...withFacts(
    { inBatch: true },
    row(401, 'InvalidAuthenticationToken')(
      'Lifetime validation failed, the token is expired.',
      'I: issue threads',
    )('unanswered later', 'disable'),
  ),
  ...withFacts(
    { inBatch: true },
    row(424, 'FailedDependency')('', 'D: json-batching')('not_tried later', 'assignRole', 'assignRoleUntil'),
  ),
  ...row(424, null)('', 'D: json-batching, 2021')('unanswered later', 'disable'),
  ...[408, 500, 502, 503, 504, 509].flatMap((status) =>
    row(status, null)('', 'C: RetryHandler of the JavaScript client')(
      'unanswered later',
      'createUser',
      'deleteUser',
      'endTimedRole',
    ),
  ),
  ...row(412, null)('', 'D: graph/errors')('unanswered later', 'enable'),
  ...row(423, null)('', 'D: graph/errors')('conflict later', 'enable', 'endTimedRole'),
  ...[405, 406, 411, 413, 414, 415, 501].flatMap((status) =>
    row(status, null)('', 'D: graph/errors')('invalid never', 'addToUnit'),
  ),
  ...[200, 302, 401, 403, 404, 500].flatMap((status) =>
    withFacts(
      { isPage: true },
      row(status, null)('', '?: chosen')('unanswered later', 'disable', 'deleteUser', 'addToGroup'),
    ),
  ),
  ...withFacts({ isPage: true }, row(429, null)('', 'D: throttling')('throttled later', 'disable')),
];

/** Refusals of the services beside the directory, and what any of them may answer. */
export const WORKLOAD_ERRORS: readonly KnownError[] = [
  ...TIMED_ROLES,
  ...METHODS,
  ...OTHER_WORKLOADS,
  ...ANY,
];

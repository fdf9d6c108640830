import { bad, denied, missing, NOT_THERE, row, withFacts, type KnownError } from './known-error.js';

const unsupported = row(400, 'Request_UnsupportedQuery');
const INSUFFICIENT = 'Insufficient privileges to complete the operation.';
const CONFLICTING =
  'A conflicting object with one or more of the specified property values is present in the directory.';
const SYNCED =
  'Unable to update the specified properties for on-premises mastered Directory Sync objects or objects currently undergoing migration.';
const ALREADY_IN =
  "One or more added object references already exist for the following modified properties: 'members'.";
const NOT_IN =
  "One or more removed object references do not exist for the following modified properties: 'members'.";
const WEAK =
  'The specified password does not comply with password complexity requirements. Please provide a different password.';
const DOMAIN =
  'The domain portion of the userPrincipalName property is invalid. You must use one of the verified domain names in your organization. InvalidValue';

const USERS: readonly KnownError[] = [
  ...bad('$count is not currently supported.', 'D: aad-advanced-queries')('invalid never', 'findUser'),
  ...bad('The request uses a filter property that is not indexed', 'D: aad-advanced-queries')(
    'invalid never',
    'listRoleAssignments',
  ),
  ...unsupported('Unsupported Query.', 'D: aad-advanced-queries')('invalid never', 'listGroups'),
  ...unsupported(
    "Request with $search query parameter only works through MSGraph with a special request header: 'ConsistencyLevel: eventual'",
    'D: aad-advanced-queries',
  )('invalid never', 'listGroups'),
  ...bad(
    'Another object with the same value for property userPrincipalName already exists. ObjectConflict',
    'I: microsoft-graph-docs#1508, docs-contrib#8421',
  )('conflict never', 'createUser'),
  ...bad(WEAK, 'I: learn answers 2104165')('invalid never', 'createUser', 'setPassword'),
  ...bad(DOMAIN, 'I: issue threads')('invalid never', 'createUser'),
  ...bad('One or more properties contains invalid values.', 'I: docs-contrib#6967, #2683')(
    'invalid never',
    'createUser',
  ),
  ...bad(
    "Invalid value specified for property 'mailNickname' of resource 'User'. InvalidValue",
    'I: microsoft-graph-docs#5777',
  )('invalid never', 'createUser'),
  ...bad("A value is required for property 'mailNickname' of resource 'User'.", 'D: Azure AD Graph errors')(
    'invalid never',
    'createUser',
  ),
  ...bad("Invalid property 'x'.", '?: wire text not documented')('invalid never', 'createUser'),
  ...bad('One or more property values specified are invalid', 'C: Terraform, user create')(
    'replication later',
    'createUser',
  ),
  ...bad(SYNCED, 'I: issue threads')('invalid never', 'setPassword', 'enable'),
  ...missing(NOT_THERE, 'I: everywhere')(
    'replication later',
    'enable',
    'disable',
    'setPassword',
    'revokeSessions',
    'listGroups',
    'listMethods',
    'mintPass',
    'assignRole',
  ),
  ...missing(NOT_THERE, 'D: user-delete')('already', 'deleteUser'),
  ...row(409, 'Directory_ConcurrencyViolation')(
    'Error due to concurrent requests being made to the tenant. Please wait briefly and retry.',
    'I: issue threads',
  )('unanswered later', 'enable', 'addToGroup', 'assignRole', 'assignRoleUntil'),
  ...row(403, 'Directory_QuotaExceeded')(
    'The directory object quota limit for the Tenant has been exceeded.',
    'I: issue threads',
  )('quota never', 'createUser', 'addToGroup'),
  ...bad('License assignment cannot be done for user with invalid usage location.', 'I: CIPP')(
    'replication later',
    'enable',
  ),
  ...denied(INSUFFICIENT, 'D: user-update; I: microsoft-graph-docs#22112')(
    'directory_role_missing later',
    'enable',
    'disable',
    'setPassword',
    'deleteUser',
    'revokeSessions',
  ),
  ...withFacts(
    { permitted: false },
    denied(INSUFFICIENT, 'D: permissions data')(
      'consent_missing never',
      'createUser',
      'disable',
      'assignRole',
      'addToGroup',
      'addToUnit',
    ),
  ),
];

const GROUPS_AND_UNITS: readonly KnownError[] = [
  ...bad(
    "The source resource object or one of the objects being referenced don't exist.",
    'D: group-post-members',
  )('replication later', 'addToGroup', 'addToUnit'),
  ...missing(NOT_THERE, 'D: group-post-members')('replication later', 'addToGroup', 'addToUnit'),
  ...withFacts(
    { namesTarget: true },
    missing(NOT_THERE, 'D: group-post-members')('gone never', 'addToGroup', 'addToUnit'),
  ),
  ...bad(ALREADY_IN, 'I: canvas-lms specs')('already', 'addToGroup', 'addToUnit'),
  ...bad('The user is already a member of the group.', '?: words differ from page to page')(
    'already',
    'addToGroup',
    'addToUnit',
  ),
  ...bad(NOT_IN, 'I: canvas-lms specs')('already', 'removeFromGroup', 'removeFromUnit'),
  ...missing(NOT_THERE, 'I: canvas-lms specs; C: Vault')('already', 'removeFromGroup', 'removeFromUnit'),
  ...bad(
    'The group must have at least one owner, hence this owner cannot be removed.',
    'I: canvas-lms specs',
  )('invalid never', 'removeFromGroup'),
  ...bad('Cannot Update a mail-enabled security groups and or distribution list.', 'I: CIPP tests')(
    'not_manageable never',
    'addToGroup',
    'removeFromGroup',
  ),
  ...bad(SYNCED, 'I: issue threads')('not_manageable never', 'addToGroup', 'removeFromGroup'),
  ...denied(INSUFFICIENT, 'I: CIPP#468, msgraph-sdk-powershell#1539')(
    'not_manageable never',
    'addToGroup',
    'removeFromGroup',
    'addToUnit',
    'removeFromUnit',
  ),
  ...denied(
    'This user is a member of a restricted management administrative unit. Management rights are limited to administrators scoped on that administrative unit.',
    'D: admin-units-restricted-management',
  )('directory_role_missing later', 'disable', 'setPassword', 'deleteUser', 'addToGroup', 'deleteMethod'),
];

const ROLES: readonly KnownError[] = [
  ...bad(CONFLICTING, 'I: issue threads')('already', 'assignRole'),
  ...row(409, 'Request_MultipleObjectsWithSameKeyValue')(CONFLICTING, 'I: cross-tenant variant')(
    'already',
    'assignRole',
  ),
  ...missing(NOT_THERE, 'I: Terraform#1035, microsoft-graph-docs#18218')('replication later', 'assignRole'),
  ...missing(NOT_THERE, 'D: unifiedroleassignment-delete')('already', 'unassignRole'),
  ...bad(
    'The given built-in role is not supported to be assigned to a single resource scope.',
    'D: admin-units',
  )('invalid never', 'assignRole', 'assignRoleUntil', 'makeEligible'),
];

/** Refusals of the directory itself. */
export const DIRECTORY_ERRORS: readonly KnownError[] = [...USERS, ...GROUPS_AND_UNITS, ...ROLES];

import { later, never, type CallKind, type ErrorRow } from './error-row.js';
import { ANSWER_ROWS } from './error-rows-answer.js';
import { TIMED_ROLE_ROWS } from './error-rows-timed-roles.js';

const REMOVALS: readonly CallKind[] = [
  'deleteUser',
  'removeFromGroup',
  'removeFromUnit',
  'unassignRole',
  'deleteMethod',
];
const JOINS: readonly CallKind[] = ['addToGroup', 'addToUnit'];
const MEMBERSHIP: readonly CallKind[] = [...JOINS, 'removeFromGroup', 'removeFromUnit'];
/** A protected user may be touched in these ways only by a service principal with the directory role. */
const SENSITIVE: readonly CallKind[] = ['enable', 'disable', 'setPassword', 'deleteUser', 'revokeSessions'];
const METHODS: readonly CallKind[] = ['mintPass', 'deleteMethod', 'listMethods'];
/** What was to be made is there: words and codes differ from page to page and from workload to workload. */
const TAKEN =
  /already exist|conflicting object|ObjectConflict|RoleAssignmentExists|MultipleObjectsWithSameKeyValue/i;
const ABSENT = /(do|does)( not|n['’]t) exist|DoesNotExist|not (an? )?(\w+ )?member/i;

/** Refusals whose own words tell what they are about, whatever the token holds. */
const PLAIN_WORDS: readonly ErrorRow[] = [
  {
    status: [400, 403],
    words: /AadPremiumLicenseRequired|Entra ID P2 or Microsoft Entra ID Governance license/i,
    means: never('licence_missing'),
    why: 'Time-bound and eligible roles need Entra ID P2 or Governance.',
    evidence: 'I: issue threads on schedule requests',
  },
  {
    status: [400, 403],
    words: /RequestFromNonPremiumTenantOrB2CTenant|tenant doesn['’]t have premium license/i,
    means: later('licence_missing'),
    why: 'Sign-in logs need P1; Graph says so now and then of licensed tenants too.',
    evidence: 'D: graph/known-issues',
  },
  {
    status: [400, 403],
    text: /not licensed for this feature/i,
    means: never('licence_missing'),
    why: 'Conditional Access needs P1.',
    evidence: 'I: issue threads on conditional access',
  },
  {
    status: [400, 403],
    code: /QuotaExceeded/i,
    means: never('quota'),
    why: 'The tenant is full, or the app owns too much.',
    evidence: 'I: issue threads on Directory_QuotaExceeded',
  },
  {
    status: [403],
    words: /MSGraphPermissionMissing|PermissionScopeNotGranted|required scopes are missing in the token/i,
    means: never('consent_missing'),
    why: 'Reports, PIM and Conditional Access name the missing consent in words of their own.',
    evidence: 'I: measured live',
  },
  {
    status: [403],
    text: /restricted management administrative unit/i,
    means: later('directory_role_missing'),
    why: 'No Graph permission helps, only a directory role of our service principal in that unit.',
    evidence: 'D: entra/admin-units-restricted-management',
  },
  {
    status: [403],
    text: /backing application/i,
    means: later('replication'),
    why: 'A service principal that was made a moment ago isn’t known everywhere.',
    evidence: 'C: terraform-provider-azuread, service principal',
  },
];

/** It is there, or gone, already; or can't be seen yet. */
const THERE_OR_NOT: readonly ErrorRow[] = [
  {
    status: [404],
    calls: REMOVALS,
    means: 'already',
    why: 'What is to be gone is gone, or a replica doesn’t know it yet: the read-back tells.',
    evidence: 'D: unifiedroleassignment-delete; C: Vault takes 204 and 404 on removal alike',
  },
  {
    status: [400],
    calls: ['removeFromGroup', 'removeFromUnit', 'unassignRole'],
    words: ABSENT,
    means: 'already',
    why: 'Removed elsewhere a moment ago.',
    evidence: 'I: canvas-lms specs; C: M365DSC for the role’s own code',
  },
  {
    status: [400, 409],
    calls: JOINS,
    words: /already (an? )?(\w+ )?member/i,
    means: 'already',
    why: 'Already a member.',
    evidence: 'D: group-post-members',
  },
  {
    status: [400, 409],
    calls: [...JOINS, 'assignRole'],
    words: TAKEN,
    means: 'already',
    why: 'Already a member, or the role is assigned already (the id of the assignment isn’t told).',
    evidence: 'I: issue threads; 409 is the cross-tenant variant',
  },
  {
    status: [400, 409],
    calls: ['createUser'],
    words: TAKEN,
    means: never('conflict'),
    why: 'The name is taken, be it by us after a lost answer: it is looked up.',
    evidence: 'I: microsoft-graph-docs#1508',
  },
  {
    status: [404],
    calls: JOINS,
    namesTarget: true,
    means: never('gone'),
    why: 'The group or unit itself is not there.',
    evidence: 'D: group-post-members',
  },
  {
    status: [404],
    means: later('replication'),
    why: 'Normal for seconds, at times minutes, after a create. Whether a user is gone for good is told by reading.',
    evidence: 'D: group-post-members; C: Terraform, Vault, CIPP',
  },
  {
    status: [400],
    words:
      /objects being referenced (do|does)( not|n['’]t) exist|reference-property objects are not present/i,
    means: later('replication'),
    why: 'As 404.',
    evidence: 'D: group-post-members',
  },
  {
    status: [400],
    text: /^One or more property values specified are invalid/i,
    means: later('replication'),
    why: 'Comes on good bodies and goes away on the next try.',
    evidence: 'C: terraform-provider-azuread, user and group create',
  },
  {
    status: [400],
    text: /invalid usage location/i,
    means: later('replication'),
    why: 'The usage location that was just set isn’t seen yet; without one it stays.',
    evidence: 'I: issue threads on assignLicense',
  },
  {
    status: [409, 412],
    means: later('unanswered'),
    why: 'Two writes met: wait briefly and repeat.',
    evidence: 'I: terraform-provider-azuread#1768',
  },
];

/** 403 has one body for many causes: the token's roles and the call tell them apart. */
const FORBIDDEN: readonly ErrorRow[] = [
  {
    status: [403],
    permitted: false,
    means: never('consent_missing'),
    why: 'None of the permissions that are good for this call is in our token.',
    evidence: 'D: permissions data of Microsoft Graph',
  },
  {
    status: [403],
    calls: SENSITIVE,
    means: later('directory_role_missing'),
    why: 'The user holds a role, or is in a role-assignable group. Later, since the user may lose it.',
    evidence: 'D: user-update',
  },
  {
    status: [403],
    calls: METHODS,
    means: later('directory_role_missing'),
    why: 'The consent is there, so it is the user that is protected.',
    evidence: 'I: issue threads on accessDenied',
  },
  {
    status: [403],
    calls: MEMBERSHIP,
    means: never('not_manageable'),
    why: 'Dynamic groups and units answer as if consent were missing.',
    evidence: 'I: CIPP#468, msgraph-sdk-powershell#1539',
  },
];

/** Refused for what was asked: nothing but another request helps. */
const CONTENT: readonly ErrorRow[] = [
  {
    status: [400],
    calls: MEMBERSHIP,
    text: /mail-enabled security|on-premises mastered/i,
    means: never('not_manageable'),
    why: 'Managed in Exchange or in the local directory.',
    evidence: 'I: CIPP tests',
  },
  {
    status: [400],
    calls: ['deleteMethod'],
    text: /default (authentication )?method/i,
    means: later('conflict'),
    why: 'The default method goes last: send it again after the others.',
    evidence: 'D: phoneauthenticationmethod-delete; I: microsoft-graph-docs#14470, #18091',
  },
  {
    status: [400],
    calls: ['mintPass'],
    code: /^badRequest$/i,
    means: never('invalid'),
    why: 'Outside the policy’s limits, or reusable where only one use is allowed.',
    evidence: 'I: microsoft-graph-docs#12187',
  },
  {
    status: [400],
    text: /password complexity|domain portion of the userPrincipalName|contains? invalid values?|Invalid value specified/i,
    means: never('invalid'),
    why: 'Password, domain, name or nickname.',
    evidence: 'I: learn answers 2104165, microsoft-graph-docs#5777',
  },
  {
    status: [400],
    text: /A value is required|Invalid property|on-premises mastered|at least one owner/i,
    means: never('invalid'),
    why: 'A property is missing, unknown or not ours to change.',
    evidence: 'D: Azure AD Graph errors; I: issue threads',
  },
  {
    status: [400],
    text: /not supported to be assigned/i,
    means: never('invalid'),
    why: 'This role can’t be given in a unit.',
    evidence: 'D: entra/admin-units-assign-roles',
  },
  {
    status: [400],
    words: /Request_UnsupportedQuery|is not currently supported|property that is not indexed/i,
    means: never('invalid'),
    why: 'A query that this endpoint doesn’t do, or only with ConsistencyLevel.',
    evidence: 'D: graph/aad-advanced-queries',
  },
];

/** The one table of what a failed call means; the first row that fits decides. */
export const ERROR_TABLE: readonly ErrorRow[] = [
  ...TIMED_ROLE_ROWS,
  ...ANSWER_ROWS,
  ...PLAIN_WORDS,
  ...THERE_OR_NOT,
  ...FORBIDDEN,
  ...CONTENT,
];

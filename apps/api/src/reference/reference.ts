import { accessErrors, certificateErrors } from '#core/access';
import { customerImportErrors } from '#core/tenancy';
import { validatingErrors } from '#core/validating';
import type { AuditAction } from '#core/audit';
import { accountErrors, directoryErrors } from '#core/accounts';
import { grantErrors, holdErrors } from '#core/grants';
import {
  identityErrors,
  mayAtAll,
  PERMISSIONS,
  seesAll,
  type Permission,
  type TechnicianRole,
} from '#core/identity';
import { consentingErrors } from '#core/consenting';
import { keysErrors } from '#core/keys';
import { provingErrors } from '#core/proving';
import { sharedErrors, type ErrorDefinition } from '#core/shared';
import { routes, type Route } from '#contracts';
import { statusOfCode } from '../http/error-to-problem.js';
import { requestErrors } from '../http/request.errors.js';

/** Every code that a caller may be told, with what it means. */
export const errorCatalog: Readonly<Record<string, ErrorDefinition>> = {
  ...accessErrors.definitions,
  ...certificateErrors.definitions,
  ...validatingErrors.definitions,
  ...customerImportErrors.definitions,
  ...accountErrors.definitions,
  ...consentingErrors.definitions,
  ...directoryErrors.definitions,
  ...grantErrors.definitions,
  ...holdErrors.definitions,
  ...identityErrors.definitions,
  ...keysErrors.definitions,
  ...provingErrors.definitions,
  ...sharedErrors.definitions,
  ...requestErrors.definitions,
};

/** The generated pages of docs/reference, by path. */
export const referencePages = (): Readonly<Record<string, string>> => ({
  'docs/reference/errors.md': errorsPage(),
  'docs/reference/permissions.md': permissionsPage(),
  'docs/reference/audit-events.md': auditEventsPage(),
});

const MADE = 'Made by `npm run gen`; change the code, not this page.';

const errorsPage = (): string => {
  const rows = Object.entries(errorCatalog)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([code, { kind, title, remedy }]) => {
      const cells = [`\`${code}\``, String(statusOfCode(code, kind)), title, remedy];
      return row(cells);
    });
  return [
    '# Errors',
    '',
    MADE,
    '',
    'Every refusal is a problem document (RFC 9457) with one of these codes. A code never changes its meaning and is never',
    'renamed; texts may be mended. `requestId` names the line of the log.',
    '',
    row(['code', 'status', 'what it means', 'what to do']),
    row(['---', '---', '---', '---']),
    ...rows,
    '',
  ].join('\n');
};

const ROLES = [
  'owner',
  'admin',
  'approver',
  'technician',
  'auditor',
] as const satisfies readonly TechnicianRole[];

const permissionsPage = (): string =>
  [
    '# Permissions',
    '',
    MADE,
    '',
    '`all`: of everything in the organization; `own`: only of what belongs to oneself. A thing that one may not see is',
    'answered as if it did not exist.',
    '',
    row(['permission', ...ROLES, 'routes']),
    row(['---', ...ROLES.map(() => '---'), '---']),
    ...PERMISSIONS.map((permission) =>
      row([`\`${permission}\``, ...ROLES.map((role) => reach(role, permission)), routesOf(permission)]),
    ),
    '',
  ].join('\n');

const reach = (role: TechnicianRole, permission: Permission): string => {
  if (seesAll(role, permission)) return 'all';
  return mayAtAll(role, permission) ? 'own' : '–';
};

const routesOf = (permission: Permission): string =>
  Object.values<Route>(routes)
    .filter((route) => route.permission === permission)
    .map(({ method, path }) => `\`${method} ${path.replace('/api/v1', '')}\``)
    .join(', ');

const actions = {
  'access_policy.changed':
    'An access policy was changed or archived; `details` is what it says from then on.',
  'access_policy.created': 'An access policy was made.',
  'access_request.cancelled': 'An access request was taken back before its grant began.',
  'access_request.requested': 'Somebody asked for access: which policy, how long, why.',
  'account.adopted':
    'An account was found in Entra that Curfew had made without learning of it, and taken over.',
  'account.conflicted':
    'The name of an account belongs to a user that Curfew did not make; that user is left alone.',
  'account.created': 'An account was made in Entra.',
  'account.deleted':
    'A read-back no longer found an account that was to go: `details` says why it was to go, and when Graph read.',
  'account.disabled_unplanned':
    'An account whose row could not be planned was disabled on its object id alone: look at the row.',
  'account.taken_from_memory':
    'What an account held was taken away while the database was unreachable, or may have been (`details.certain` is `false`); the row follows.',
  'account.drifted':
    'An account was found otherwise than Curfew had left it; `details.found` says how. What nothing gives is taken away.',
  'account.retired': 'Nobody has needed an account for long: it is deleted from Entra, and that is proven.',
  'account.orphan_contained':
    'A user of ours that no account knows was disabled, its sessions revoked, and stripped of what it held.',
  'account.orphan_found':
    'A user with a marker like ours is the object of no account; `details.verdict` says whether it is acted upon.',
  'api_token.created': 'An API token was made.',
  'api_token.revoked': 'An API token was made worthless.',
  'consent.link_made':
    "A link was made by which an admin of the customer consents to the organization's app; one from before is void.",
  'consent.proven':
    "Entra was asked whether the customer's tenant has consented: what came of it, and in which tenant.",
  'consent.told': 'Somebody came back by a consent link; `details` says with what answer, which is no proof.',
  'consent.withdrawn': 'A consent link, or what came of it, was made void.',
  'credential.requested': 'Somebody asked to see a credential. Written before anything is shown.',
  'credential.revealed': 'A credential was shown.',
  'customer.created': 'A customer was added.',
  'customer.markers_unkept':
    'More users of a tenant bear a marker like ours than are kept; `details.users` are these. None of them is touched.',
  'certificate.made': 'A certificate was made for the app of a customer; it is not in use yet.',
  'certificate.discarded': 'A certificate that was made for the app of a customer was thrown away, unused.',
  'revoker_credential.changed':
    'The revoker was given a credential of its own at a customer, or it was exchanged.',
  'role_ceiling.changed':
    'An owner said which directory roles may be given at most; `details.noLonger` names those that may no longer be.',
  'revoker_credential.removed': "The revoker's own credential at a customer was taken away.",
  'customer.removal_begun':
    'A customer is to go: everything there ends; `details.notClosed` names the accounts that are not proven closed yet.',
  'deployment.accepted':
    'After a restored backup somebody at the console answered for a customer whose tenant was not compared.',
  'deployment.compared_again':
    'After a restored backup a customer was compared from the beginning: what no row gives is taken away.',
  'customer.validated':
    'Validate looked the tenant over; `details` names the lines that failed and those that warn.',
  'customer.removed': 'A customer went, every account of ours there being proven closed or left behind.',
  'entra_connection.changed': "A customer's Entra connection was made, or its credential exchanged.",
  'entra_connection.left_behind':
    'Accounts were given up without proof, by name; `details` says why, and what each may still hold.',
  'entra_connection.removal_begun':
    'An Entra connection is to go: everything there ends; `details.notClosed` names the accounts not proven closed yet.',
  'entra_connection.removed': 'An Entra connection and its credential were deleted.',
  'grant.activated': 'Everything that the grant gives was accepted by Entra.',
  'grant.end_requested': 'A grant is to end before its time; `details.reason` says why.',
  'grant.ended': 'A read-back proved that nothing of the grant is left; the proof is in `details`.',
  'grant.expired': 'The end of a grant has come.',
  'grant.extended': 'The end of a grant was moved later.',
  'grant.failed': 'A grant could not be given; what was given of it is taken away.',
  'grant.left_behind': 'A grant whose end nobody will prove: its account was left behind.',
  'grant.moved':
    "A customer's own access policy took the place of an organization-wide one, and the grant stands on it from then on: what the" +
    ' one gave and what is left.',
  'grant.scheduled': 'A grant came of an access request.',
  'grant.shortened': 'The end of a grant was moved earlier, because its access policy allows less by now.',
  'grant.starting': 'A grant begins: its account is being made ready.',
  'grant.taken_away': 'Entra has accepted every take-away of the grant.',
  'hold.lifted': 'A kill switch was lifted: access can be asked for again. What it ended stays ended.',
  'hold.placed': 'A kill switch was pulled: whom it stops, why, and how many accounts it found to close.',
  'hold.repeated': 'A kill switch that stands was pulled once more: what is not closed is tried at once.',
  'organization.changed':
    'A setting of the organization was changed; `details` is what it says from then on.',
  'organization_app.changed':
    "The organization's own app registration, or its credential, was changed; every customer that uses it goes on with that.",
  'organization_app.removed': "The organization's own app registration was taken away.",
  'organization.resealed':
    'What stood sealed under older encryption keys was sealed anew under `details.key`; no value changed.',
  'organization.created': 'The organization was made.',
  'take_back.failed':
    'A canary could not be taken back as promised: nothing with roles of `details.tier` is given at the customer; `details` says why.',
  'take_back.found_again':
    'What Curfew needs to take back roles of `details.tier` is there again: a canary is run, and access given once it has proven it.',
  'take_back.lost':
    'What Curfew needs to take back roles of `details.tier` is there no more: nothing with them is given at the customer.',
  'take_back.not_given': 'A canary could not be given anything, so it has shown nothing; `details` says why.',
  'take_back.proven':
    'Canaries were given a role of `details.tier`, and all of it was taken back and read back.',
  'take_back.started':
    'Canaries were begun: throw-away accounts, in the customer for five minutes at the most.',
  'technician.created': 'A person was added to the organization.',
  'technician.left': 'A person left for good: tokens, grants and accounts are taken away everywhere.',
  'technician.reinstated': 'A suspended person was let in again; what ended meanwhile stays ended.',
  'technician.role_changed': 'A person was given another role.',
  'technician.suspended': 'A person was stopped: no token lets in, and every grant ends.',
  'technician_group.archived': 'A technician group entitles nobody any more.',
  'technician_group.changed': 'A technician group was renamed.',
  'technician_group.created': 'A technician group was made.',
  'technician_group.members_changed':
    'Who is in a technician group was changed; `details` names who came and went.',
  'validation_run.begun':
    'Validate was begun for many customers; each is told of by an entry of its own. `details.customers` says how many.',
  'validation_run.cancelled':
    'A validation run was cancelled; `details.cancelled` says how many customers waited.',
} as const satisfies Record<AuditAction, string>;

const auditEventsPage = (): string =>
  [
    '# Audit events',
    '',
    MADE,
    '',
    'Each entry is written in the transaction of what it speaks of, and none is ever changed or removed. No entry holds a',
    'secret.',
    '',
    row(['action', 'what happened']),
    row(['---', '---']),
    ...Object.entries(actions).map(([action, meaning]) => row([`\`${action}\``, meaning])),
    '',
  ].join('\n');

/** A bar would end the cell. */
const row = (cells: readonly string[]): string =>
  `| ${cells.map((cell) => cell.replace(/\|/g, '\\|')).join(' | ')} |`;

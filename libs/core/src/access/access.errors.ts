import { defineErrors } from '#core/shared';

export const accessErrors = defineErrors({
  'access_policy.not_found': {
    kind: 'not_found',
    title: 'There is no such access policy.',
    remedy: 'List the policies of this customer with GET /api/v1/access-policies?customerId=…',
  },
  'access_policy.other_customer': {
    kind: 'invalid',
    title: 'This access policy is not for this customer.',
    remedy: "Use an organization-wide policy or one of this customer's own.",
  },
  'access_policy.archived': {
    kind: 'conflict',
    title: 'This access policy is no longer in use.',
    remedy: 'Choose another one.',
  },
  'access_policy.overridden': {
    kind: 'conflict',
    title:
      'This customer has an access policy of its own by that name, which stands in the place of this one.',
    remedy: 'Ask for the one whose id is in `policyId`.',
  },
  'access_policy.not_entitled': {
    kind: 'forbidden',
    title: 'This access policy is for technician groups that you are in none of.',
    remedy: 'Ask an admin to add you to one of its groups, or choose another access policy.',
  },
  'access_policy.changed_meanwhile': {
    kind: 'conflict',
    title: 'The access policy was changed by somebody else since you read it.',
    remedy: 'Read it again, then repeat your change on the newer version.',
  },
  'access_policy.durations_invalid': {
    kind: 'invalid',
    title: 'The default duration is longer than the maximum.',
    remedy: 'Give a default no longer than the maximum.',
  },
  'access_policy.duration_out_of_range': {
    kind: 'invalid',
    title: 'A duration of this access policy is shorter than 30 seconds or longer than 7 days.',
    remedy: 'Choose durations between 30 and 604800 seconds.',
  },
  'access_policy.ticket_pattern_invalid': {
    kind: 'invalid',
    title: 'No ticket can be held against this pattern; `reason` says why.',
    remedy:
      'Write `#` for a digit, `@` for a letter, `?` for either, `+` after one of them for one or more, and `\\` before a sign ' +
      'that stands for itself: `INC-#######`, `T########.####` or `#+`. At least one of the signs is needed; `*`, `^`, `$`, `|` ' +
      'and brackets mean nothing here.',
  },
  'access_policy.ticket_patterns_too_many': {
    kind: 'invalid',
    title: 'This access policy names more ticket patterns than Curfew allows.',
    remedy: 'Name no more than `maximum`.',
  },
  'access_policy.ticket_pattern_unused': {
    kind: 'invalid',
    title: 'This access policy has a pattern for tickets and asks for none.',
    remedy: 'Set `ticket` to optional or required, or leave `ticketPatterns` out.',
  },
  'access_policy.time_zone_unknown': {
    kind: 'invalid',
    title: 'There is no such time zone.',
    remedy:
      'Name one of the IANA time zone database, such as Europe/Zurich or UTC; an offset like +01:00 is none.',
  },
  'access_policy.hours_empty': {
    kind: 'invalid',
    title: 'The allowed hours of this access policy name no time, so nobody could ever use it.',
    remedy: 'Name at least one window with a day, or leave `allowedHours` out to allow any time.',
  },
  'access_policy.above_role_ceiling': {
    kind: 'conflict',
    title:
      'This access policy names roles that the organization does not let anybody be given; `roles` says which.',
    remedy: 'Leave them out, or have an owner raise the ceiling with PUT /api/v1/role-ceiling.',
  },
  'access_policy.withheld': {
    kind: 'conflict',
    title:
      'The organization no longer lets anybody be given what this access policy gives; `roles` says what.',
    remedy: 'Choose another access policy, or have an owner raise the ceiling with PUT /api/v1/role-ceiling.',
  },
  'role_ceiling.changed_meanwhile': {
    kind: 'conflict',
    title: 'The ceiling of roles was changed by somebody else since you read it.',
    remedy: 'Read it again with GET /api/v1/role-ceiling, then repeat your change on the newer version.',
  },
  'access_policy.unit_needs_customer': {
    kind: 'invalid',
    title:
      'A role in an administrative unit can only be given by a policy of one customer: a unit is of one tenant.',
    remedy: 'Name the customer in `customerId`, or give the role in the whole tenant (`roles`).',
  },
  'access_policy.gives_nothing': {
    kind: 'invalid',
    title: 'This access policy names neither a role nor a group.',
    remedy: 'Name at least one role or group.',
  },
  'access_policy.pass_unavailable': {
    kind: 'conflict',
    title: "This customer's tenant has Temporary Access Passes switched off.",
    remedy: 'Switch them on in Entra (Authentication methods), or use a policy with a password.',
  },
  'entra_connection.tenant_taken': {
    kind: 'conflict',
    title:
      'Another customer of yours is connected to this tenant already: consent to the app of your organization is for one customer alone.',
    remedy:
      'Check which customer the tenant belongs to; `customerId` names the one that has it. To move it, remove the connection there first.',
  },
  'entra_connection.federation_unavailable': {
    kind: 'conflict',
    title: 'This deployment has no workload identity that vouches for your organization.',
    remedy:
      'Use a certificate; or have whoever runs the deployment set CURFEW_FEDERATED_TOKEN_FILE, and name your organization in ' +
      'CURFEW_FEDERATED_ORGANIZATION.',
  },
  'entra_connection.credential_end_past': {
    kind: 'invalid',
    title: 'The credential is said to have ended already.',
    remedy: 'Give in `credentialEndsAt` when it will end, or leave it out when you do not know.',
  },
  'access_request.not_found': {
    kind: 'not_found',
    title: 'There is no such access request.',
    remedy: 'Check the id; list yours with GET /api/v1/access-requests.',
  },
  'access_request.duration_too_long': {
    kind: 'invalid',
    title: 'The duration is longer than the access policy allows.',
    remedy: 'Ask for no more than maximumSeconds.',
  },
  'access_request.duration_too_short': {
    kind: 'invalid',
    title: 'The duration is too short for an account to be made and taken away.',
    remedy: 'Ask for at least 30 seconds.',
  },
  'access_request.reason_required': {
    kind: 'invalid',
    title: 'This access policy asks for a reason.',
    remedy: 'Fill in `reason`.',
  },
  'access_request.ticket_required': {
    kind: 'invalid',
    title: 'This access policy asks for a ticket number.',
    remedy: 'Fill in `ticket`.',
  },
  'access_request.ticket_mismatch': {
    kind: 'invalid',
    title: 'The ticket does not look like those that this access policy takes; `patterns` shows them.',
    remedy:
      'Give it as one of `patterns`: `#` is a digit, `@` a letter, `?` either, `+` one or more of the sign before it.',
  },
  'access_request.outside_hours': {
    kind: 'invalid',
    title: 'This access policy cannot be used at that time.',
    remedy: 'Ask for a start at or after `opensAt`; `timeZone` says whose hours they are.',
  },
  'access_request.beyond_hours': {
    kind: 'invalid',
    title: 'The hours in which this access policy may be used close before the end that you ask for.',
    remedy: 'Ask for no more than `maximumSeconds`, or leave the duration out: it then ends with the hours.',
  },
  'access_request.start_out_of_range': {
    kind: 'invalid',
    title: 'The start lies in the past, or more than 30 days ahead.',
    remedy: 'Leave `startsAt` out to start at once, or name an instant within 30 days.',
  },
  'access_request.duplicate': {
    kind: 'conflict',
    title: 'You already have a grant of this access policy at this customer in that time.',
    remedy: 'Use or extend that grant; its id is in `grantId`.',
  },
  'access_request.too_many_open': {
    kind: 'conflict',
    title: 'As many grants as Curfew allows are open on your account at this customer.',
    remedy:
      'Cancel access requests that you do not need, or end grants, then ask again. A grant counts until its end is proven, ' +
      'some seconds after it.',
  },
  'access_request.not_cancellable': {
    kind: 'conflict',
    title: 'This access request can no longer be cancelled.',
    remedy: 'End its grant with POST /api/v1/grants/{id}/end.',
  },
  'customer.not_found': {
    kind: 'not_found',
    title: 'There is no such customer.',
    remedy: 'List your customers with GET /api/v1/customers.',
  },
  'entra_connection.not_found': {
    kind: 'not_found',
    title: 'This customer has no Entra connection yet.',
    remedy: 'Connect it with PUT /api/v1/customers/{id}/entra-connection.',
  },
  'entra_connection.changed_meanwhile': {
    kind: 'conflict',
    title: 'The Entra connection was changed by somebody else at the same moment.',
    remedy: 'Read it again, then repeat your change if it still applies.',
  },
  'entra_connection.tenant_fixed': {
    kind: 'conflict',
    title: 'Accounts were made in the tenant that this customer is connected to, so it cannot be exchanged.',
    remedy: 'Create another customer for the other tenant.',
  },
  'validation.not_found': {
    kind: 'not_found',
    title: 'Validate has not been run for this customer yet.',
    remedy: 'Run it: POST /customers/{id}/entra-connection/validate.',
  },
  'revoker_credential.not_found': {
    kind: 'not_found',
    title: 'The revoker has no credential of its own at this customer.',
    remedy: 'Give it one with PUT /api/v1/customers/{id}/entra-connection/revoker-credential.',
  },
  'revoker_credential.same': {
    kind: 'invalid',
    title: "This is the connection's own credential: it would be refused together with it.",
    remedy: 'Use another app registration, or at least another secret or certificate of the same one.',
  },
  'revoker_credential.changed_meanwhile': {
    kind: 'conflict',
    title: "The revoker's credential, or the connection, was changed by somebody else at the same moment.",
    remedy: 'Read it again, then repeat your change if it still applies.',
  },
  'customer.credential_refused': {
    kind: 'conflict',
    title: "Entra refuses Curfew's credential for this customer, so nothing can be given there.",
    remedy:
      'Exchange the credential with PUT /api/v1/customers/{id}/entra-connection; running grants are ended all the same ' +
      'where the revoker has a credential of its own.',
  },
  'entra_connection.removing': {
    kind: 'conflict',
    title: 'This Entra connection is being removed; until that is done, nothing new can be made of it.',
    remedy:
      'See what is left with GET /api/v1/customers/{id}/removal. When all is proven closed it goes by itself, and you can ' +
      'connect the customer again.',
  },
  'entra_connection.not_removing': {
    kind: 'conflict',
    title: 'Accounts are left behind only where the Entra connection is being removed.',
    remedy: 'Begin with DELETE /api/v1/customers/{id}/entra-connection, and see what does not close.',
  },
  'entra_connection.list_differs': {
    kind: 'conflict',
    title:
      'These are not the accounts that are left: somebody who leaves them behind must have seen the present list.',
    remedy:
      'Read GET /api/v1/customers/{id}/removal, look at each account, and name exactly those in notClosed.',
  },
  'customer.removed': {
    kind: 'conflict',
    title: 'This customer is being removed, or was.',
    remedy: 'Create the customer anew once GET /api/v1/customers/{id}/removal says that it is removed.',
  },
  'customer.not_connected': {
    kind: 'conflict',
    title: 'This customer has no Entra connection yet.',
    remedy: 'Connect it with PUT /api/v1/customers/{id}/entra-connection.',
  },
});

import { defineErrors } from '#core/shared';

export const identityErrors = defineErrors({
  'technician.exists': {
    kind: 'conflict',
    title: 'A technician with this username exists already.',
    remedy: 'Choose another username.',
  },
  'technician.not_found': {
    kind: 'not_found',
    title: 'There is no such technician.',
    remedy: 'Check the spelling of organization and username.',
  },
  'technician.left': {
    kind: 'conflict',
    title: 'This technician has left, which is final.',
    remedy: 'Create a new technician with another username when the person comes back.',
  },
  'technician.last_owner': {
    kind: 'conflict',
    title: 'This is the last active owner of the organization.',
    remedy: 'Make somebody else an owner first.',
  },
  'technician.is_owner': {
    kind: 'forbidden',
    title: 'Only an owner may change an owner, or make somebody one.',
    remedy: 'Ask an owner of your organization.',
  },
  'technician_group.not_found': {
    kind: 'not_found',
    title: 'There is no such technician group.',
    remedy: 'List the groups with GET /api/v1/technician-groups.',
  },
  'technician_group.exists': {
    kind: 'conflict',
    title: 'A technician group with this name exists already, or did before it was archived.',
    remedy: 'Choose another name.',
  },
  'technician_group.archived': {
    kind: 'conflict',
    title: 'This technician group is archived, which is final.',
    remedy: 'Use or create another group.',
  },
  'technician_group.too_large': {
    kind: 'conflict',
    title: 'A technician group has at most 1,000 members.',
    remedy: 'Make a second group; an access policy may name several.',
  },
  'organization.not_found': {
    kind: 'not_found',
    title: 'There is no such organization.',
    remedy: 'Check the spelling, or create it with `npm run curfew -- organization create`.',
  },
  'organization.exists': {
    kind: 'conflict',
    title: 'An organization with this slug exists already.',
    remedy: 'Choose another slug.',
  },
  'organization.slug_invalid': {
    kind: 'invalid',
    title: 'The slug is not usable in a URL.',
    remedy:
      'Use lower-case letters, digits and dashes, at most 40, beginning and ending with a letter or digit.',
  },
  'organization.prefix_invalid': {
    kind: 'invalid',
    title: 'No account can be named with this prefix.',
    remedy: 'Begin with a lower-case letter or digit, then letters, digits and . - _, at most 16 characters.',
  },
  'technician.username_invalid': {
    kind: 'invalid',
    title: 'No account can be named with this username.',
    remedy:
      'Use letters, digits and . - _, at most 40 characters, beginning with a letter or digit and not ending with a dot ' +
      'or with .2 to .9.',
  },
  'token.not_found': {
    kind: 'not_found',
    title: 'There is no such API token, or it is revoked already.',
    remedy: 'Check the id that was printed when the token was made.',
  },
  'token.lifetime_invalid': {
    kind: 'invalid',
    title: 'An API token lives for 1 to 90 days.',
    remedy: 'Choose a whole number of days in that range.',
  },
  'token.role_too_high': {
    kind: 'invalid',
    title: "A token can't have more rights than its technician.",
    remedy: "Leave the role out to use the technician's own, or choose a lesser one.",
  },
  'token.missing': {
    kind: 'forbidden',
    title: 'This needs an API token, and none was sent.',
    remedy:
      'Send the header Authorization: Bearer curfew_… ; make a token with `npm run curfew -- token create`.',
  },
  'token.invalid': {
    kind: 'forbidden',
    title: 'The API token is unknown, expired or revoked.',
    remedy: 'Make a new one with `npm run curfew -- token create`.',
  },
  'permission.missing': {
    kind: 'forbidden',
    title: 'Your role does not allow this.',
    remedy: 'Ask an admin of your organization.',
  },
});

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

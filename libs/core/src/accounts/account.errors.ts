import { defineErrors } from '#core/shared';

export const accountErrors = defineErrors({
  'account.exists': {
    kind: 'conflict',
    title: 'This technician already has an account at this customer, or its name is taken.',
    remedy: 'Send the request again: the existing account will be used.',
  },
  'account.name_invalid': {
    kind: 'invalid',
    title: 'The naming pattern gives no valid user principal name for this technician.',
    remedy: 'Use letters, digits and . - _ in prefix and username, at most 64 characters before the @.',
  },
  'account.name_taken': {
    kind: 'conflict',
    title: 'Every name of the pattern belongs to a user that Curfew did not create.',
    remedy: "Change the organization's prefix, or rename the customer's own user.",
  },
  'account.busy': {
    kind: 'unavailable',
    title: 'The account is being worked on at this moment.',
    remedy: 'Try again in a few seconds.',
  },
});

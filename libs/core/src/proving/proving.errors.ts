import { defineErrors } from '#core/shared';

export const provingErrors = defineErrors({
  'canary.not_given': {
    kind: 'unavailable',
    title: 'The canary could not be made, or was stopped, before it held anything.',
    remedy:
      'Look whether Entra answers and whether a kill switch stands for the customer, then run the canary again.',
  },
  'canary.not_in_time': {
    kind: 'conflict',
    title: 'What the canary was given could not be taken back, and read back, within five minutes.',
    remedy: 'Look at the line of the directory role in Validate, then run the canary again.',
  },
  'customer.take_back_unproven': {
    kind: 'conflict',
    title: "Curfew could not take back in this customer's tenant what this access policy gives.",
    remedy:
      'Do what `mend` says, then run the canary with POST /api/v1/customers/{id}/entra-connection/canary: once it is proven, access is given again.',
  },
});

import { defineErrors } from '#core/shared';

export const validatingErrors = defineErrors({
  'validation_run.not_found': {
    kind: 'not_found',
    title: 'There is no such validation run.',
    remedy: 'Begin one with POST /api/v1/validations, which answers its id.',
  },
  'validation_run.running': {
    kind: 'conflict',
    title: 'A validation run of this organization is under way; `runId` says which.',
    remedy:
      'See how far it is with GET /api/v1/validations/{id}, or cancel it with POST /api/v1/validations/{id}/cancel.',
  },
  'validation_run.over': {
    kind: 'conflict',
    title: 'This validation run is over: there is nothing left to cancel.',
    remedy: 'Read what was found with GET /api/v1/validations/{id}/lines.',
  },
  'validation_run.nobody_connected': {
    kind: 'conflict',
    title: 'No customer of this organization is connected, so there is nothing to validate.',
    remedy: 'Connect customers with PUT /api/v1/customers/{id}/entra-connection.',
  },
  'validation_run.too_many': {
    kind: 'conflict',
    title: 'More customers are connected than one validation run takes.',
    remedy: 'Name up to `maximum` of them in `customerIds`, and the others in a run after that.',
  },
  'validation_run.gave_up': {
    kind: 'unavailable',
    title: 'Validate did not come to its end at this customer, several times in a row.',
    remedy:
      'Run it for this customer alone: POST /api/v1/customers/{id}/entra-connection/validate. The log of the worker knows more.',
  },
});

import { defineErrors } from '#core/shared';

export const holdErrors = defineErrors({
  'access.held': {
    kind: 'conflict',
    title: 'A kill switch was pulled: nothing is given, extended or shown until it is lifted.',
    remedy: 'Ask an owner of your organization, who can lift it with POST /api/v1/kill-switch/{holdId}/lift.',
  },
  'deployment.restoring': {
    kind: 'unavailable',
    title:
      'The database was restored from a backup: nothing is given, extended or shown until every customer was compared with it.',
    remedy:
      'Wait some minutes and ask anew. Whoever runs Curfew sees with `curfew restore status` what it waits for.',
  },
  'hold.not_found': {
    kind: 'not_found',
    title: 'There is no such kill switch.',
    remedy: 'List those that stand with GET /api/v1/kill-switch.',
  },
  'hold.already_lifted': {
    kind: 'conflict',
    title: 'This kill switch was lifted already.',
    remedy: 'Nothing is left to do: what it ended stays ended, and access can be asked for again.',
  },
});

import { concern, optional, required, requiredSecret, withDefault } from './setting.js';
import { httpsOrHere, secret, text, wholeNumber } from './text-schemas.js';

const watchSettings = (process: 'API' | 'WORKER' | 'REVOKER') => ({
  metricsHost: withDefault(
    { name: 'CURFEW_METRICS_HOST', meaning: 'Address on which metrics are served: never a public one.' },
    text,
    '127.0.0.1',
  ),
  metricsPort: optional(
    required(
      {
        name: `CURFEW_${process}_METRICS_PORT`,
        meaning:
          'Port on which this process serves /metrics for Prometheus; 0 takes a free one. Absent: not at all.',
      },
      wholeNumber({ min: 0, max: 65_535 }),
    ),
  ),
});

const deadman = {
  deadmanUrl: optional(
    requiredSecret(
      {
        name: 'CURFEW_DEADMAN_URL',
        meaning:
          'Address of a dead-man service, fetched every minute while all is well: when it is not, that service calls you.',
      },
      secret(httpsOrHere),
    ),
  ),
};

/** What a process does for the alarms: only the API has nobody to tell. */
export const apiWatch = concern('Watch', watchSettings('API'));
export const workerWatch = concern('Watch', { ...watchSettings('WORKER'), ...deadman });
export const revokerWatch = concern('Watch', { ...watchSettings('REVOKER'), ...deadman });

import type { Alternatives } from '../access/permissions.js';
import { badRequest, denied, GraphError, malformed, methodsBadRequest, methodsDenied } from './errors.js';

/** The services behind Graph: each refuses in words of its own, and throttles by limits of its own. */
export type Workload =
  'directory' | 'methods' | 'policies' | 'pim' | 'reports' | 'conditionalAccess' | 'subscriptions';

interface Words {
  /** A permission that the token lacks. */
  readonly denied: (asks: Alternatives, method: string) => GraphError;
  /** A body that breaks the contract. */
  readonly badRequest: (message: string) => GraphError;
}

/** What the service of subscriptions calls a request. */
const operationOf: Readonly<Record<string, string>> = { POST: 'Create', PATCH: 'Update', DELETE: 'Delete' };

const named = (asks: Alternatives): string => [...new Set(asks.flat())].join(', ');

export const wordsOf: Readonly<Record<Workload, Words>> = {
  directory: { denied, badRequest: (message) => badRequest(message) },
  methods: { denied: methodsDenied, badRequest: methodsBadRequest },
  policies: { denied: methodsDenied, badRequest: methodsBadRequest },
  // The text is not documented; the code and its first words are seen in issue threads.
  pim: {
    denied: (asks) =>
      new GraphError(
        { status: 403, code: 'PermissionScopeNotGranted' },
        `Authorization failed due to missing permission scope ${named(asks).replaceAll(', ', ',')}.`,
      ),
    badRequest: (message) => malformed(message),
  },
  reports: {
    denied: (asks) =>
      new GraphError(
        { status: 403, code: 'Authentication_MSGraphPermissionMissing' },
        `The principal does not have required Microsoft Graph permission(s): ${named(asks)} to call this API. For more information about Microsoft Graph permissions, please visit https://learn.microsoft.com/graph/permissions-overview`,
      ),
    badRequest: (message) => malformed(message),
  },
  conditionalAccess: {
    denied: () =>
      new GraphError(
        { status: 403, code: 'AccessDenied' },
        'You cannot perform the requested operation, required scopes are missing in the token.',
      ),
    badRequest: (message) => malformed(message),
  },
  subscriptions: {
    denied: (_asks, method) =>
      new GraphError(
        { status: 403, code: 'ExtensionError' },
        `Operation: ${operationOf[method] ?? 'Read'}; Exception: [Status Code: Forbidden; Reason: The caller does not have the permission that this resource asks for.]`,
      ),
    badRequest: (message) => malformed(message),
  },
};

import type { FaultAnswer } from '../control/interference.js';
import { GraphError } from './errors.js';

const usual: Readonly<Record<number, { code: string; message: string }>> = {
  400: { code: 'Request_BadRequest', message: 'One or more property values specified are invalid' },
  401: { code: 'InvalidAuthenticationToken', message: 'Access token validation failure.' },
  403: { code: 'Authorization_RequestDenied', message: 'Insufficient privileges to complete the operation.' },
  404: {
    code: 'Request_ResourceNotFound',
    message:
      "Resource 'unknown' does not exist or one of its queried reference-property objects are not present.",
  },
  409: {
    code: 'Directory_ConcurrencyViolation',
    message: 'Error due to concurrent requests being made to the tenant. Please wait briefly and retry.',
  },
  429: { code: 'TooManyRequests', message: 'Please retry again later.' },
  500: { code: 'InternalServerError', message: 'An internal server error occurred.' },
  502: { code: 'BadGateway', message: 'Bad gateway.' },
  503: { code: 'ServiceUnavailable', message: 'The service is temporarily unavailable.' },
  504: { code: 'GatewayTimeout', message: 'The request timed out.' },
};
const other = { code: 'UnknownError', message: '' };

/** What a fault rule answers, in Graph's own words unless the rule gives others. */
export function faultReply(answer: FaultAnswer): { error: GraphError; headers: Record<string, string> } {
  const words = usual[answer.status] ?? other;
  return {
    error: new GraphError(
      { status: answer.status, code: answer.code ?? words.code },
      answer.message ?? words.message,
    ),
    headers: answer.retryAfter === undefined ? {} : { 'Retry-After': String(answer.retryAfter) },
  };
}

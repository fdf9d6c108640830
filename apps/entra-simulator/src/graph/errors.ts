import { isoSeconds } from '../foundation/clock.js';
import type { Json } from '../foundation/json.js';

interface Extra {
  details?: { code: string; message?: string; target: string }[];
  headers?: Record<string, string>;
}

/** A refusal in Graph's words; the pipeline puts it into the error envelope. */
export class GraphError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(
    { status, code }: { status: number; code: string },
    message: string,
    readonly extra: Extra = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export const badRequest = (message: string, details?: Extra['details']): GraphError =>
  new GraphError(
    { status: 400, code: 'Request_BadRequest' },
    message,
    details === undefined ? {} : { details },
  );

export const invalidValue = (message: string, target: string): GraphError =>
  badRequest(message, [{ code: 'InvalidValue', message, target }]);

/** The body of a bad mailNickname and its like has no message in its details. */
export const invalidProperty = (property: string): GraphError =>
  badRequest(`Invalid value specified for property '${property}' of resource 'User'.`, [
    { code: 'InvalidValue', target: property },
  ]);

export const notFound = (id: string): GraphError =>
  new GraphError(
    { status: 404, code: 'Request_ResourceNotFound' },
    `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`,
  );

/** One text for a missing permission, a missing directory role and a dynamic group. */
export const denied = (): GraphError =>
  new GraphError(
    { status: 403, code: 'Authorization_RequestDenied' },
    'Insufficient privileges to complete the operation.',
  );

/** Authentication methods answer in camelCase, unlike the directory. */
export const methodsDenied = (): GraphError =>
  new GraphError({ status: 403, code: 'accessDenied' }, 'Request Authorization failed');

export const methodsBadRequest = (message: string): GraphError =>
  new GraphError({ status: 400, code: 'badRequest' }, message);

export const methodNotFound = (): GraphError =>
  new GraphError({ status: 404, code: 'resourceNotFound' }, 'The requested resource could not be found.');

export const concurrencyViolation = (): GraphError =>
  new GraphError(
    { status: 409, code: 'Directory_ConcurrencyViolation' },
    'Error due to concurrent requests being made to the tenant. Please wait briefly and retry.',
  );

export const unsupportedQuery = (message = 'Unsupported Query.'): GraphError =>
  new GraphError({ status: 400, code: 'Request_UnsupportedQuery' }, message);

export const malformed = (message: string): GraphError =>
  new GraphError({ status: 400, code: 'BadRequest' }, message);

export const expiredToken = (message: string): GraphError =>
  new GraphError({ status: 401, code: 'InvalidAuthenticationToken' }, message);

export interface Trace {
  now: number;
  requestId: string;
  clientRequestId: string;
}

export function errorBody(error: GraphError, trace: Trace): Json {
  const { details } = error.extra;
  return {
    error: {
      code: error.code,
      message: error.message,
      ...(details === undefined ? {} : { details }),
      innerError: {
        date: isoSeconds(trace.now).slice(0, -1),
        'request-id': trace.requestId,
        'client-request-id': trace.clientRequestId,
      },
    },
  };
}

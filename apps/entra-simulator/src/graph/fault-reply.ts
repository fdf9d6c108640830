import type { Plan } from '../control/interference.js';
import type { FaultAnswer } from '../control/fault-rules.js';
import type { GraphReply, GraphRequest } from './context.js';
import { GraphError } from './errors.js';

type Words = Readonly<Record<number, { code: string; message: string }>>;

const usual: Words = {
  400: { code: 'Request_BadRequest', message: 'One or more property values specified are invalid' },
  401: { code: 'InvalidAuthenticationToken', message: 'Access token validation failure.' },
  403: { code: 'Authorization_RequestDenied', message: 'Insufficient privileges to complete the operation.' },
  404: {
    code: 'Request_ResourceNotFound',
    message:
      "Resource '{id}' does not exist or one of its queried reference-property objects are not present.",
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
/** Authentication methods speak in camelCase. */
const ofMethods: Words = {
  400: { code: 'badRequest', message: 'The request is invalid.' },
  403: { code: 'accessDenied', message: 'Request Authorization failed' },
  404: { code: 'resourceNotFound', message: 'The requested resource could not be found.' },
};
const other = { code: 'UnknownError', message: '' };

type StatusAnswer = Extract<FaultAnswer, { code?: string }>;
type Asked = Pick<GraphRequest, 'path' | 'body'>;

/** What a fault rule refuses with, in Graph's own words unless the rule gives others. */
export function faultRefusal(
  answer: StatusAnswer,
  asked: Asked,
  now: number,
): { error: GraphError; headers: Record<string, string> } {
  const ours = asked.path.includes('/authentication/') ? ofMethods[answer.status] : undefined;
  const words = ours ?? usual[answer.status] ?? other;
  const message = (answer.message ?? words.message).replace('{id}', () => idIn(asked));
  const error = new GraphError({ status: answer.status, code: answer.code ?? words.code }, message);
  return { error, headers: retryAfter(answer, now) };
}

/** The wait as a header: seconds, a fraction of them too, or a date. */
export function retryAfter(
  { retryAfter: seconds, retryAfterAs }: Pick<StatusAnswer, 'retryAfter' | 'retryAfterAs'>,
  now: number,
): Record<string, string> {
  if (seconds === undefined) return {};
  const date = new Date(now + seconds * 1_000).toUTCString();
  return { 'Retry-After': retryAfterAs === 'date' ? date : String(seconds) };
}

const guids = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi;

/** The object that a request is about, as far as it names one: what a reference leads to, else what the path ends at. */
function idIn({ path, body }: Asked): string {
  const referred = JSON.stringify(body ?? null).match(guids);
  return referred?.at(-1) ?? path.match(guids)?.at(-1) ?? 'unknown';
}

type GarbledAnswer = Extract<FaultAnswer, { garble: string }>;

const page =
  '<!DOCTYPE html><html><head><title>Gateway</title></head><body><h1>The page cannot be shown</h1></body></html>';

/** What comes instead of a whole answer of Graph's or of sign-in's; `own` is what it would have been. */
export function garbled({ garble, status }: GarbledAnswer, own: GraphReply): GraphReply {
  if (garble === 'html') {
    return { status: status ?? 502, body: page, headers: { 'Content-Type': 'text/html; charset=utf-8' } };
  }
  const { body: whole, headers = {}, status: usualStatus } = own;
  const answered = { status: status ?? usualStatus, headers };
  if (garble === 'empty' || whole === undefined) return answered;
  const text = typeof whole === 'string' ? whole : JSON.stringify(whole);
  const half = text.slice(0, Math.ceil(text.length / 2));
  return { ...answered, body: half, headers: { ...headers, 'Content-Type': 'application/json' } };
}

export const isGarbled = (answer: Plan['answer']): answer is GarbledAnswer =>
  answer !== undefined && 'garble' in answer;

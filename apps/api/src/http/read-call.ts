import { z } from 'zod';
import type { Route } from '#contracts';
import type { Actor } from '#core/identity';
import type { SecretBox } from '#core/shared';
import type { ApiRequest, CallOf } from './call.js';
import { InvalidRequest, type RequestFault } from './invalid-request.js';

const NOTHING = z.strictObject({});
const MOST_FAULTS = 20;

/** Parses a request by its route's schemas, all parts at once, so that everything wrong is told together. */
export const readCall = (route: Route, request: ApiRequest, box: SecretBox): CallOf<Route> => {
  const { params, query, body, headers } = route.request;
  const faults: RequestFault[] = [];
  const read = (part: string, schema: z.ZodType, value: unknown): unknown => {
    const parsed = schema.safeParse(value);
    if (!parsed.success) faults.push(...faultsOf(part, parsed.error));
    return parsed.data;
  };
  const parsed = {
    params: read('path', params ?? NOTHING, request.params),
    query: read('query', query ?? NOTHING, request.query),
    body: read('body', body ?? NOTHING, request.body ?? {}),
    headers: headers === undefined ? {} : read('headers', headers, declaredHeaders(headers, request)),
  };
  if (faults.length > 0) throw new InvalidRequest(faults.slice(0, MOST_FAULTS));
  const call = { ...parsed, actor: request.actor ?? null };
  return { ...call, idempotency: callersKey(call, box) } as unknown as CallOf<Route>;
};

/** Only these: everybody on the way adds some of their own. */
const declaredHeaders = (schema: z.ZodObject, { headers }: ApiRequest): Record<string, unknown> =>
  Object.fromEntries(
    Object.keys(schema.shape).flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]])),
  );

const callersKey = (
  call: { readonly actor: Actor | null; readonly body: unknown; readonly headers: unknown },
  box: SecretBox,
): CallOf<Route>['idempotency'] => {
  const key = (call.headers as Record<string, unknown>)['idempotency-key'];
  if (typeof key !== 'string' || call.actor === null) return null;
  // As parsed: blanks and the order of keys don't make it another request.
  return { key, actorId: call.actor.technicianId, bodyDigest: box.digest(JSON.stringify(call.body)) };
};

/** Where and why, never what: a value may be a secret in the wrong place. */
const faultsOf = (part: string, error: z.ZodError): readonly RequestFault[] =>
  error.issues.map((issue) => ({
    path: [part, ...issue.path.map(String)].join('.').slice(0, 300),
    reason: reasonOf(issue).slice(0, 300),
  }));

const reasonOf = (issue: z.core.$ZodIssue): string =>
  issue.code === 'unrecognized_keys'
    ? `has fields that are not known here: ${issue.keys.map(printable).join(', ')}`
    : issue.message;

const printable = (key: string): string => (/^[\w.-]{1,40}$/.test(key) ? key : '(unprintable)');

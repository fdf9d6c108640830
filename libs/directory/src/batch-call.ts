import type { EntraApp } from '#core/tenancy';
import type { GraphClient } from './graph-client.js';
import { fieldsOf, type GraphAnswer, type GraphRequest } from './graph-answer.js';

/** One part of a batch. Ids are ours; `dependsOn` names another part's. */
export interface BatchPart {
  readonly id: string;
  readonly request: GraphRequest;
  readonly dependsOn: string | null;
}

const JSON_BODY = { 'Content-Type': 'application/json' };

const wirePart = ({ id, request, dependsOn }: BatchPart): object => ({
  id,
  method: request.method,
  url: request.path,
  // Graph refuses a part that has a body and no Content-Type.
  ...(request.body === undefined ? {} : { headers: JSON_BODY, body: request.body }),
  ...(dependsOn === null ? {} : { dependsOn: [dependsOn] }),
});

/** Headers of a part, named in lower case as those of a whole answer are. */
const lowerCased = (headers: unknown): Record<string, string> =>
  Object.fromEntries(
    Object.entries(fieldsOf(headers)).map(([name, value]) => [name.toLowerCase(), String(value)]),
  );

const MISSING: GraphAnswer = {
  status: 0,
  headers: {},
  body: null,
  noAnswer: 'Graph answered the batch without this part.',
};

const partsOf = (whole: GraphAnswer): ReadonlyMap<string, GraphAnswer> => {
  const { responses } = fieldsOf(whole.body);
  const shared = { date: whole.headers['date'] ?? '', 'request-id': whole.headers['request-id'] ?? '' };
  return new Map(
    (Array.isArray(responses) ? responses : []).map((response) => {
      const { id, status, headers, body } = fieldsOf(response);
      const answer = {
        status: typeof status === 'number' ? status : 0,
        headers: { ...shared, ...lowerCased(headers) },
        body,
      };
      return [String(id), answer];
    }),
  );
};

export interface BatchAnswer {
  /** The envelope was opened: the answers are the parts' own. Otherwise each is the envelope's. */
  readonly opened: boolean;
  /** By part id; complete, a missing part counts as no answer. */
  readonly parts: ReadonlyMap<string, GraphAnswer>;
}

/**
 * Sends parts as one POST /$batch and reads the answers by id, in whatever order they come. The client's own batch
 * classes are not used: they can't read JSON parts. Source of the format: learn.microsoft.com/graph/json-batching.
 */
export const sendBatch = async (
  { client, app, signal }: { client: Pick<GraphClient, 'send'>; app: EntraApp; signal: AbortSignal },
  parts: readonly BatchPart[],
): Promise<BatchAnswer> => {
  const body = { requests: parts.map(wirePart) };
  const whole = await client.send(app, { method: 'POST', path: '/$batch', body }, signal);
  const opened = whole.status === 200;
  const answers = opened ? partsOf(whole) : new Map<string, GraphAnswer>();
  const fallback = opened ? MISSING : whole;
  return { opened, parts: new Map(parts.map(({ id }) => [id, answers.get(id) ?? fallback])) };
};

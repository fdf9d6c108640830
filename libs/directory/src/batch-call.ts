import type { EntraApp } from '#core/tenancy';
import type { GraphClient } from './graph-client.js';
import { answersIn, fieldsOf, headersOf, type GraphAnswer, type GraphRequest } from './graph-answer.js';
import { envelopePriority, partPriority } from './throttle-priority.js';

/** One part of a batch. Ids are ours; `dependsOn` names another part's. */
export interface BatchPart {
  readonly id: string;
  readonly request: GraphRequest;
  readonly dependsOn: string | null;
}

const JSON_BODY = { 'Content-Type': 'application/json' };

const wirePart = ({ id, request, dependsOn }: BatchPart): object => {
  // Graph refuses a part that has a body and no Content-Type.
  const headers = { ...headersOf(request), ...(request.body === undefined ? {} : JSON_BODY) };
  return {
    id,
    method: request.method,
    url: request.path,
    ...(Object.keys(headers).length === 0 ? {} : { headers }),
    ...(request.body === undefined ? {} : { body: request.body }),
    ...(dependsOn === null ? {} : { dependsOn: [dependsOn] }),
  };
};

/** What is neither text nor number says nothing, and an object need not even have a text. */
const wordOf = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : '';

/** Headers of a part, named in lower case as those of a whole answer are. */
const lowerCased = (headers: unknown): Record<string, string> =>
  Object.fromEntries(
    Object.entries(fieldsOf(headers)).map(([name, value]) => [name.toLowerCase(), wordOf(value)]),
  );

/**
 * Some parts come with their JSON in base64 (of either alphabet), as Microsoft's PHP client has learnt
 * (msgraph-sdk-php-core#103). What is no such thing stays as it is.
 */
const decoded = (body: string): unknown => {
  try {
    return JSON.parse(Buffer.from(body, 'base64').toString('utf8'));
  } catch {
    return body;
  }
};

const noAnswer = (why: string): GraphAnswer => ({ status: 0, headers: {}, body: null, noAnswer: why });
const MISSING = noAnswer('Graph answered the batch without this part.');

const partsOf = (whole: GraphAnswer, responses: readonly unknown[]): ReadonlyMap<string, GraphAnswer> => {
  const shared = { date: whole.headers['date'] ?? '', 'request-id': whole.headers['request-id'] ?? '' };
  return new Map(
    responses.map((response) => {
      const { id, status, headers, body } = fieldsOf(response);
      const answer = {
        status: statusOf(status),
        headers: { ...shared, ...lowerCased(headers) },
        body: typeof body === 'string' ? decoded(body) : body,
        ...(whole.tookMs === undefined ? {} : { tookMs: whole.tookMs }),
      };
      return [wordOf(id), answer];
    }),
  );
};

const statusOf = (status: unknown): number => {
  const known = typeof status === 'string' ? Number(status) : status;
  return typeof known === 'number' && Number.isInteger(known) ? known : 0;
};

/** An unopened envelope speaks for its parts, but for what would be a part's own: that it is done, or not there. */
const forEachPart = (whole: GraphAnswer): GraphAnswer =>
  whole.status === 404 || (whole.status >= 200 && whole.status < 300)
    ? noAnswer(`Graph answered the batch with ${whole.status} and without its parts.`)
    : whole;

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
  const priority = envelopePriority(parts.map(({ request }) => request));
  const body = {
    requests: parts.map((part) => wirePart({ ...part, request: partPriority(part.request, priority) })),
  };
  const envelope: GraphRequest = { method: 'POST', path: '/$batch', body };
  const whole = await client.send(app, { ...envelope, ...(priority === null ? {} : { priority }) }, signal);
  // Whatever its status: one of Microsoft's pages has 424 on an envelope in which a part was throttled.
  const responses = answersIn(whole.body);
  const opened = responses !== null;
  const answers = partsOf(whole, responses ?? []);
  const fallback = opened ? MISSING : forEachPart(whole);
  return { opened, parts: new Map(parts.map(({ id }) => [id, answers.get(id) ?? fallback])) };
};

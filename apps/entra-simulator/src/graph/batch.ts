import { asObject, isObject, isText, type Json } from '../foundation/json.js';
import { malformed, type GraphError } from './errors.js';
import { refusalOfType } from './json-body.js';

export interface BatchPart {
  readonly id: string;
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: unknown;
  readonly dependsOn: readonly string[];
}

const mostParts = 20;
const methods = new Set(['GET', 'POST', 'PATCH', 'PUT', 'DELETE']);

/** Reads the envelope; whatever is wrong with it refuses the batch as a whole. */
export function readBatch(body: Json): BatchPart[] {
  const requests = body['requests'];
  if (!Array.isArray(requests) || requests.length === 0) throw malformed('Invalid batch payload format.');
  if (requests.length > mostParts) {
    throw malformed(`Number of batch request steps exceeds the maximum value of ${mostParts}.`);
  }
  const parts = requests.map(readPart);
  const ids = new Set(parts.map((part) => part.id));
  if (ids.size < parts.length) throw malformed('Request Ids must be unique in a batch payload.');
  const dangling = parts.flatMap((part) => part.dependsOn).find((id) => !ids.has(id));
  if (dangling !== undefined) throw malformed(`Dependency '${dangling}' is no request of this batch.`);
  if (!isKnownPattern(parts)) {
    throw malformed('The dependencies of a batch must be parallel, serial, or all on the same request.');
  }
  return parts;
}

function readPart(raw: unknown): BatchPart {
  if (!isObject(raw)) throw malformed('Invalid batch payload format.');
  const { id, method, url, body, headers, dependsOn } = raw;
  const verb = isText(method) ? method.toUpperCase() : '';
  if (!isText(id) || id === '' || !isText(url) || !methods.has(verb)) {
    throw malformed('Invalid batch payload format: id, method and url are required.');
  }
  if (/^([a-z][a-z0-9+.-]*:|\/\/)/i.test(url))
    throw malformed('The url of a batch request must be relative.');
  return {
    id,
    method: verb,
    url: url.startsWith('/') ? url : `/${url}`,
    headers: lowerCased(readHeaders(headers)),
    body: body ?? undefined,
    dependsOn: readDependencies(dependsOn),
  };
}

function readHeaders(headers: unknown): Json {
  if (headers !== undefined && headers !== null && !isObject(headers)) {
    throw malformed('Invalid batch payload format: headers must be an object.');
  }
  return asObject(headers);
}

function readDependencies(dependsOn: unknown): string[] {
  if (dependsOn === undefined || dependsOn === null) return [];
  if (!Array.isArray(dependsOn) || !dependsOn.every(isText)) {
    throw malformed('Invalid batch payload format: dependsOn must be an array of request ids.');
  }
  return dependsOn;
}

/** A write without a body refuses the batch as a whole, as makers of clients have seen (msgraph-sdk-dotnet#2628). */
export function demandBodies(parts: readonly BatchPart[]): void {
  const bare = parts.find((part) => isWrite(part) && part.body === undefined);
  if (bare !== undefined) throw withoutContent(bare);
}

const isWrite = ({ method }: BatchPart): boolean => method !== 'GET' && method !== 'DELETE';

const withoutContent = ({ id }: BatchPart): GraphError =>
  malformed(`Write request id : ${id} does not contain Content-Type header or body.`);

/** What refuses one part and leaves the others alone. */
export function refusalOfPart(part: BatchPart): GraphError | undefined {
  if (/^\/\$batch\b/.test(part.url)) return malformed('Nested batch requests are not supported.');
  const hasBody = part.body !== undefined;
  if (!isWrite(part)) {
    // [?] OData has no body there; what the service says is not documented.
    return hasBody
      ? malformed(`Request id : ${part.id} is no write request and cannot have a body.`)
      : undefined;
  }
  const contentType = part.headers['content-type'];
  if (!hasBody) return undefined;
  return contentType === undefined ? withoutContent(part) : refusalOfType(contentType);
}

const lowerCased = (headers: Json): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]));

/** Graph takes three patterns only: nothing depends, a chain, or everything that depends does so on one request. */
function isKnownPattern(parts: readonly BatchPart[]): boolean {
  const dependent = parts.filter((part) => part.dependsOn.length > 0);
  if (dependent.some((part) => part.dependsOn.length > 1 || part.dependsOn[0] === part.id)) return false;
  const targets = new Set(dependent.map((part) => part.dependsOn[0]));
  const isSame = targets.size <= 1;
  return isSame || isChain(parts);
}

function isChain(parts: readonly BatchPart[]): boolean {
  const next = new Map(parts.map((part) => [part.dependsOn[0], part.id]));
  let reached = 0;
  for (let id = next.get(undefined); id !== undefined && reached <= parts.length; id = next.get(id))
    reached += 1;
  return reached === parts.length;
}

/** How many requests a part has to wait for, one after the other. */
export function depthOf(part: BatchPart, parts: readonly BatchPart[]): number {
  const [first] = part.dependsOn;
  const target = parts.find((one) => one.id === first);
  return target === undefined ? 0 : 1 + depthOf(target, parts);
}

/** An order that respects the dependencies; among parts that may run at any time it is the given one. */
export function runOrder(parts: readonly BatchPart[]): BatchPart[] {
  const done = new Set<string>();
  const order: BatchPart[] = [];
  let waiting = [...parts];
  while (waiting.length > 0) {
    const ready = waiting.filter((part) => part.dependsOn.every((id) => done.has(id)));
    if (ready.length === 0) throw malformed('The dependencies of a batch must not be circular.');
    for (const part of ready) done.add(part.id);
    order.push(...ready);
    waiting = waiting.filter((part) => !done.has(part.id));
  }
  return order;
}

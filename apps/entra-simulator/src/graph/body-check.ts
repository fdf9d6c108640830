import { asList, asObject, isObject, isText, type Json } from '../foundation/json.js';
import { bodyRules, type BodyRules } from '../validation/body-rules.js';
import { operationOf } from '../validation/graph-schema.js';
import type { GraphContext, Route } from './context.js';
import { badRequest, malformed, type GraphError } from './errors.js';

/** Refuses a body that is none: nothing at all where the operation has one, or JSON that is no object. */
export function refuseShape({ method, path }: Route, body: unknown): void {
  // [I] The text.
  if (body === undefined && operationOf(method, path)?.requestBody !== undefined) {
    throw malformed('Empty Payload. JSON content expected.');
  }
  if (body !== undefined && !isObject(body)) {
    throw malformed(
      'Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.',
    );
  }
}

/** Refuses what the tables of rules refuse, in this order: read-only, missing, empty, too long, of the wrong form. */
export function refuseByRules({ method, path }: Route, body: Json): void {
  const rules = bodyRules[`${method} ${path}`];
  if (rules === undefined) return;
  const fixed = rules.readOnly?.find(([property]) => property in body);
  if (fixed !== undefined) throw badRequest(`Property '${fixed[0]}' is read-only and cannot be set.`);
  if (method === 'POST') demandRequired(rules, body);
  const empty = rules.neverEmpty?.find(([property]) => property in body && isEmpty(body[property]));
  if (empty !== undefined) throw invalid(rules, empty[0]);
  const long = rules.longest?.find(([path, characters]) => lengthAt(body, path) > characters);
  if (long !== undefined) throw invalid(rules, long[0].split('/').at(-1)!);
  const odd = rules.forms?.find(([property, form]) => isText(body[property]) && !form.test(body[property]));
  if (odd !== undefined) throw invalid(rules, odd[0]);
}

function demandRequired({ required, resource }: BodyRules, body: Json): void {
  const missing = required?.find(([property]) => isEmpty(body[property]));
  if (missing === undefined) return;
  throw badRequest(`A value is required for property '${missing[0]}' of resource '${resource}'.`);
}

const isEmpty = (value: unknown): boolean => value === undefined || value === null || value === '';

function lengthAt(body: Json, path: string): number {
  const [first = '', second] = path.split('/');
  const value = second === undefined ? body[first] : asObject(body[first])[second];
  return isText(value) ? value.length : 0;
}

const invalid = ({ resource }: BodyRules, property: string): GraphError =>
  badRequest(`Invalid value specified for property '${property}' of resource '${resource}'.`, [
    { code: 'InvalidValue', target: property },
  ]);

const graphHosts = new Set([
  'graph.microsoft.com',
  'graph.microsoft.us',
  'dod-graph.microsoft.us',
  'microsoftgraph.chinacloudapi.cn',
]);
const loopback = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** References name an object of this service: a URL of its own host, under a version. */
export function refuseForeignReferences({ body }: Pick<GraphContext, 'body'>): void {
  for (const [name, value] of Object.entries(body)) {
    if (name !== '@odata.id' && !name.endsWith('@odata.bind')) continue;
    for (const reference of isText(value) ? [value] : asList(value)) refuseForeign(name, reference);
  }
}

function refuseForeign(name: string, reference: unknown): void {
  const url = isText(reference) && URL.canParse(reference) ? new URL(reference) : undefined;
  const isOurs = url !== undefined && (graphHosts.has(url.hostname) || loopback.test(url.hostname));
  if (isOurs && /^\/(v1\.0|beta)\//.test(url.pathname)) return;
  // [?] The text for a foreign host; it is that for an address that is none.
  throw badRequest(`Invalid URL format specified in '${name}' in request payload.`);
}

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

/** Refuses what the tables of rules refuse: what is missing, read-only, empty, too long, or of the wrong form. */
export function refuseByRules({ method, path }: Route, body: Json): void {
  const rules = bodyRules[`${method} ${path}`];
  if (rules === undefined) return;
  if (method === 'POST') demandRequired(rules, body);
  const checks = checksOf(rules);
  for (const name of Object.keys(body)) {
    const refusal = checks.get(name)?.(body[name]);
    if (refusal !== undefined) throw refusal;
  }
}

type Check = (value: unknown) => GraphError | undefined;

const compiled = new WeakMap<BodyRules, ReadonlyMap<string, Check>>();

/** By property, so that a body costs as much as it has and not as much as there are rules. */
function checksOf(rules: BodyRules): ReadonlyMap<string, Check> {
  const known = compiled.get(rules);
  if (known !== undefined) return known;
  const checks = new Map<string, Check>();
  for (const [name, check] of rowsOf(rules)) {
    const earlier = checks.get(name);
    checks.set(name, earlier === undefined ? check : (value) => earlier(value) ?? check(value));
  }
  compiled.set(rules, checks);
  return checks;
}

function rowsOf(rules: BodyRules): [string, Check][] {
  const { readOnly = [], neverEmpty = [], longest = [], forms = [] } = rules;
  const invalidIf =
    (name: string, isInvalid: (value: unknown) => boolean): Check =>
    (value) =>
      isInvalid(value) ? invalid(rules, name) : undefined;
  return [
    ...readOnly.map(([name]): [string, Check] => [name, () => fixed(name)]),
    ...neverEmpty.map(([name]): [string, Check] => [name, invalidIf(name, isEmpty)]),
    ...longest.map(([place, most]): [string, Check] => {
      const [name = '', inner] = place.split('/');
      return [name, invalidIf(inner ?? name, (value) => lengthAt(value, inner) > most)];
    }),
    ...forms.map(([name, form]): [string, Check] => [
      name,
      invalidIf(name, (value) => isText(value) && !form.test(value)),
    ]),
  ];
}

const fixed = (property: string): GraphError =>
  badRequest(`Property '${property}' is read-only and cannot be set.`);

function lengthAt(value: unknown, inner: string | undefined): number {
  const text = inner === undefined ? value : asObject(value)[inner];
  return isText(text) ? text.length : 0;
}

function demandRequired({ required, resource }: BodyRules, body: Json): void {
  const missing = required?.find(([property]) => isEmpty(body[property]));
  if (missing === undefined) return;
  throw badRequest(`A value is required for property '${missing[0]}' of resource '${resource}'.`);
}

const isEmpty = (value: unknown): boolean => value === undefined || value === null || value === '';

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

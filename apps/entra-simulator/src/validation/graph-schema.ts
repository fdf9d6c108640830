import { lazily, readDataFile } from '../foundation/data-files.js';
import { asList, asObject, isObject, type Json } from '../foundation/json.js';
import { shapeOf } from '../graph/router.js';

export interface Operation {
  readonly requestBody: Json | undefined;
  readonly response: Json | undefined;
  /** Names of `$…` query options that the operation knows. */
  readonly options: ReadonlySet<string>;
}

interface OpenApi {
  paths: Record<string, Json>;
  components: Record<'schemas' | 'responses' | 'parameters' | 'requestBodies', Record<string, Json>>;
}
interface Supplement {
  components: { schemas: Record<string, Json> };
  'driftSince2024-10-01': Record<string, { added: Record<string, string> }>;
}

const openApi = lazily(() => readDataFile<OpenApi>('graph-openapi-slice.json'));
const supplement = lazily(() => readDataFile<Supplement>('graph-csdl-supplement.json'));

/** Types whose values may be of a derived type, told by @odata.type. */
export const polymorphicTypes: ReadonlySet<string> = new Set([
  'microsoft.graph.directoryObject',
  'microsoft.graph.authenticationMethod',
  'microsoft.graph.authenticationMethodConfiguration',
  'microsoft.graph.unifiedRoleManagementPolicyRule',
]);

export const componentNames = lazily(() => [
  ...new Set([...Object.keys(openApi().components.schemas), ...Object.keys(supplement().components.schemas)]),
]);

const rawComponent = (name: string): Json | undefined =>
  openApi().components.schemas[name] ?? supplement().components.schemas[name];

export const isComponent = (name: string): boolean => rawComponent(name) !== undefined;

/** All properties of a type, its base types' first, and what Microsoft added since the slice's date. */
export function propertiesOf(name: string): Record<string, Json> {
  const schema = rawComponent(name) ?? {};
  const parts = schema['allOf'] === undefined ? [schema] : asList(schema['allOf']).map(asObject);
  const merged: Record<string, Json> = {};
  for (const part of parts) {
    const base = part['$ref'];
    const properties = typeof base === 'string' ? propertiesOf(refName(base)) : asObject(part['properties']);
    Object.assign(merged, properties);
  }
  for (const added of Object.keys(driftOf(name))) merged[added] ??= {};
  for (const cut of cutNavigations[name] ?? []) merged[cut] ??= { 'x-ms-navigationProperty': true };
  return merged;
}

/** What Graph can expand although the slice was cut of it. */
const cutNavigations: Readonly<Record<string, readonly string[]>> = {
  'microsoft.graph.unifiedRoleScheduleBase': ['principal', 'roleDefinition'],
  'microsoft.graph.unifiedRoleScheduleInstanceBase': ['principal', 'roleDefinition'],
  'microsoft.graph.unifiedRoleEligibilityScheduleRequest': ['principal', 'roleDefinition'],
};

export const isCollection = (property: Json): boolean => property['type'] === 'array';
export const isNavigation = (property: Json): boolean => property['x-ms-navigationProperty'] === true;

const driftOf = (name: string): Record<string, string> =>
  supplement()['driftSince2024-10-01'][name.replace('microsoft.graph.', '')]?.added ?? {};

const refName = (ref: string): string => ref.slice(ref.lastIndexOf('/') + 1);

/** A component as a strict JSON schema: Microsoft's text is open everywhere, so that misspelt names would pass. */
export function strictComponent(name: string): Json {
  const raw = rawComponent(name) ?? {};
  if (raw['enum'] !== undefined) return caselessEnum(raw, flagEnums.has(name));
  if (name.endsWith('customSecurityAttributeValue')) return { type: 'object' };
  return strictObject(propertiesOf(name), asList(raw['required']));
}

function strictObject(properties: Record<string, Json>, required: unknown[]): Json {
  const strict = Object.entries(properties).map(([key, value]) => [key, strictProperty(value)]);
  return {
    type: 'object',
    properties: Object.fromEntries(strict) as Json,
    ...(required.length === 0 ? {} : { required }),
    additionalProperties: false,
    patternProperties: {
      '@odata\\.': {},
      '^@removed$': {},
      '@delta$': {},
      '^extension_[0-9a-f]{32}_': {},
      '^ext[a-z0-9]{8}_': {},
    },
  };
}

/** Complex properties are never nullable in Microsoft's text, yet Graph sends and takes null for them. */
function strictProperty(property: Json): Json {
  const strict = strictSchema(property);
  return property['$ref'] === undefined ? strict : { anyOf: [strict, { type: 'null' }] };
}

/** Any schema that stands in a body, a response or an array. */
export function strictSchema(schema: Json): Json {
  const ref = schema['$ref'];
  if (typeof ref === 'string') {
    const name = refName(ref);
    return polymorphicTypes.has(name) ? { graphType: name } : { $ref: `#/definitions/${name}` };
  }
  if (schema['enum'] !== undefined) return caselessEnum(schema);
  if (schema['type'] === 'array')
    return { ...scalar(schema), items: strictSchema(asObject(schema['items'])) };
  if (isObject(schema['properties'])) {
    return strictObject(schema['properties'] as Record<string, Json>, asList(schema['required']));
  }
  return schema['type'] === 'object' ? {} : scalar(schema);
}

const kept = ['type', 'format', 'pattern', 'nullable', 'minimum', 'maximum', 'maxLength'];

const scalar = (schema: Json): Json =>
  Object.fromEntries(kept.filter((key) => key in schema).map((key) => [key, schema[key]]));

/** [D] Flags in Microsoft's CSDL, sent as `password,sms`; its OpenAPI lost that. */
const flagEnums: ReadonlySet<string> = new Set([
  'microsoft.graph.authenticationMethodModes',
  'microsoft.graph.conditionalAccessGuestOrExternalUserTypes',
  'microsoft.graph.conditionalAccessInsiderRiskLevels',
]);

/** Graph takes `NoExpiration` where its schema says `noExpiration`. */
function caselessEnum(schema: Json, isFlags = false): Json {
  const letters = (member: string): string =>
    member.replace(/[a-zA-Z]/g, (letter) => `[${letter.toLowerCase()}${letter.toUpperCase()}]`);
  const members = asList(schema['enum']).map(String);
  const one = `(${members.map(letters).join('|')})`;
  return {
    type: 'string',
    pattern: isFlags ? `^${one}(,${one})*$` : `^${one}$`,
    enumMembers: members,
    ...(schema['nullable'] === true && { nullable: true }),
  };
}

const operations = lazily(() => {
  const found = new Map<string, Operation>();
  for (const [path, item] of Object.entries(openApi().paths)) {
    for (const method of ['get', 'post', 'patch', 'put', 'delete']) {
      const operation = item[method];
      if (!isObject(operation)) continue;
      const wire = operation['x-slice-wire-path'] ?? item['x-slice-wire-path'] ?? path;
      found.set(`${method.toUpperCase()} ${shapeOf(wire as string)}`, readOperation(operation));
    }
  }
  return found;
});

export const operationOf = (method: string, path: string): Operation | undefined =>
  operations().get(`${method} ${shapeOf(path)}`);

function readOperation(operation: Json): Operation {
  const { requestBodies, responses, parameters } = openApi().components;
  const body = dereference(asObject(operation['requestBody']), requestBodies);
  const answers = asObject(operation['responses']);
  const names = asList(operation['parameters']).map((one) => dereference(asObject(one), parameters)['name']);
  return {
    requestBody: contentSchema(body),
    response: contentSchema(dereference(asObject(answers['2XX']), responses)),
    options: new Set(names.filter((name) => typeof name === 'string').filter((name) => name.startsWith('$'))),
  };
}

function dereference(value: Json, components: Record<string, Json>): Json {
  const ref = value['$ref'];
  return typeof ref === 'string' ? (components[refName(ref)] ?? {}) : value;
}

function contentSchema(holder: Json): Json | undefined {
  const json = asObject(asObject(holder['content'])['application/json'])['schema'];
  return isObject(json) ? json : undefined;
}

import { z } from 'zod';
import { problem, problemsOf, PROMISE, routes, type ProblemStatus, type Route } from '#contracts';

/** A JSON document. */
type Json = Readonly<Record<string, unknown>>;

const refusals: Readonly<Record<ProblemStatus, string>> = {
  400: 'The request is not what this route takes, or what it asks for is against a rule.',
  401: 'No valid API token was sent.',
  403: 'Your role does not allow this.',
  404: 'It does not exist, or not for you.',
  409: 'The present state does not allow it.',
  413: 'The body is too large.',
  415: 'The body is not JSON.',
  500: 'Something went wrong that should not.',
  503: 'Something that this needs does not answer; try again.',
};

/** The API as an OpenAPI 3.1 document, made of the contracts and nothing else. */
export const buildOpenApi = (): Json => {
  const components = new Components();
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of Object.values<Route>(routes)) {
    (paths[route.path] ??= {})[route.method.toLowerCase()] = operationOf(route, components);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Curfew',
      version: '1',
      description: [
        'Just-in-time admin accounts for Microsoft Entra ID. Refusals are problem documents (RFC 9457).',
        ...Object.values(PROMISE),
      ].join('\n\n'),
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: [...new Set(Object.values<Route>(routes).map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'An API token: `curfew_…`.' },
      },
      schemas: components.schemas,
    },
  };
};

const operationOf = (route: Route, components: Components): Json => {
  const { params, query, headers, body } = route.request;
  return {
    operationId: route.id,
    tags: [route.tag],
    summary: route.summary,
    ...(route.description === undefined ? {} : { description: route.description }),
    'x-permission': route.permission,
    security: route.permission === 'public' ? [] : [{ token: [] }],
    parameters: [
      ...parametersOf('path', params),
      ...parametersOf('query', query),
      ...parametersOf('header', headers),
    ],
    ...(body === undefined
      ? {}
      : { requestBody: { required: requiresBody(body), content: jsonOf(inputSchema(body)) } }),
    responses: responsesOf(route, components),
  };
};

const responsesOf = (route: Route, components: Components): Json => {
  const { status, description, schema } = route.success;
  const problems = problemsOf(route).map((code): [string, Json] => [
    String(code),
    {
      description: refusals[code],
      content: { 'application/problem+json': { schema: components.refer(problem) } },
    },
  ]);
  return {
    [String(status)]: {
      description,
      content:
        route.page === true ? { 'text/html': { schema: plainText } } : jsonOf(components.refer(schema)),
    },
    ...Object.fromEntries(problems),
  };
};

const plainText: Json = { type: 'string' };

const jsonOf = (schema: Json): Json => ({ 'application/json': { schema } });

/** A body of which nothing must be said may be left out. */
const requiresBody = (schema: z.ZodType): boolean => !schema.safeParse({}).success;

const parametersOf = (place: 'path' | 'query' | 'header', fields: z.ZodObject | undefined): readonly Json[] =>
  Object.entries(fields?.shape ?? {}).map(([name, field]) => {
    const { description, ...schema } = inputSchema(field as z.ZodType);
    return {
      name: place === 'header' ? canonical(name) : name,
      in: place,
      required: place === 'path' || !(field as z.ZodType).safeParse(undefined).success,
      ...(description === undefined ? {} : { description }),
      schema,
    };
  });

/** `idempotency-key` → `Idempotency-Key`: headers are sent in any case, and written so. */
const canonical = (name: string): string => name.replace(/(^|-)[a-z]/g, (start) => start.toUpperCase());

const inputSchema = (schema: z.ZodType): Json => plain(z.toJSONSchema(schema, { io: 'input' }));

const plain = ({ $schema: _, ...schema }: Record<string, unknown>): Json => schema;

/** Schemas with a name, each once. */
class Components {
  readonly schemas: Record<string, Json> = {};

  /** The schema, its named parts replaced by references. */
  refer(schema: z.ZodType): Json {
    const whole = plain(z.toJSONSchema(schema, { io: 'output', reused: 'inline' }));
    const { $defs = {}, ...rest } = moved(whole) as Json & { readonly $defs?: Record<string, Json> };
    for (const [name, part] of Object.entries($defs)) this.schemas[name] = part;
    const own = z.globalRegistry.get(schema)?.id;
    if (own === undefined || '$ref' in rest) return rest;
    this.schemas[own] = rest;
    return { $ref: `#/components/schemas/${own}` };
  }
}

/** JSON Schema keeps named parts below `$defs`, OpenAPI below `components`; an inner `id` is neither's. */
const moved = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(moved);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value)
    .filter(([key, part]) => !(key === 'id' && typeof part === 'string'))
    .map(([key, part]) => [
      key,
      key === '$ref' && typeof part === 'string'
        ? part.replace('#/$defs/', '#/components/schemas/')
        : moved(part),
    ]);
  return Object.fromEntries(entries);
};

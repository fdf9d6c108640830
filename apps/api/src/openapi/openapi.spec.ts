import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { routes, ROUTE_PERMISSIONS } from '#contracts';
import { PERMISSIONS } from '#core/identity';
import { referencePages } from '../reference/reference.js';
import { buildOpenApi } from './openapi.js';

/** Every value below a key of that name, at any depth. */
const valuesOf = (value: unknown, key: string): unknown[] => {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, part]: [string, unknown]) =>
    name === key ? [part, ...valuesOf(part, key)] : valuesOf(part, key),
  );
};

describe('The OpenAPI document', () => {
  const document = buildOpenApi() as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly operationId: string }>>>>;
    readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
  };

  it('is the one that is committed', () => {
    const committed = readFileSync(resolve(__dirname, '../../../../openapi/openapi.json'), 'utf8');

    expect(`${JSON.stringify(document, null, 2)}\n`).toBe(committed);
  });

  it('describes every route once', () => {
    const operations = Object.values(document.paths).flatMap((path) => Object.values(path));

    expect(operations.map(({ operationId }) => operationId).sort()).toEqual(Object.keys(routes).sort());
  });

  it('refers to nothing that it does not hold', () => {
    const names = Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`);

    expect(new Set(valuesOf(document, '$ref'))).toEqual(new Set(names));
  });

  it('lets no object have fields that are not described, problems aside', () => {
    const open = valuesOf(document.components.schemas, 'additionalProperties').filter(
      (each) => each !== false,
    );

    // Facts of a problem, and the details of an audit event.
    expect(open).toHaveLength(2);
  });

  it('bounds every text that may be sent', () => {
    const bodies = valuesOf(valuesOf(document.paths, 'requestBody'), 'properties');
    const texts = bodies
      .flatMap((properties) => Object.entries(properties as object))
      .filter(([, schema]) => (schema as { type?: string }).type === 'string');

    const bounds = ['maxLength', 'enum', 'const'];
    const endless = texts.filter(([, schema]) => !bounds.some((bound) => bound in schema));
    expect(endless.map(([name]) => name)).toEqual([]);
  });
});

describe('The permissions of the contracts', () => {
  it("are the core's, and public", () => {
    expect([...ROUTE_PERMISSIONS].sort()).toEqual(['public', ...PERMISSIONS].sort());
  });
});

describe('The reference', () => {
  it('has a row for each code, permission and action, and no cell that breaks its table', () => {
    for (const page of Object.values(referencePages())) {
      const rows = page.split('\n').filter((line) => line.startsWith('|'));
      const columns = rows.map((row) => row.replace(/\\\|/g, '').split('|').length);
      expect(new Set(columns).size).toBe(1);
      expect(rows.length).toBeGreaterThan(12);
    }
  });
});

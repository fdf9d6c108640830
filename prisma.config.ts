import { existsSync, readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { defineConfig } from 'prisma/config';

// Every Prisma command wants the native schema engine, which is fetched from a host that may be out of reach. Without it
// the same engine runs as WebAssembly, from the npm registry.
const engines = resolve(import.meta.dirname, 'node_modules/@prisma/engines');
const native = existsSync(engines) && readdirSync(engines).some((file) => file.startsWith('schema-engine'));
if (!native) {
  process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= resolve(import.meta.dirname, 'tools/prisma-schema-engine.mjs');
}

export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  datasource: { url: process.env.DATABASE_URL ?? '' },
});

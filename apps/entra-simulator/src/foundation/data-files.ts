import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const folder = 'apps/entra-simulator/data';

/** Reads one of Microsoft's data files; works from source and from dist, which has no copy of them. */
export function readDataFile<T>(name: string): T {
  return JSON.parse(readFileSync(join(dataFolder(), name), 'utf8')) as T;
}

function dataFolder(): string {
  for (let dir = import.meta.dirname; dir !== dirname(dir); dir = dirname(dir)) {
    const candidate = join(dir, folder);
    if (existsSync(candidate)) return candidate;
  }
  throw new Error(`${folder} not found above ${import.meta.dirname}`);
}

/** Reads on first use, once. */
export function lazily<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import type { FaultRule, NamedFaultRule, Settings, TenantSpec } from '../control/contract.js';
import { seedSchema } from './seed-schema.js';

export interface Seed {
  /** The file, as errors name it. */
  readonly file: string;
  readonly tenants: Readonly<Record<string, TenantSpec>>;
  readonly settings: Settings;
  readonly faults: readonly (FaultRule | NamedFaultRule)[];
}

/** What is wrong with a seed file, for the person who wrote it: the file, where in it, and why. */
export class SeedError extends Error {}

const mostProblems = 20;

/** Reads and checks a seed file. Throws a SeedError that names every problem by its place; never a value. */
export function readSeed(file: string): Seed {
  const result = seedSchema.safeParse(parse(file, read(file)));
  if (!result.success) throw new SeedError(`${file}:\n${problemsOf(result.error)}`);
  const { tenants, settings, faults } = result.data;
  return {
    file,
    tenants: tenants as Record<string, TenantSpec>,
    settings: (settings ?? {}) as Settings,
    faults: (faults ?? []) as (FaultRule | NamedFaultRule)[],
  };
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new SeedError(
      `${file}: ${code === 'ENOENT' ? 'there is no such file' : `can't be read (${code ?? 'unknown'})`}`,
    );
  }
}

function parse(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new SeedError(`${file}: no JSON${placeOf(error as Error, text)}`);
  }
}

/** Node names an offset in some of its messages and quotes the text in others: only the place is told on. */
function placeOf({ message }: Error, text: string): string {
  const offset = /position (\d+)/.exec(message)?.[1];
  if (offset === undefined) return '';
  const before = text.slice(0, Number(offset)).split('\n');
  return ` (line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1})`;
}

function problemsOf({ issues }: z.ZodError): string {
  const lines = issues.map((issue) => `  ${pathOf(issue.path)}: ${reasonOf(issue)}`);
  const more = lines.length - mostProblems;
  return [...lines.slice(0, mostProblems), ...(more > 0 ? [`  and ${more} more`] : [])].join('\n');
}

/** The only keys that are checked are the tenants'. */
const reasonOf = ({ code, message }: z.core.$ZodIssue): string =>
  code === 'invalid_key' ? "a tenant's id must be a GUID" : message;

const pathOf = (path: readonly PropertyKey[]): string =>
  path.length === 0
    ? 'the file'
    : path
        .map((key, i) => (typeof key === 'number' ? `[${key}]` : `${i > 0 ? '.' : ''}${String(key)}`))
        .join('');

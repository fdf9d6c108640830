import type { Instant } from '#core/shared';
import { textOf } from './graph-answer.js';

/** Graph answered 2xx with something that is not what its documents promise. The message names the field, no value. */
export class MalformedAnswer extends Error {
  override readonly name = 'MalformedAnswer';
}

/** A field that an answer can't be read without. Throws `MalformedAnswer`. */
export const must = <T>(value: T | null, field: string): T => {
  if (value === null) throw new MalformedAnswer(`Graph's answer has no readable ${field}.`);
  return value;
};

/** Its text, which is not empty. Throws `MalformedAnswer`. */
export const text = (fields: Readonly<Record<string, unknown>>, field: string): string =>
  must(fields[field] === '' ? null : textOf(fields[field]), field);
/** Null for anything that is no time. */
export const instant = (value: unknown): Instant | null => {
  const at = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? null : at;
};

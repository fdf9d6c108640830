import { idOf, type Id, type Instant } from '#core/shared';
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

/**
 * An id of Entra's, in lower case as the rest of Curfew has it: case means nothing in a GUID, and one that is compared
 * as it came would be no match, so that a role that is held would pass for gone. Throws `MalformedAnswer`.
 */
export const entraId = <Kind extends string>(
  fields: Readonly<Record<string, unknown>>,
  field: string,
): Id<Kind> => idOf<Kind>(text(fields, field).toLowerCase());

/** Null for anything that is no time. */
export const instant = (value: unknown): Instant | null => {
  const at = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? null : at;
};

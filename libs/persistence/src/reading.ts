import type { Instant } from '#core/shared';

/** A stored value that is not what it must be. Says where, never what: the value may be anything. */
export class UnreadableRowError extends Error {
  override readonly name = 'UnreadableRowError';

  constructor(place: string, expected: string) {
    super(`The database holds something unexpected in ${place}: it should be ${expected}.`);
  }
}

/** Takes an unknown value for what it should be, or refuses it: a row that can't be understood gives nobody anything. */
export type Reader<T> = (value: unknown, place: string) => T;

const reader =
  <T>(expected: string, fits: (value: unknown) => value is T): Reader<T> =>
  (value, place) => {
    if (!fits(value)) throw new UnreadableRowError(place, expected);
    return value;
  };

export const text = reader('a text', (value): value is string => typeof value === 'string');
export const flag = reader('true or false', (value): value is boolean => typeof value === 'boolean');
export const whole = reader('a whole number', (value): value is number => Number.isSafeInteger(value));

/** Ids are texts; their kind is known by where they stand. */
export const idText =
  <Id extends string>(): Reader<Id> =>
  (value, place) =>
    text(value, place) as Id;

export const oneOf = <T extends string>(...allowed: readonly T[]): Reader<T> =>
  reader(`one of ${allowed.join(', ')}`, (value): value is T => allowed.some((one) => one === value));

export const orNull =
  <T>(read: Reader<T>): Reader<T | null> =>
  (value, place) =>
    value === null ? null : read(value, place);

/** Of a field that rows from before it was there lack. */
export const absentAs =
  <T>(fallback: T, read: Reader<T>): Reader<T> =>
  (value, place) =>
    value === undefined ? fallback : read(value, place);

const array = reader('a list', (value): value is unknown[] => Array.isArray(value));

export const listOf =
  <T>(read: Reader<T>): Reader<readonly T[]> =>
  (value, place) =>
    array(value, place).map((item, index) => read(item, `${place}[${index}]`));

const object = reader(
  'an object',
  (value): value is Record<string, unknown> =>
    typeof value === 'object' && value !== null && !Array.isArray(value),
);

export const dictionaryOf =
  <T>(read: Reader<T>): Reader<Readonly<Record<string, T>>> =>
  (value, place) =>
    Object.fromEntries(
      Object.entries(object(value, place)).map(([key, item]) => [key, read(item, `${place}.${key}`)]),
    );

/** An object with these fields; others are left out, so that a newer version's row can still be read. */
export const shape =
  <T extends object>(fields: { readonly [Key in keyof T]-?: Reader<T[Key]> }): Reader<T> =>
  (value, place) => {
    const found = object(value, place);
    const read = Object.entries<Reader<unknown>>(fields).map(([key, field]) => [
      key,
      field(found[key], `${place}.${key}`),
    ]);
    return Object.fromEntries(read) as T;
  };

/** Instants are epoch milliseconds in the core and `timestamptz(3)` in the database. */
export const instantOf = (date: Date): Instant => date.getTime();
export const instantOrNull = (date: Date | null): Instant | null => (date === null ? null : date.getTime());
export const dateOf = (at: Instant): Date => new Date(at);
export const dateOrNull = (at: Instant | null): Date | null => (at === null ? null : new Date(at));
/** With its zone, so that it means the same whatever the session's time zone is. */
export const isoOf = (at: Instant): string => new Date(at).toISOString();
export const isoOrNull = (at: Instant | null): string | null => (at === null ? null : isoOf(at));

import { z } from 'zod';
import { HOUR, MINUTE, Secret, SECOND } from '#core/shared';

// Every reason below is fixed text: what stood in the variable is never repeated.

const UNITS = { ms: 1, s: SECOND, m: MINUTE, h: HOUR, d: 24 * HOUR } as const;
const SIZES = { b: 1, kb: 1_024, mb: 1_048_576 } as const;

const amountOf = (text: string, units: Readonly<Record<string, number>>): number => {
  const [, amount = '', unit = ''] = /^(\d{1,9})([a-z]+)$/.exec(text) ?? [];
  return Number(amount === '' ? NaN : amount) * (units[unit] ?? NaN);
};

/** The text of a bound; both ends are in. */
export interface Bounds {
  readonly min: string;
  readonly max: string;
}

const amount = (kind: string, units: Readonly<Record<string, number>>, { min, max }: Bounds) =>
  z
    .string()
    .transform((text) => amountOf(text, units))
    .refine((value) => value >= amountOf(min, units) && value <= amountOf(max, units), {
      error: `must be ${kind} from ${min} to ${max}`,
    });

/** `250ms`, `30s`, `15m`, `8h`, `7d` → milliseconds. */
export const duration = (bounds: Bounds) => amount('a duration', UNITS, bounds);

/** `512b`, `100kb`, `1mb` → bytes. */
export const size = (bounds: Bounds) => amount('a size', SIZES, bounds);

/** A whole number; both bounds are in. */
export const wholeNumber = ({ min, max }: { readonly min: number; readonly max: number }) =>
  z
    .string()
    .transform((text) => (/^\d{1,9}$/.test(text) ? Number(text) : NaN))
    .refine((value) => value >= min && value <= max, {
      error: `must be a whole number from ${min} to ${max}`,
    });

/** One of a few words. */
export const oneOf = <const Words extends readonly [string, ...string[]]>(words: Words) =>
  z.enum(words, { error: `must be one of ${words.join(', ')}` });

/** Some of a few words, with commas in between; at least one. */
export const someOf = <const Words extends readonly [string, ...string[]]>(words: Words) => {
  const error = `must name one or more of ${words.join(', ')}, with commas in between`;
  return z
    .string()
    .transform((text) => text.split(',').map((word) => word.trim()))
    .pipe(z.array(z.enum(words, { error }), { error }).min(1, { error }));
};

/** A URL with one of these schemes. */
export const url = (...schemes: readonly [string, ...string[]]) => {
  const wanted = schemes.map((scheme) => `${scheme}://…`).join(' or ');
  return z.string().refine((text) => schemes.includes(schemeOf(text)), { error: `must be a URL ${wanted}` });
};

const HERE = ['localhost', '127.0.0.1', '[::1]'];

/** A URL that nobody on the way can read: https, or this very machine. */
export const httpsOrHere = z.string().refine(
  (text) => {
    const scheme = schemeOf(text);
    return scheme === 'https' || (scheme === 'http' && HERE.includes(new URL(text).hostname));
  },
  { error: 'must be a URL https://…, or http://… on this machine' },
);

/** Such a URL to which paths are added: no query, no fragment, no name in it, and no slash at its end. */
export const baseUrl = httpsOrHere
  .refine((text) => !URL.canParse(text) || isBare(new URL(text)), {
    error: 'must have neither a query nor a fragment nor a user',
  })
  .transform((text) => text.replace(/\/+$/, ''));

/** Some text; what it means is judged where it is used. */
export const text = z.string().min(1, { error: 'must not be empty' });

/** Wraps what was read, so that it can't be printed any more. */
export const secret = (schema: z.ZodType<string, string>) => schema.transform((value) => new Secret(value));

const isBare = ({ search, hash, username, password }: URL): boolean =>
  [search, hash, username, password].every((part) => part === '');

const schemeOf = (value: string): string => {
  const parsed = URL.canParse(value) ? new URL(value) : null;
  return parsed === null || parsed.hostname === '' ? '' : parsed.protocol.slice(0, -1);
};

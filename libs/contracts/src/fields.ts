import { z } from 'zod';

const INSTANT_LENGTH = 40;

/** An id of ours, or of Entra's: a UUID of any version. */
export const id = z
  .string()
  .max(36)
  .regex(/^[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$/, 'must be a UUID')
  .toLowerCase()
  .meta({ description: 'A UUID.', examples: ['019ab0c4-0000-7000-8000-000000000001'] });

/** An instant as it is sent: ISO 8601 with `Z` or an offset. */
export const instantIn = z
  .string()
  .max(INSTANT_LENGTH)
  .pipe(z.iso.datetime({ offset: true, error: 'must be an instant such as 2026-01-31T09:30:00Z' }))
  .meta({
    description: 'An instant in ISO 8601, with Z or an offset.',
    examples: ['2026-01-31T09:30:00Z'],
  });

/** An instant as it is answered: ISO 8601 in UTC. */
export const instantOut = z.iso
  .datetime()
  .max(INSTANT_LENGTH)
  .meta({ description: 'An instant in ISO 8601, UTC.', examples: ['2026-01-31T09:30:00.000Z'] });

export const text = (most: number) => z.string().max(most);

/** Written by people: without blanks around it, without control characters, and not empty. */
export const line = (most: number) =>
  z
    .string()
    .max(most)
    .trim()
    .min(1, 'must not be empty')
    // eslint-disable-next-line no-control-regex -- exactly these are refused: they forge lines where they are printed
    .regex(/^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$/, 'must be one line without control characters');

export const seconds = z.int().min(30).max(604_800);

export const limit = z
  .string()
  .max(3)
  .regex(/^(?:[1-9]\d?|100)$/, 'must be a number from 1 to 100')
  .transform(Number)
  .default(50)
  .meta({ description: 'How many to answer, 1 to 100.' });

/** The query of a list, with what it can be narrowed by. */
export const pageQuery = <Filter extends z.ZodRawShape>(filter: Filter) =>
  z.strictObject({
    ...filter,
    cursor: id.optional().meta({ description: 'nextCursor of the page before.' }),
    limit,
  });

export const auditPageQuery = z.strictObject({
  cursor: z
    .string()
    .max(16)
    .regex(/^[1-9]\d*$/, 'must be the nextCursor of a page')
    .transform(Number)
    .optional()
    .meta({ description: 'nextCursor of the page before.' }),
  limit,
});

/** One page of a list. */
export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.strictObject({
    items: z.array(item).max(100),
    nextCursor: text(40)
      .nullable()
      .meta({ description: 'Send it as `cursor` for the next page; null: this was the last.' }),
  });

/** Names a create, so that it can be sent again without being done again. */
export const createHeaders = z.strictObject({
  'idempotency-key': z
    .string()
    .min(1)
    .max(200)
    .regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without blanks')
    .optional()
    .meta({
      description:
        'A key of your own for this create: sent again with the same body it answers the same resource, with another ' +
        'body it is refused.',
    }),
});

/** A role that holds in one administrative unit alone. */
export const unitRole = z.strictObject({
  roleId: id.meta({ description: 'Template id of a built-in directory role, or id of a custom one.' }),
  unitId: id.meta({ description: 'Object id of an administrative unit.' }),
});

export const oneById = z.strictObject({ id });
/** For what is done by a POST alone. */
export const nothing = z.strictObject({});

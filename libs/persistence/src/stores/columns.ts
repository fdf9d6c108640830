import { Prisma } from '../generated/client.js';

/**
 * The columns of a table under the names that the generated client gives them, for hand-written queries whose rows are to be
 * mapped like the client's own. Built from the schema's field names alone.
 */
export const columnsOf = (alias: string, fields: Readonly<Record<string, string>>): Prisma.Sql =>
  Prisma.raw(
    Object.values(fields)
      .map((field) => `${alias}.${snakeCase(field)} AS "${field}"`)
      .join(', '),
  );

const snakeCase = (field: string): string => field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

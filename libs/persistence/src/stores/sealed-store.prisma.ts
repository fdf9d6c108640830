import type { Resealed, SealedColumn, SealedStore, SealedValue } from '#core/shared';
import { Prisma } from '../generated/client.js';
import type { Session } from '../session.js';

/** Where a sealed column stands, and what its place is made of. */
interface Column {
  readonly name: string;
  readonly table: Prisma.Sql;
  readonly rowId: Prisma.Sql;
  readonly version: Prisma.Sql;
  readonly text: Prisma.Sql;
}

const columns: Readonly<Record<SealedColumn, Column>> = {
  entra_connection: {
    name: 'sealed_credential',
    table: Prisma.sql`entra_connection`,
    rowId: Prisma.sql`s.id`,
    version: Prisma.sql`s.version`,
    text: Prisma.sql`sealed_credential`,
  },
  entra_pending_certificate: {
    name: 'sealed_credential',
    table: Prisma.sql`entra_pending_certificate`,
    rowId: Prisma.sql`s.id`,
    // A certificate is never changed, and each has an id of its own.
    version: Prisma.sql`1`,
    text: Prisma.sql`sealed_credential`,
  },
  entra_revoker_credential: {
    name: 'sealed_credential',
    table: Prisma.sql`entra_revoker_credential`,
    rowId: Prisma.sql`s.customer_id`,
    version: Prisma.sql`s.version`,
    text: Prisma.sql`sealed_credential`,
  },
  organization_app: {
    name: 'sealed_credential',
    table: Prisma.sql`organization_app`,
    rowId: Prisma.sql`s.id`,
    version: Prisma.sql`s.version`,
    text: Prisma.sql`sealed_credential`,
  },
  managed_account: {
    name: 'sealed_password',
    table: Prisma.sql`managed_account`,
    rowId: Prisma.sql`s.id`,
    version: Prisma.sql`s.sealed_password_generation`,
    text: Prisma.sql`sealed_password`,
  },
};

interface ValueRow {
  readonly rowId: string;
  readonly version: number;
  readonly text: string;
}

/** For the role that may read and write sealed values, and nothing else of their rows. */
export class PrismaSealedStore implements SealedStore {
  constructor(private readonly session: Session) {}

  page(
    column: SealedColumn,
    { after, limit }: { readonly after: string | null; readonly limit: number },
  ): Promise<readonly SealedValue[]> {
    const { organizationId } = this.session;
    const { name, table, rowId, version, text } = columns[column];
    return this.session.run(async (tx) => {
      const rows = await tx.$queryRaw<ValueRow[]>`
        SELECT ${rowId} AS "rowId", ${version} AS version, s.${text} AS text FROM ${table} s
         WHERE s.organization_id = ${organizationId}::uuid AND s.${text} IS NOT NULL
           AND (${after}::uuid IS NULL OR ${rowId} > ${after}::uuid)
         ORDER BY ${rowId} LIMIT ${limit}`;
      return rows.map((row) => ({
        place: { organizationId, table: column, column: name, rowId: row.rowId, version: row.version },
        text: row.text,
      }));
    });
  }

  countByKey(column: SealedColumn): Promise<ReadonlyMap<string, number>> {
    const { table, text } = columns[column];
    return this.session.run(async (tx) => {
      // The id of the key stands second in each sealed text.
      const rows = await tx.$queryRaw<{ readonly key: string; readonly count: number }[]>`
        SELECT split_part(s.${text}, '.', 2) AS key, count(*)::int AS count FROM ${table} s
         WHERE s.organization_id = ${this.session.organizationId}::uuid AND s.${text} IS NOT NULL
         GROUP BY 1`;
      return new Map(rows.map(({ key, count }) => [key, count]));
    });
  }

  replace(column: SealedColumn, values: readonly Resealed[]): Promise<number> {
    const { table, rowId, text } = columns[column];
    const ids = values.map((value) => value.rowId);
    const befores = values.map(({ before }) => before);
    const afters = values.map(({ after }) => after);
    return this.session.run(
      (tx) => tx.$executeRaw`
        WITH free AS (
          SELECT ${rowId} AS row_id, v.after
            FROM ${table} s
            JOIN unnest(${ids}::uuid[], ${befores}::text[], ${afters}::text[]) AS v(row_id, before, after)
              ON v.row_id = ${rowId} AND v.before = s.${text}
           WHERE s.organization_id = ${this.session.organizationId}::uuid
           ORDER BY 1
             FOR NO KEY UPDATE OF s SKIP LOCKED
        )
        UPDATE ${table} s SET ${text} = free.after FROM free
         WHERE s.organization_id = ${this.session.organizationId}::uuid AND ${rowId} = free.row_id`,
    );
  }
}

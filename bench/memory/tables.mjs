// What PostgreSQL keeps for a grant, on its disk and in its caches.

const TABLES = ['access_grant', 'access_request', 'managed_account'];

/** @param {import('pg').Client} database @returns bytes of a `grant` alone, and of `all` that is kept for it; indexes included */
export const bytesPerGrant = async (database) => {
  const { rows } = await database.query(
    `SELECT name, pg_total_relation_size(name::regclass)::float8 AS bytes FROM unnest($1::text[]) AS name`,
    [TABLES],
  );
  const { rows: counted } = await database.query('SELECT count(*)::int AS count FROM access_grant');
  const [{ count }] = counted;
  const bytesOf = (name) => rows.find((row) => row.name === name).bytes / count;
  return { grant: bytesOf('access_grant'), all: TABLES.reduce((sum, name) => sum + bytesOf(name), 0) };
};

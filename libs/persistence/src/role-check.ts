import type { PrismaClient } from './generated/client.js';

interface RoleRow {
  readonly name: string;
  readonly privileged: boolean;
  readonly owns: boolean;
  readonly member: boolean;
  readonly serverVersion: number;
}

/**
 * The first minor release of each major one that has the fixes of row-level security that Curfew's isolation rests on
 * (CVE-2023-2455, CVE-2024-10976).
 */
const OLDEST_MINOR: Readonly<Record<number, number>> = { 15: 9, 16: 5, 17: 1 };
const OLDEST_MAJOR = 15;

/**
 * Refuses to run on rights that would make row-level security void: a superuser, a role that bypasses it, the owner of
 * the tables, or a role of another purpose.
 */
export const requireRole = async (
  prisma: PrismaClient,
  group: 'curfew_app' | 'curfew_clockwork' | 'curfew_keys' | 'curfew_revoker',
): Promise<void> => {
  const [role] = await prisma.$queryRaw<RoleRow[]>`
    SELECT current_user::text AS name,
           (SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user) AS privileged,
           EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                    WHERE n.nspname = 'public' AND c.relkind = 'r' AND pg_has_role(c.relowner, 'MEMBER')) AS owns,
           ARRAY(SELECT r.rolname FROM pg_roles r
                  WHERE r.rolname IN ('curfew_app', 'curfew_clockwork', 'curfew_keys', 'curfew_queue', 'curfew_revoker')
                    AND pg_has_role(r.oid, 'MEMBER')) = ARRAY[${group}::name] AS member,
           current_setting('server_version_num')::int AS "serverVersion"`;
  const problem = role === undefined ? 'is unknown to the database' : problemOf(role, group);
  if (problem !== null) {
    throw new Error(
      `The database role ${role?.name ?? ''} ${problem}. Prepare the database with ` +
        '`node scripts/prepare.mjs <directory>`, which prints the variables to set (docs/install.md).',
    );
  }
};

const problemOf = (role: RoleRow, group: string): string | null => {
  if (role.privileged) return 'is a superuser or bypasses row-level security';
  if (role.owns) return 'owns tables, so that row-level security would not bind it';
  if (!role.member) return `is not a member of ${group} alone`;
  const [major, minor] = [Math.floor(role.serverVersion / 10_000), role.serverVersion % 10_000];
  if (major < OLDEST_MAJOR || minor < (OLDEST_MINOR[major] ?? 0)) {
    return `is on PostgreSQL ${major}.${minor}, whose row-level security has known holes: use the latest minor release`;
  }
  return null;
};

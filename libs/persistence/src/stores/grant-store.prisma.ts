import type { AccountScope } from '#core/accounts';
import {
  barOf,
  MOST_GRANTS_READ,
  shortenedTo,
  underCeiling,
  type Bar,
  type Grant,
  type GrantFilter,
  type GrantInForce,
  type GrantStore,
  type GrantLimit,
  type LiveFilter,
  type LiveGrant,
  type MovedGrant,
  type ShortenedGrant,
} from '#core/grants';
import { idOf, type AccountId, type GrantId, type PolicyId } from '#core/shared';
import { Prisma } from '../generated/client.js';
import type { AccessGrantModel } from '../generated/models.js';
import { instantOf, isoOf, oneOf, orNull } from '../reading.js';
import type { Session } from '../session.js';
import { columnsOf } from './columns.js';
import { customerState } from './customer-store.prisma.js';
import { connectionState } from './entra-connection-store.prisma.js';
import { entitlement, roleCeiling } from './entitlement.js';
import { changeableColumns, fixedColumns, grantFromRow, savedColumns } from './grant-row.js';
import { liveGrants, movedTo } from './grants-of-policies.prisma.js';
import { technicianState } from './technician-store.prisma.js';

const forbidden = oneOf<Bar>(
  'technician_left',
  'technician_suspended',
  'not_entitled',
  'policy_removed',
  'outside_hours',
  'customer_removed',
  'connection_removed',
);

interface Around {
  readonly policyGives: unknown;
  readonly roleCeiling: unknown;
  readonly isKilled: boolean;
  readonly isEntitled: boolean;
  readonly technicianState: string;
  readonly customerState: string;
  readonly connectionState: string | null;
}
type GrantWithAround = AccessGrantModel & Around;
interface LiveRow {
  readonly id: string;
  readonly customerId: string;
  readonly startsAt: Date;
  readonly expiresAt: Date;
}

/** Of `access_grant g` under `access_policy p`: its technician is in one of the policy's groups, or the policy names none. */
const ENTITLED = Prisma.sql`(coalesce(cardinality(p.technician_groups), 0) = 0 OR EXISTS (
  SELECT FROM technician_group_member m
    JOIN technician_group tg ON tg.organization_id = m.organization_id AND tg.id = m.group_id
   WHERE m.organization_id = g.organization_id AND m.technician_id = g.technician_id
     AND m.group_id = ANY(p.technician_groups) AND tg.state = 'active'))`;

const ofScope = (
  scope: Extract<AccountScope, { kind: 'technician' | 'customer' | 'policy' }>,
): Prisma.Sql => {
  switch (scope.kind) {
    case 'technician':
      return Prisma.sql`g.technician_id = ${scope.technicianId}::uuid`;
    case 'customer':
      return Prisma.sql`g.customer_id = ${scope.customerId}::uuid`;
    case 'policy':
      return Prisma.sql`g.policy_id = ${scope.policyId}::uuid`;
  }
};

const columns = columnsOf('g', Prisma.AccessGrantScalarFieldEnum);

export class PrismaGrantStore implements GrantStore {
  constructor(private readonly session: Session) {}

  insert(grant: Grant): Promise<void> {
    const { version } = grant;
    return this.session.run(async (tx) => {
      await tx.accessGrant.create({
        data: { ...fixedColumns(grant), ...changeableColumns(grant), version },
      });
    });
  }

  get(id: GrantId): Promise<Grant | null> {
    const { organizationId } = this.session;
    return this.session.run(async (tx) => {
      const row = await tx.accessGrant.findUnique({ where: { organizationId_id: { organizationId, id } } });
      return row === null ? null : grantFromRow(row);
    });
  }

  list(filter: GrantFilter): Promise<readonly Grant[]> {
    const { technicianId, customerId, state, after } = filter;
    return this.session.run(async (tx) => {
      const rows = await tx.accessGrant.findMany({
        where: {
          organizationId: this.session.organizationId,
          ...(technicianId === undefined ? {} : { technicianId }),
          ...(customerId === undefined ? {} : { customerId }),
          ...(state === undefined ? {} : { state }),
          ...(after === null ? {} : { id: { lt: after } }),
        },
        orderBy: { id: 'desc' },
        take: filter.limit,
      });
      return rows.map(grantFromRow);
    });
  }

  live(filter: LiveFilter): Promise<readonly LiveGrant[]> {
    return liveGrants(this.session, filter);
  }

  openOf(accountIds: readonly AccountId[]): Promise<readonly GrantInForce[]> {
    const { organizationId } = this.session;
    return this.session.run(async (tx) => {
      const rows = await tx.$queryRaw<GrantWithAround[]>`
        SELECT ${columns}, p.gives AS "policyGives", z.role_ceiling AS "roleCeiling",
               t.state AS "technicianState", c.state AS "customerState", e.state AS "connectionState",
               EXISTS (
                 SELECT FROM hold h
                  WHERE h.organization_id = g.organization_id
                    AND (h.lifted_at IS NULL OR h.placed_at >= g.created_at)
                    AND (h.technician_id IS NULL OR h.technician_id = g.technician_id)
                    AND (h.customer_id IS NULL OR h.customer_id = g.customer_id)) AS "isKilled",
               ${ENTITLED} AS "isEntitled"
          FROM unnest(${[...new Set(accountIds)]}::uuid[]) AS wanted(account_id)
          CROSS JOIN LATERAL (
            SELECT o.id FROM access_grant o
             WHERE o.organization_id = ${organizationId}::uuid AND o.account_id = wanted.account_id
               AND o.state NOT IN ('ended', 'left_behind')
             ORDER BY o.state NOT IN ('starting', 'active'), o.state = 'scheduled', o.expires_at, o.id
             LIMIT ${MOST_GRANTS_READ}) AS open
          JOIN access_grant g ON g.organization_id = ${organizationId}::uuid AND g.id = open.id
          JOIN technician t ON t.organization_id = g.organization_id AND t.id = g.technician_id
          JOIN customer c ON c.organization_id = g.organization_id AND c.id = g.customer_id
          LEFT JOIN organization z ON z.id = g.organization_id
          LEFT JOIN entra_connection e
            ON e.organization_id = g.organization_id AND e.customer_id = g.customer_id
          LEFT JOIN access_policy p
            ON p.organization_id = g.organization_id AND p.id = g.policy_id AND p.state = 'active'
         ORDER BY g.id`;
      return rows.map(inForce);
    });
  }

  forbid(
    scope: Extract<AccountScope, { kind: 'technician' | 'customer' | 'policy' }>,
    why: Bar,
  ): Promise<void> {
    return this.session.run(async (tx) => {
      await tx.$executeRaw`
        UPDATE access_grant g SET forbidden = ${why}
         WHERE g.organization_id = ${this.session.organizationId}::uuid AND g.forbidden IS NULL
           AND g.state IN ('scheduled', 'starting', 'active', 'failed') AND ${ofScope(scope)}`;
    });
  }

  forbidUnentitled(scope: Extract<AccountScope, { kind: 'group' | 'policy' }>): Promise<void> {
    const concerned =
      scope.kind === 'policy'
        ? ofScope(scope)
        : Prisma.sql`${scope.groupId}::uuid = ANY(p.technician_groups)
            AND (${scope.technicianIds === null} OR g.technician_id = ANY(${[...(scope.technicianIds ?? [])]}::uuid[]))`;
    return this.session.run(async (tx) => {
      await tx.$executeRaw`
        UPDATE access_grant g SET forbidden = 'not_entitled'
          FROM access_policy p
         WHERE p.organization_id = g.organization_id AND p.id = g.policy_id AND p.state = 'active'
           AND g.organization_id = ${this.session.organizationId}::uuid AND g.forbidden IS NULL
           AND g.state IN ('scheduled', 'starting', 'active', 'failed') AND ${concerned} AND NOT (${ENTITLED})`;
    });
  }

  move(from: Parameters<GrantStore['move']>[0], to: PolicyId): Promise<readonly MovedGrant[]> {
    return movedTo(this.session, from, to);
  }

  /** Locked in the order of their ids, as `saveAll` does. */
  shorten(policyId: PolicyId, limit: GrantLimit): Promise<readonly ShortenedGrant[]> {
    const { organizationId } = this.session;
    return this.session.run(async (tx) => {
      const live = await tx.$queryRaw<LiveRow[]>`
        SELECT g.id, g.customer_id AS "customerId", g.starts_at AS "startsAt", g.expires_at AS "expiresAt"
          FROM access_grant g
         WHERE g.organization_id = ${organizationId}::uuid AND g.policy_id = ${policyId}::uuid
           AND g.state IN ('scheduled', 'starting', 'active') AND g.expires_at > ${isoOf(limit.now)}::timestamptz
         ORDER BY g.id FOR NO KEY UPDATE`;
      const { never, shortened } = shortenedBy(live, limit);
      await tx.$executeRaw`
        UPDATE access_grant g SET forbidden = 'outside_hours'
         WHERE g.organization_id = ${organizationId}::uuid AND g.id = ANY(${never}::uuid[]) AND g.forbidden IS NULL`;
      const rows = JSON.stringify(shortened.map(({ id, to }) => ({ id, until: isoOf(to) })));
      await tx.$executeRaw`
        UPDATE access_grant g SET expires_at = s.until, latest_expires_at = s.until, version = g.version + 1
          FROM jsonb_to_recordset(${rows}::jsonb) AS s(id uuid, until timestamptz)
         WHERE g.organization_id = ${organizationId}::uuid AND g.id = s.id`;
      return shortened;
    });
  }

  save(grant: Grant): Promise<boolean> {
    return this.saveAll([grant]);
  }

  /** Locked in the order of their ids, so that two who save some of the same don't lock crosswise. */
  saveAll(grants: readonly Grant[]): Promise<boolean> {
    const { organizationId, rights } = this.session;
    const rows = JSON.stringify(grants.map(savedColumns));
    const intended = rights === 'taking' ? Prisma.empty : INTENDED;
    return this.session.run(async (tx) => {
      const count = await tx.$executeRaw`
        WITH saved AS MATERIALIZED (
          SELECT * FROM jsonb_to_recordset(${rows}::jsonb) AS s(
            id uuid, version int, approved jsonb, credential text, end_action text, starts_at timestamptz,
            expires_at timestamptz, latest_expires_at timestamptz, reveals int, state text, end_reason text,
            failure jsonb, active_at timestamptz, ending_at timestamptz, taken_at timestamptz, ended_at timestamptz,
            proofs jsonb)
        ), known AS MATERIALIZED (
          SELECT g.id FROM access_grant g JOIN saved s ON s.id = g.id AND s.version = g.version
           WHERE g.organization_id = ${organizationId}::uuid
           ORDER BY g.id FOR NO KEY UPDATE OF g
        )
        UPDATE access_grant g SET ${intended}
          state = s.state, end_reason = s.end_reason, failure = s.failure, active_at = s.active_at,
          ending_at = s.ending_at, taken_at = s.taken_at, ended_at = s.ended_at, proofs = s.proofs,
          version = g.version + 1
          FROM known JOIN saved s ON s.id = known.id
         WHERE g.organization_id = ${organizationId}::uuid AND g.id = known.id`;
      return count === grants.length;
    });
  }
}

/** What people change of a grant, and whoever only takes away may not write. */
const INTENDED = Prisma.sql`
  approved = s.approved, credential = s.credential, end_action = s.end_action, starts_at = s.starts_at,
  expires_at = s.expires_at, latest_expires_at = s.latest_expires_at, reveals = s.reveals,`;

const inForce = (row: GrantWithAround): GrantInForce => ({
  grant: grantFromRow(row),
  policyGives:
    row.policyGives === null
      ? null
      : underCeiling(
          entitlement(row.policyGives, 'access_policy.gives'),
          roleCeiling(row.roleCeiling, 'organization.role_ceiling'),
        ),
  bar:
    barOf({
      isKilled: row.isKilled,
      isEntitled: row.isEntitled,
      technician: technicianState(row.technicianState, 'technician.state'),
      customer: customerState(row.customerState, 'customer.state'),
      connection: orNull(connectionState)(row.connectionState, 'entra_connection.state'),
    }) ?? orNull(forbidden)(row.forbidden, 'access_grant.forbidden'),
});

const shortenedBy = (live: readonly LiveRow[], limit: GrantLimit) => {
  const grants = live.map((row) => ({
    id: idOf<'grant'>(row.id),
    customerId: idOf<'customer'>(row.customerId),
    startsAt: instantOf(row.startsAt),
    expiresAt: instantOf(row.expiresAt),
  }));
  return shortenedTo(grants, limit);
};

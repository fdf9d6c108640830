import { idOf, UNREAD_MS, type CustomerId, type Instant } from '#core/shared';
import type { CustomerFacts, CustomerFactsStore, Throttle, Workload } from '#core/tenancy';
import { Prisma } from '../generated/client.js';
import { instantOf, instantOrNull, isoOf, listOf, oneOf, shape, text, whole } from '../reading.js';
import type { Session } from '../session.js';
import { customerState, workload } from './customer-store.prisma.js';
import { capabilities, connectionState, credentialKind } from './entra-connection-store.prisma.js';
import { verdict } from './validation-store.prisma.js';

interface FactsRow {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly createdAt: Date;
  readonly connectionState: string | null;
  readonly credentialKind: string | null;
  readonly credentialEndsAt: Date | null;
  readonly secondEndsAt: Date | null;
  readonly capabilities: unknown;
  readonly version: number | null;
  readonly validatedAt: Date | null;
  readonly verdict: string | null;
  readonly validatedVersion: number | null;
  readonly comparedAt: Date | null;
  readonly closedTiers: unknown;
  readonly throttles: unknown;
  readonly accountsInUse: number;
  readonly owedEnds: number;
  readonly owedSince: Date | null;
  readonly unproven: number;
}

const throttleRows = listOf(
  shape<{ workload: Workload; untilMs: number; reason: string }>({ workload, untilMs: whole, reason: text }),
);

const closedTierRows = listOf(
  shape<CustomerFacts['closedTiers'][number]>({ tier: text, verdict: oneOf('failed', 'lost') }),
);

/** Of `customer c` with `entra_connection e`: those that are closed for the app that is connected. */
const CLOSED_TIERS = Prisma.sql`
  SELECT COALESCE(jsonb_agg(jsonb_build_object('tier', p.tier, 'verdict', p.verdict) ORDER BY p.tier), '[]') AS "closedTiers"
    FROM take_back_proof p
   WHERE p.organization_id = c.organization_id AND p.customer_id = c.id AND p.verdict IN ('failed', 'lost')
     AND p.app ->> 'cloud' = e.cloud AND p.app ->> 'tenantId' = e.tenant_id AND p.app ->> 'clientId' = e.client_id`;

/** Customers with what tells how they are: one statement, and by indexes whatever their history. */
export class PrismaCustomerFactsStore implements CustomerFactsStore {
  constructor(private readonly session: Session) {}

  async of(id: CustomerId, now: Instant): Promise<CustomerFacts | null> {
    const [facts = null] = await this.#read(Prisma.sql`c.id = ${id}::uuid`, { limit: 1, now });
    return facts;
  }

  list(
    { after, limit }: { readonly after: CustomerId | null; readonly limit: number },
    now: Instant,
  ): Promise<readonly CustomerFacts[]> {
    const beyond = after === null ? Prisma.sql`true` : Prisma.sql`c.id > ${after}::uuid`;
    return this.#read(Prisma.sql`c.state <> 'removed' AND ${beyond}`, { limit, now });
  }

  #read(
    where: Prisma.Sql,
    { limit, now }: { readonly limit: number; readonly now: Instant },
  ): Promise<readonly CustomerFacts[]> {
    const { organizationId } = this.session;
    const at = isoOf(now);
    return this.session.run(async (tx) => {
      const rows = await tx.$queryRaw<FactsRow[]>`
        SELECT c.id, c.name, c.state, c.created_at AS "createdAt",
               e.state AS "connectionState", COALESCE(o.credential_kind, e.credential_kind) AS "credentialKind",
               COALESCE(o.credential_ends_at, e.credential_ends_at) AS "credentialEndsAt", e.capabilities, e.version,
               r.credential_ends_at AS "secondEndsAt", v.at AS "validatedAt", v.verdict, v.connection_version AS "validatedVersion",
               d.compared_at AS "comparedAt", t.throttles, p."closedTiers",
               a.in_use::integer AS "accountsInUse", a.owed::integer AS "owedEnds", a.owed_since AS "owedSince", u.unproven::integer AS unproven
          FROM customer c
          LEFT JOIN entra_connection e ON e.organization_id = c.organization_id AND e.customer_id = c.id
          LEFT JOIN organization_app o ON o.organization_id = e.organization_id AND o.id = e.organization_app_id
          LEFT JOIN entra_revoker_credential r ON r.organization_id = c.organization_id AND r.customer_id = c.id
          LEFT JOIN customer_validation v ON v.organization_id = c.organization_id AND v.customer_id = c.id
          LEFT JOIN customer_drift d ON d.organization_id = c.organization_id AND d.customer_id = c.id
          CROSS JOIN LATERAL (
            SELECT COALESCE(jsonb_agg(jsonb_build_object('workload', t.workload, 'reason', t.reason,
                     'untilMs', floor(extract(epoch FROM t.until) * 1000)::bigint) ORDER BY t.workload), '[]') AS throttles
              FROM customer_throttle t
             WHERE t.organization_id = c.organization_id AND t.customer_id = c.id AND t.until > ${at}::timestamptz) t
          CROSS JOIN LATERAL (${CLOSED_TIERS}) p
          CROSS JOIN LATERAL (
            SELECT count(*) AS in_use, count(*) FILTER (WHERE m.take_at <= ${at}::timestamptz) AS owed,
                   min(m.take_at) FILTER (WHERE m.take_at <= ${at}::timestamptz) AS owed_since
              FROM managed_account m
             WHERE m.organization_id = c.organization_id AND m.customer_id = c.id AND m.take_at IS NOT NULL) a
          CROSS JOIN LATERAL (
            SELECT count(*) AS unproven FROM managed_account m
             WHERE m.organization_id = c.organization_id AND m.customer_id = c.id AND m.verification IS NOT NULL
               AND (m.verification ->> 'nextAt')::bigint < ${now - UNREAD_MS}::bigint) u
         WHERE c.organization_id = ${organizationId}::uuid AND ${where}
         ORDER BY c.id LIMIT ${limit}`;
      return rows.map((row) => fromRow(row, organizationId));
    });
  }
}

const fromRow = (row: FactsRow, organizationId: string): CustomerFacts => ({
  customer: {
    id: idOf(row.id),
    organizationId: idOf(organizationId),
    name: row.name,
    state: customerState(row.state, 'customer.state'),
    createdAt: instantOf(row.createdAt),
  },
  connection: connectionIn(row),
  secondEndsAt: instantOrNull(row.secondEndsAt),
  validation: validationIn(row),
  closedTiers: closedTierRows(row.closedTiers, 'take_back_proof'),
  throttles: throttleRows(row.throttles, 'customer_throttle').map(({ untilMs, ...rest }): Throttle => ({
    ...rest,
    until: untilMs,
  })),
  comparedAt: instantOrNull(row.comparedAt),
  accountsInUse: row.accountsInUse,
  owedEnds: row.owedEnds,
  unproven: row.unproven,
  owedSince: instantOrNull(row.owedSince),
});

const connectionIn = (row: FactsRow): CustomerFacts['connection'] =>
  row.version === null
    ? null
    : {
        state: connectionState(row.connectionState, 'entra_connection.state'),
        credentialKind: credentialKind(row.credentialKind, 'entra_connection.credential_kind'),
        credentialEndsAt: instantOrNull(row.credentialEndsAt),
        capabilities: capabilities(row.capabilities, 'entra_connection.capabilities'),
        version: row.version,
      };

const validationIn = (row: FactsRow): CustomerFacts['validation'] =>
  row.validatedAt === null || row.validatedVersion === null
    ? null
    : {
        at: instantOf(row.validatedAt),
        verdict: verdict(row.verdict, 'customer_validation.verdict'),
        connectionVersion: row.validatedVersion,
      };

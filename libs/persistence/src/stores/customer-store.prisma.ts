import { idOf, type CustomerId, type Instant } from '#core/shared';
import type { Customer, CustomerStore, TenantClock, Throttle, WorkConditions, Workload } from '#core/tenancy';
import { Prisma } from '../generated/client.js';
import type { CustomerModel, TenantClockModel } from '../generated/models.js';
import { dateOf, instantOf, instantOrNull, isoOf, listOf, oneOf, shape, text, whole } from '../reading.js';
import type { Session } from '../session.js';
import { columnsOf } from './columns.js';
import { cloud } from './entra-connection-store.prisma.js';

export const workload = oneOf<Throttle['workload']>(
  'directory',
  'pim',
  'authentication-methods',
  'policies',
  'reports',
  'sign-in',
);

const throttlesRead = listOf(shape<Throttle>({ workload, until: whole, reason: text }));

interface ConditionsRow {
  readonly id: string;
  readonly restoringSince: Date | null;
  readonly held: boolean;
  readonly aheadMs: number | null;
  readonly leadMs: number | null;
  readonly measuredAt: Date | null;
  readonly unreached: readonly string[] | null;
  readonly throttles: unknown;
}

const conditionsIn = (row: ConditionsRow): WorkConditions => ({
  clock: clockIn(row),
  throttles: throttlesRead(row.throttles, 'customer_throttle'),
  restoringSince: instantOrNull(row.restoringSince),
  held: row.held,
});

const clockIn = ({ aheadMs, leadMs, measuredAt, unreached }: ConditionsRow): TenantClock | null =>
  aheadMs === null || leadMs === null || measuredAt === null
    ? null
    : clockOf({ aheadMs, leadMs, measuredAt, unreached: unreached ?? [] });

type ClockRow = Readonly<Pick<TenantClockModel, 'aheadMs' | 'leadMs' | 'measuredAt'>> & {
  readonly unreached: readonly string[];
};

const clockOf = ({ aheadMs, leadMs, measuredAt, unreached }: ClockRow): TenantClock => ({
  ...{ aheadMs, leadMs, measuredAt: instantOf(measuredAt) },
  ...(unreached.length === 0 ? {} : { unreached: unreached.map((id) => idOf<'account'>(id)) }),
});

const columns = columnsOf('c', Prisma.CustomerScalarFieldEnum);
export const customerState = oneOf<Customer['state']>('active', 'removing', 'removed');

export class PrismaCustomerStore implements CustomerStore {
  constructor(private readonly session: Session) {}

  insert(customer: Customer): Promise<void> {
    return this.session.run(async (tx) => {
      await tx.customer.create({ data: toRow(customer) });
    });
  }

  get(id: CustomerId): Promise<Customer | null> {
    const { organizationId } = this.session;
    return this.session.run(async (tx) => {
      const row = await tx.customer.findUnique({
        where: { organizationId_id: { organizationId, id } },
      });
      return row === null ? null : fromRow(row);
    });
  }

  steady(id: CustomerId): Promise<Customer | null> {
    return this.#locked(id, Prisma.sql`FOR SHARE`);
  }

  lock(id: CustomerId): Promise<Customer | null> {
    return this.#locked(id, Prisma.sql`FOR NO KEY UPDATE`);
  }

  setState(id: CustomerId, state: Customer['state']): Promise<void> {
    return this.session.run(async (tx) => {
      await tx.customer.updateMany({
        where: { organizationId: this.session.organizationId, id },
        data: { state },
      });
    });
  }

  #locked(id: CustomerId, how: Prisma.Sql): Promise<Customer | null> {
    return this.session.run(async (tx) => {
      const [row] = await tx.$queryRaw<CustomerModel[]>`
        SELECT ${columns} FROM customer c
         WHERE c.organization_id = ${this.session.organizationId}::uuid AND c.id = ${id}::uuid ${how}`;
      return row === undefined ? null : fromRow(row);
    });
  }

  list(page: { readonly after: CustomerId | null; readonly limit: number }): Promise<readonly Customer[]> {
    return this.session.run(async (tx) => {
      const rows = await tx.customer.findMany({
        where: {
          organizationId: this.session.organizationId,
          ...(page.after === null ? {} : { id: { gt: page.after } }),
        },
        orderBy: { id: 'asc' },
        take: page.limit,
      });
      return rows.map(fromRow);
    });
  }

  throttle(id: CustomerId, throttle: Throttle): Promise<void> {
    return this.session.run(async (tx) => {
      await tx.$executeRaw`
        INSERT INTO customer_throttle AS known (organization_id, customer_id, workload, until, reason)
        VALUES (${this.session.organizationId}::uuid, ${id}::uuid, ${throttle.workload},
                ${isoOf(throttle.until)}::timestamptz, ${throttle.reason})
        ON CONFLICT (organization_id, customer_id, workload)
        DO UPDATE SET until = excluded.until, reason = excluded.reason WHERE excluded.until > known.until`;
    });
  }

  lift(id: CustomerId, workload: Workload, at: Instant): Promise<void> {
    const { organizationId } = this.session;
    return this.session.run(async (tx) => {
      await tx.customerThrottle.updateMany({
        where: { organizationId, customerId: id, workload, until: { gt: dateOf(at) } },
        data: { until: dateOf(at) },
      });
    });
  }

  throttles(id: CustomerId): Promise<readonly Throttle[]> {
    return this.session.run(async (tx) => {
      const rows = await tx.customerThrottle.findMany({
        where: { organizationId: this.session.organizationId, customerId: id },
      });
      return rows.map((row) => ({
        workload: workload(row.workload, 'customer_throttle.workload'),
        until: instantOf(row.until),
        reason: row.reason,
      }));
    });
  }

  clock(id: CustomerId): Promise<TenantClock | null> {
    const { organizationId } = this.session;
    return this.session.run(async (tx) => {
      const [row] = await tx.$queryRaw<readonly ClockRow[]>`
        SELECT ahead_ms AS "aheadMs", lead_ms AS "leadMs", measured_at AS "measuredAt", unreached FROM tenant_clock
         WHERE organization_id = ${organizationId}::uuid AND customer_id = ${id}::uuid`;
      return row === undefined ? null : clockOf(row);
    });
  }

  /** A row that is not there can't be locked; whoever is just writing the first one is waited for. */
  async lockClock(id: CustomerId, now: Instant): Promise<TenantClock | null> {
    const { organizationId } = this.session;
    await this.session.loseNoTime();
    return this.session.run(async (tx) => {
      const [free] = await tx.$queryRaw<readonly ClockRow[]>`
        SELECT ahead_ms AS "aheadMs", lead_ms AS "leadMs", measured_at AS "measuredAt", unreached FROM tenant_clock
         WHERE organization_id = ${organizationId}::uuid AND customer_id = ${id}::uuid
           FOR NO KEY UPDATE SKIP LOCKED`;
      if (free !== undefined) return clockOf(free);
      const [first] = await tx.$queryRaw<readonly ClockRow[]>`
        INSERT INTO tenant_clock (organization_id, customer_id, ahead_ms, lead_ms, measured_at)
        VALUES (${organizationId}::uuid, ${id}::uuid, 0, 0, ${isoOf(now)}::timestamptz)
        ON CONFLICT (organization_id, customer_id) DO NOTHING
        RETURNING ahead_ms AS "aheadMs", lead_ms AS "leadMs", measured_at AS "measuredAt", unreached`;
      return first === undefined ? null : clockOf(first);
    });
  }

  conditions(ids: readonly CustomerId[]): Promise<ReadonlyMap<CustomerId, WorkConditions>> {
    const { organizationId } = this.session;
    return this.session.run(async (tx) => {
      const rows = await tx.$queryRaw<ConditionsRow[]>`
        SELECT asked.id, (SELECT d.restoring_since FROM deployment d) AS "restoringSince",
               EXISTS (
                 SELECT FROM hold h
                  WHERE h.organization_id = ${organizationId}::uuid AND h.lifted_at IS NULL
                    AND h.technician_id IS NULL AND (h.customer_id IS NULL OR h.customer_id = asked.id)) AS held,
               k.ahead_ms AS "aheadMs", k.lead_ms AS "leadMs", k.measured_at AS "measuredAt", k.unreached,
               (SELECT coalesce(json_agg(json_build_object('workload', t.workload, 'reason', t.reason,
                         'until', (extract(epoch FROM t.until) * 1000)::float8)), '[]')
                  FROM customer_throttle t
                 WHERE t.organization_id = ${organizationId}::uuid AND t.customer_id = asked.id) AS throttles
          FROM unnest(${[...ids]}::uuid[]) AS asked(id)
          LEFT JOIN tenant_clock k
            ON k.organization_id = ${organizationId}::uuid AND k.customer_id = asked.id`;
      return new Map(rows.map((row) => [idOf<'customer'>(row.id), conditionsIn(row)]));
    });
  }

  noteClock(id: CustomerId, clock: TenantClock): Promise<void> {
    return this.session.run(async (tx) => {
      await tx.$executeRaw`
        INSERT INTO tenant_clock (organization_id, customer_id, ahead_ms, lead_ms, measured_at, unreached)
        VALUES (${this.session.organizationId}::uuid, ${id}::uuid, ${Math.round(clock.aheadMs)},
                ${Math.round(clock.leadMs)}, ${isoOf(clock.measuredAt)}::timestamptz,
                ${[...(clock.unreached ?? [])]}::uuid[])
        ON CONFLICT (organization_id, customer_id)
        DO UPDATE SET ahead_ms = excluded.ahead_ms, lead_ms = excluded.lead_ms, measured_at = excluded.measured_at,
                      unreached = excluded.unreached`;
    });
  }
}

const toRow = (customer: Customer): CustomerModel => ({
  organizationId: customer.organizationId,
  id: customer.id,
  name: customer.name,
  state: customer.state,
  createdAt: dateOf(customer.createdAt),
  expectedCloud: customer.expected?.cloud ?? null,
  expectedTenantId: customer.expected?.tenantId ?? null,
  expectedDomain: customer.expected?.domain ?? null,
});

const fromRow = (row: CustomerModel): Customer => ({
  organizationId: idOf(row.organizationId),
  id: idOf(row.id),
  name: row.name,
  state: customerState(row.state, 'customer.state'),
  createdAt: instantOf(row.createdAt),
  ...expectedIn(row),
});

const expectedIn = (row: CustomerModel): Pick<Customer, 'expected'> =>
  row.expectedCloud === null
    ? {}
    : {
        expected: {
          cloud: cloud(row.expectedCloud, 'customer.expected_cloud'),
          tenantId: row.expectedTenantId,
          domain: row.expectedDomain,
        },
      };

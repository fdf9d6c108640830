import type { AccessPolicy, AccessPolicyStore, FieldRule, Rivalry } from '#core/access';
import { WEEKDAYS, type AllowedHours, type HoursWindow, type LocalTime, type Weekday } from '#core/grants';
import { idOf, type CustomerId, type PolicyId } from '#core/shared';
import { Prisma } from '../generated/client.js';
import type { AccessPolicyModel } from '../generated/models.js';
import { dateOf, instantOf, listOf, oneOf, orNull, shape, text, type Reader } from '../reading.js';
import type { Session } from '../session.js';
import { columnsOf } from './columns.js';
import { credential, endAction, entitlement, entitlementJson } from './entitlement.js';

const fieldRule = oneOf<FieldRule>('off', 'optional', 'required');
/** What stands in it is looked at when it is used: a time that is none opens nothing. */
const localTime: Reader<LocalTime> = (value, place) => text(value, place) as LocalTime;
const allowedHours = orNull(
  shape<AllowedHours>({
    timeZone: text,
    windows: listOf(
      shape<HoursWindow>({ days: listOf(oneOf<Weekday>(...WEEKDAYS)), from: localTime, to: localTime }),
    ),
  }),
);
const columns = columnsOf('p', Prisma.AccessPolicyScalarFieldEnum);
const state = oneOf<AccessPolicy['state']>('active', 'archived');

export class PrismaAccessPolicyStore implements AccessPolicyStore {
  constructor(private readonly session: Session) {}

  insert(policy: AccessPolicy): Promise<void> {
    const { organizationId, id, customerId, version } = policy;
    return this.session.run(async (tx) => {
      const createdAt = dateOf(policy.createdAt);
      await tx.accessPolicy.create({
        data: { organizationId, id, customerId, version, createdAt, ...changeable(policy) },
      });
    });
  }

  get(id: PolicyId): Promise<AccessPolicy | null> {
    const { organizationId } = this.session;
    return this.session.run(async (tx) => {
      const row = await tx.accessPolicy.findUnique({ where: { organizationId_id: { organizationId, id } } });
      return row === null ? null : fromRow(row);
    });
  }

  steady(id: PolicyId): Promise<AccessPolicy | null> {
    return this.session.run(async (tx) => {
      const [row] = await tx.$queryRaw<AccessPolicyModel[]>`
        SELECT ${columns} FROM access_policy p
         WHERE p.organization_id = ${this.session.organizationId}::uuid AND p.id = ${id}::uuid
         FOR SHARE`;
      return row === undefined ? null : fromRow(row);
    });
  }

  list(filter: {
    readonly customerId: CustomerId | null;
    readonly after: PolicyId | null;
    readonly limit: number;
  }): Promise<readonly AccessPolicy[]> {
    const { customerId, after } = filter;
    return this.session.run(async (tx) => {
      const rows = await tx.accessPolicy.findMany({
        where: {
          organizationId: this.session.organizationId,
          ...(customerId === null ? {} : { OR: [{ customerId }, { customerId: null }] }),
          ...(after === null ? {} : { id: { gt: after } }),
        },
        orderBy: { id: 'asc' },
        take: filter.limit,
      });
      return rows.map(fromRow);
    });
  }

  inUse(customerId: CustomerId | null, limit: number): Promise<readonly AccessPolicy[]> {
    const { organizationId } = this.session;
    const there = customerId === null ? {} : { OR: [{ customerId }, { customerId: null }] };
    return this.session.run(async (tx) => {
      const where = { organizationId, state: 'active', ...there };
      const rows = await tx.accessPolicy.findMany({ where, orderBy: { id: 'asc' }, take: limit });
      return rows.map(fromRow);
    });
  }

  inUseAt(customerId: CustomerId): Promise<readonly AccessPolicy[]> {
    const { organizationId } = this.session;
    return this.session.run(async (tx) => {
      const where = { organizationId, customerId, state: 'active' };
      const rows = await tx.accessPolicy.findMany({ where, orderBy: { id: 'asc' } });
      return rows.map(fromRow);
    });
  }

  rivalries({ id, customerId }: Pick<AccessPolicy, 'id' | 'customerId'>): Promise<readonly Rivalry[]> {
    const { organizationId } = this.session;
    const concerned =
      customerId === null
        ? Prisma.sql`g.policy_id = ${id}::uuid`
        : Prisma.sql`g.customer_id = ${customerId}::uuid`;
    return this.session.run(async (tx) => {
      const rows = await tx.$queryRaw<RivalryRow[]>`
        SELECT p.id, p.name, p.gives, q.id AS "ownId", q.name AS "ownName", q.gives AS "ownGives",
               q.customer_id AS "customerId"
          FROM (
            SELECT DISTINCT g.policy_id, g.customer_id FROM access_grant g
             WHERE g.organization_id = ${organizationId}::uuid AND ${concerned}
               AND g.state IN ('scheduled', 'starting', 'active', 'failed')) AS standing
          JOIN access_policy p
            ON p.organization_id = ${organizationId}::uuid AND p.id = standing.policy_id
           AND p.customer_id IS NULL AND p.state = 'active'
          JOIN access_policy q
            ON q.organization_id = ${organizationId}::uuid AND q.customer_id = standing.customer_id
           AND q.state = 'active'
         ORDER BY p.id, q.id`;
      return rows.map(rivalryFrom);
    });
  }

  save(policy: AccessPolicy): Promise<boolean> {
    const { organizationId } = this.session;
    const { id, version } = policy;
    return this.session.run(async (tx) => {
      const { count } = await tx.accessPolicy.updateMany({
        where: { organizationId, id, version },
        data: { ...changeable(policy), version: version + 1 },
      });
      return count === 1;
    });
  }
}

interface RivalryRow {
  readonly id: string;
  readonly name: string;
  readonly gives: unknown;
  readonly ownId: string;
  readonly ownName: string;
  readonly ownGives: unknown;
  readonly customerId: string;
}

const rivalryFrom = (row: RivalryRow): Rivalry => ({
  from: {
    id: idOf(row.id),
    customerId: null,
    name: row.name,
    gives: entitlement(row.gives, 'access_policy.gives'),
  },
  own: {
    id: idOf(row.ownId),
    customerId: idOf(row.customerId),
    name: row.ownName,
    gives: entitlement(row.ownGives, 'access_policy.gives'),
  },
});

const changeable = (policy: AccessPolicy) =>
  ({
    name: policy.name,
    gives: entitlementJson(policy.gives),
    credential: policy.credential,
    endAction: policy.endAction,
    defaultDurationSeconds: policy.defaultDurationSeconds,
    maximumDurationSeconds: policy.maximumDurationSeconds,
    reason: policy.reason,
    ticket: policy.ticket,
    ticketPatterns: [...policy.ticketPatterns],
    allowedHours: policy.allowedHours === null ? Prisma.DbNull : hoursJson(policy.allowedHours),
    technicianGroups: [...policy.technicianGroups],
    state: policy.state,
  }) satisfies Prisma.AccessPolicyUpdateManyMutationInput;

const hoursJson = ({ timeZone, windows }: AllowedHours) => ({
  timeZone,
  windows: windows.map(({ days, from, to }) => ({ days: [...days], from, to })),
});

const fromRow = (row: AccessPolicyModel): AccessPolicy => ({
  organizationId: idOf(row.organizationId),
  id: idOf(row.id),
  customerId: row.customerId === null ? null : idOf(row.customerId),
  name: row.name,
  gives: entitlement(row.gives, 'access_policy.gives'),
  credential: credential(row.credential, 'access_policy.credential'),
  endAction: endAction(row.endAction, 'access_policy.end_action'),
  defaultDurationSeconds: row.defaultDurationSeconds,
  maximumDurationSeconds: row.maximumDurationSeconds,
  reason: fieldRule(row.reason, 'access_policy.reason'),
  ticket: fieldRule(row.ticket, 'access_policy.ticket'),
  ticketPatterns: row.ticketPatterns,
  allowedHours: allowedHours(row.allowedHours, 'access_policy.allowed_hours'),
  technicianGroups: row.technicianGroups.map((group) => idOf<'technician group'>(group)),
  state: state(row.state, 'access_policy.state'),
  version: row.version,
  createdAt: instantOf(row.createdAt),
});

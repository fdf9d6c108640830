import {
  CLOSING_STATES,
  type ClosingAccount,
  type ClosingState,
  type Hold,
  type HoldScope,
  type Tally,
} from '#core/grants';
import { idOf, type HoldId, type Instant, type OrganizationId } from '#core/shared';
import type { Throttle, Workload } from '#core/tenancy';
import { Prisma } from '../generated/client.js';
import { instantOf, instantOrNull, isoOf, oneOf } from '../reading.js';
import { cloud } from './entra-connection-store.prisma.js';

/**
 * The core's `holdsAnything`, of `managed_account a`. What can't be understood counts as held: a switch that finds an odd
 * row has it looked at.
 */
export const HOLDS_ANYTHING = Prisma.sql`coalesce(
  a.may_hold->>'enabled' IS NOT NULL OR a.may_hold->>'pass' IS NOT NULL OR a.may_hold->>'sessions' <> 'false'
  OR a.may_hold->'roles' <> '{}'::jsonb OR a.may_hold->'groups' <> '{}'::jsonb OR a.may_hold->'eligible' IS NOT NULL, true)`;

/** Of `managed_account a`: a technician's or a canary, in a hold's scope, that may hold anything or owes an end. */
export const inScope = (organizationId: OrganizationId, scope: HoldScope): Prisma.Sql => {
  const technicianId = scope.kind === 'technician' ? scope.technicianId : null;
  const customerId = scope.kind === 'customer' ? scope.customerId : null;
  return Prisma.sql`a.organization_id = ${organizationId}::uuid AND a.kind <> 'laps' AND a.closed_at IS NULL
       AND (${technicianId}::uuid IS NULL OR a.technician_id = ${technicianId}::uuid)
       AND (${customerId}::uuid IS NULL OR a.customer_id = ${customerId}::uuid)
       AND (${HOLDS_ANYTHING} OR (a.kind = 'canary' AND a.take_at IS NOT NULL) OR EXISTS (
         SELECT FROM access_grant g
          WHERE g.organization_id = a.organization_id AND g.account_id = a.id
            AND g.state NOT IN ('ended', 'left_behind') AND g.taken_at IS NULL))`;
};

/** The hold has found `managed_account a`. */
const isFound = (holdId: HoldId): Prisma.Sql => Prisma.sql`EXISTS (
  SELECT FROM hold_account h
   WHERE h.organization_id = a.organization_id AND h.hold_id = ${holdId}::uuid AND h.account_id = a.id)`;

/** The hold has not found `managed_account a`, and is to; once it is lifted, only where something is left of before it. */
export const isYetToBeFound = (hold: Pick<Hold, 'id' | 'placedAt' | 'liftedAt'>): Prisma.Sql => {
  const stands = hold.liftedAt === null;
  return Prisma.sql`(NOT ${isFound(hold.id)} AND (${stands} OR EXISTS (
    SELECT FROM access_grant g
     WHERE g.organization_id = a.organization_id AND g.account_id = a.id
       AND g.created_at <= ${isoOf(hold.placedAt)}::timestamptz
       AND g.state NOT IN ('ended', 'left_behind') AND g.taken_at IS NULL)))`;
};

/** Found or, as long as the hold has not reached all, yet to be. */
const concerned = (hold: Hold): Prisma.Sql => {
  const { id, organizationId, scope } = hold;
  return Prisma.sql`
  SELECT h.account_id FROM hold_account h
   WHERE h.organization_id = ${organizationId}::uuid AND h.hold_id = ${id}::uuid
  UNION ALL
  SELECT a.id FROM managed_account a
   WHERE EXISTS (SELECT FROM hold u
                  WHERE u.organization_id = ${organizationId}::uuid AND u.id = ${id}::uuid AND u.reached_at IS NULL)
     AND ${inScope(organizationId, scope)} AND ${isYetToBeFound(hold)}`;
};

/** What PostgreSQL tells of one account; JSON is read without trust, since one odd row must not hide the others. */
export interface ClosingRow {
  readonly accountId: string;
  readonly technicianId: string | null;
  readonly upn: string;
  readonly objectId: string | null;
  readonly customerId: string;
  readonly customerName: string;
  readonly tenantId: string | null;
  readonly cloud: string | null;
  readonly mayHold: unknown;
  readonly failure: unknown;
  readonly state: string;
  readonly since: Date;
  readonly closedAt: Date | null;
  readonly throttledWorkload: string | null;
  readonly throttledUntil: Date | null;
  readonly throttledWhy: string | null;
  readonly verification: unknown;
}

/** Somebody may sign in to `managed_account a`, and no grant of after the hold lets them; what is odd counts as enabled. */
const enabledAgain = ({ placedAt }: Hold): Prisma.Sql => Prisma.sql`(
  a.may_hold->'enabled' IS DISTINCT FROM 'null'::jsonb AND NOT EXISTS (
    SELECT FROM access_grant n
     WHERE n.organization_id = a.organization_id AND n.account_id = a.id
       AND n.created_at > ${isoOf(placedAt)}::timestamptz
       AND n.state NOT IN ('ended', 'left_behind') AND n.taken_at IS NULL))`;

/**
 * Every account that a hold found, or has yet to, with its state: the core's `closingState`, of the grants that there were when the hold
 * was placed and that were not closed before.
 */
export const closingAccounts = (hold: Hold, now: Instant): Prisma.Sql => Prisma.sql`
  SELECT a.id AS "accountId", a.technician_id AS "technicianId", a.upn, a.object_id AS "objectId",
         a.customer_id AS "customerId", c.name AS "customerName", e.tenant_id AS "tenantId", e.cloud,
         a.may_hold AS "mayHold", a.failure, a.verification,
         CASE WHEN g.every = 0 THEN CASE WHEN ${HOLDS_ANYTHING} THEN 'open' ELSE 'closed' END
              WHEN g.unbegun > 0 THEN 'open'
              WHEN g.owed > 0 OR ${enabledAgain(hold)} THEN 'ending'
              WHEN g.unproven > 0 THEN 'taken' ELSE 'closed' END AS state,
         coalesce(g.since, ${isoOf(hold.placedAt)}::timestamptz) AS since, g.closed_at AS "closedAt",
         t.workload AS "throttledWorkload", t.until AS "throttledUntil", t.reason AS "throttledWhy"
    FROM (${concerned(hold)}) h
    JOIN managed_account a ON a.organization_id = ${hold.organizationId}::uuid AND a.id = h.account_id
    JOIN customer c ON c.organization_id = a.organization_id AND c.id = a.customer_id
    LEFT JOIN entra_connection e ON e.organization_id = a.organization_id AND e.customer_id = a.customer_id
    LEFT JOIN LATERAL (
      SELECT t.workload, t.until, t.reason FROM customer_throttle t
       WHERE t.organization_id = a.organization_id AND t.customer_id = a.customer_id
         AND t.workload IN ('directory', 'sign-in') AND t.until > ${isoOf(now)}::timestamptz
       ORDER BY t.until DESC LIMIT 1) t ON true
    CROSS JOIN LATERAL (
      SELECT count(*) AS every,
             count(*) FILTER (WHERE g.state NOT IN ('ending', 'ended', 'left_behind') AND g.taken_at IS NULL) AS unbegun,
             count(*) FILTER (WHERE g.state = 'left_behind' OR (g.state <> 'ended' AND g.taken_at IS NULL)) AS owed,
             count(*) FILTER (WHERE g.state <> 'ended') AS unproven,
             min(g.ending_at) AS since, max(g.ended_at) AS closed_at
        FROM access_grant g
       WHERE g.organization_id = a.organization_id AND g.account_id = a.id
         AND g.created_at <= ${isoOf(hold.placedAt)}::timestamptz
         AND (g.ended_at IS NULL OR g.ended_at >= ${isoOf(hold.placedAt)}::timestamptz)) g`;

const closingState = oneOf<ClosingState>(...CLOSING_STATES);

export const tallyOf = (rows: readonly { readonly state: string; readonly accounts: number }[]): Tally => ({
  open: 0,
  ending: 0,
  taken: 0,
  closed: 0,
  ...Object.fromEntries(rows.map(({ state, accounts }) => [state, accounts])),
});

export const closingFromRow = (row: ClosingRow): ClosingAccount => {
  const state = closingState(row.state, 'hold_account.state');
  return {
    accountId: idOf(row.accountId),
    technicianId: row.technicianId === null ? null : idOf(row.technicianId),
    upn: row.upn,
    objectId: row.objectId === null ? null : idOf(row.objectId),
    customer: { id: idOf(row.customerId), name: row.customerName },
    tenant:
      row.tenantId === null || row.cloud === null
        ? null
        : { id: row.tenantId, cloud: cloud(row.cloud, 'entra_connection.cloud') },
    held: heldOf(row.mayHold),
    state,
    since: instantOf(row.since),
    closedAt: state === 'closed' ? instantOrNull(row.closedAt) : null,
    failure: failureOf(row.failure),
    throttle: throttleOf(row),
    readBackAt: readBackAt(row.verification),
  };
};

const throttleOf = (row: ClosingRow): Throttle | null =>
  row.throttledUntil === null
    ? null
    : {
        workload: (row.throttledWorkload ?? 'directory') as Workload,
        until: instantOf(row.throttledUntil),
        reason: row.throttledWhy ?? '',
      };

const heldOf = (value: unknown): ClosingAccount['held'] => {
  const held = objectOf(value);
  return {
    enabled: held['enabled'] !== null,
    roles: Object.keys(objectOf(held['roles'])).map((id) => idOf(id)),
    groups: Object.keys(objectOf(held['groups'])).map((id) => idOf(id)),
    pass: held['pass'] !== null,
  };
};

const readBackAt = (value: unknown): Instant | null => {
  const { nextAt } = objectOf(value);
  return typeof nextAt === 'number' ? nextAt : null;
};

const failureOf = (value: unknown): ClosingAccount['failure'] => {
  if (value === null) return null;
  const failure = objectOf(value);
  const number = (key: string): number => (typeof failure[key] === 'number' ? failure[key] : 0);
  const word = (key: string): string => (typeof failure[key] === 'string' ? failure[key] : 'unreadable');
  return {
    reason: word('reason'),
    message: word('message'),
    sinceAt: number('sinceAt'),
    attempts: number('attempts'),
    retryAt: number('retryAt'),
  };
};

const objectOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};

import {
  idOf,
  type CustomerId,
  type Instant,
  type ValidationClaim,
  type ValidationRunId,
} from '#core/shared';
import {
  VALIDATION_LINE_STATES,
  type CouldNot,
  type ValidationLine,
  type ValidationLineEnd,
  type ValidationLineState,
  type ValidationRun,
  type ValidationRunProgress,
  type ValidationRunStore,
} from '#core/tenancy';
import { Prisma } from '../generated/client.js';
import type { ValidationRunModel } from '../generated/models.js';
import { dateOf, instantOf, instantOrNull, isoOf, oneOf, orNull, shape, text } from '../reading.js';
import type { Session } from '../session.js';
import { auditActor } from './audit-log.prisma.js';

const runState = oneOf<ValidationRun['state']>('running', 'done', 'cancelled');
const lineState = oneOf<ValidationLineState>(...VALIDATION_LINE_STATES);
const couldNot = orNull(shape<CouldNot>({ code: text, says: text, mend: text }));

interface LineRow {
  readonly customerId: string;
  readonly name: string;
  readonly state: string;
  readonly endedAt: Date | null;
  readonly why: unknown;
}

/** A line's state as it is shown: one that waits under a claim is running. */
const shown = (now: Instant): Prisma.Sql => Prisma.sql`
  CASE WHEN l.state = 'waiting' AND l.claimed_until > ${isoOf(now)}::timestamptz THEN 'running' ELSE l.state END`;

/** Validate for many customers at once. */
export class PrismaValidationRunStore implements ValidationRunStore {
  constructor(private readonly session: Session) {}

  insert(run: ValidationRun, customerIds: readonly CustomerId[]): Promise<void> {
    const { organizationId } = this.session;
    return this.session.run(async (tx) => {
      const { id, state, begunAt, endedAt } = run;
      const actor = { ...run.actor };
      const at = { begunAt: dateOf(begunAt), endedAt: endedAt === null ? null : dateOf(endedAt) };
      await tx.validationRun.create({
        data: { organizationId: run.organizationId, id, state, actor, ...at },
      });
      await tx.$executeRaw`
        INSERT INTO validation_line (organization_id, run_id, customer_id, state)
        SELECT ${organizationId}::uuid, ${id}::uuid, wanted.id, 'waiting'
          FROM unnest(${[...customerIds]}::uuid[]) AS wanted(id)`;
    });
  }

  running(): Promise<ValidationRunId | null> {
    const { organizationId } = this.session;
    return this.session.run(async (tx) => {
      const row = await tx.validationRun.findFirst({
        where: { organizationId, state: 'running' },
        select: { id: true },
      });
      return row === null ? null : idOf(row.id);
    });
  }

  connected(limit: number): Promise<readonly CustomerId[]> {
    const { organizationId } = this.session;
    return this.session.run(async (tx) => {
      const rows = await tx.entraConnection.findMany({
        where: { organizationId, state: 'active' },
        select: { customerId: true },
        orderBy: { customerId: 'asc' },
        take: limit,
      });
      return rows.map(({ customerId }) => idOf(customerId));
    });
  }

  get(id: ValidationRunId): Promise<ValidationRun | null> {
    const { organizationId } = this.session;
    return this.session.run(async (tx) => {
      const row = await tx.validationRun.findUnique({
        where: { organizationId_id: { organizationId, id } },
      });
      return row === null ? null : fromRow(row);
    });
  }

  async lock(id: ValidationRunId): Promise<ValidationRun | null> {
    const { organizationId } = this.session;
    await this.session.run(
      (tx) => tx.$queryRaw`
        SELECT FROM validation_run WHERE organization_id = ${organizationId}::uuid AND id = ${id}::uuid
           FOR NO KEY UPDATE`,
    );
    return this.get(id);
  }

  async progress(id: ValidationRunId, now: Instant): Promise<ValidationRunProgress | null> {
    const { organizationId } = this.session;
    const run = await this.get(id);
    if (run === null) return null;
    return this.session.run(async (tx) => {
      const rows = await tx.$queryRaw<{ readonly state: string; readonly count: number }[]>`
        SELECT ${shown(now)} AS state, count(*)::integer AS count FROM validation_line l
         WHERE l.organization_id = ${organizationId}::uuid AND l.run_id = ${id}::uuid
         GROUP BY 1`;
      const counted = new Map(rows.map(({ state, count }) => [state, count]));
      const counts = VALIDATION_LINE_STATES.map((state) => [state, counted.get(state) ?? 0] as const);
      return { run, counts: Object.fromEntries(counts) as ValidationRunProgress['counts'] };
    });
  }

  lines(
    id: ValidationRunId,
    { after, limit, state }: Parameters<ValidationRunStore['lines']>[1],
    now: Instant,
  ): Promise<readonly ValidationLine[]> {
    const { organizationId } = this.session;
    const narrowed = state === undefined ? Prisma.sql`true` : Prisma.sql`${shown(now)} = ${state}`;
    return this.session.run(async (tx) => {
      const rows = await tx.$queryRaw<LineRow[]>`
        SELECT l.customer_id AS "customerId", c.name, ${shown(now)} AS state, l.ended_at AS "endedAt", l.why
          FROM validation_line l
          JOIN customer c ON c.organization_id = l.organization_id AND c.id = l.customer_id
         WHERE l.organization_id = ${organizationId}::uuid AND l.run_id = ${id}::uuid
           AND (${after}::uuid IS NULL OR l.customer_id > ${after}::uuid) AND ${narrowed}
         ORDER BY l.customer_id LIMIT ${limit}`;
      return rows.map(lineFromRow);
    });
  }

  finish(claim: ValidationClaim, { state, why, at }: ValidationLineEnd): Promise<boolean> {
    const { organizationId } = this.session;
    const { runId, customerId, epoch } = claim;
    return this.session.run(async (tx) => {
      const { count } = await tx.validationLine.updateMany({
        where: { organizationId, runId, customerId, epoch, state: 'waiting' },
        data: {
          state,
          endedAt: dateOf(at),
          claimedUntil: null,
          why: why === null ? Prisma.DbNull : { ...why },
        },
      });
      return count === 1;
    });
  }

  hasWaiting(id: ValidationRunId): Promise<boolean> {
    const { organizationId } = this.session;
    return this.session.run(async (tx) => {
      const row = await tx.validationLine.findFirst({
        where: { organizationId, runId: id, state: 'waiting' },
        select: { customerId: true },
      });
      return row !== null;
    });
  }

  close(id: ValidationRunId, state: 'done' | 'cancelled', at: Instant): Promise<number> {
    const { organizationId } = this.session;
    const endedAt = dateOf(at);
    return this.session.run(async (tx) => {
      await tx.validationRun.updateMany({
        where: { organizationId, id, state: 'running' },
        data: { state, endedAt },
      });
      const { count } = await tx.validationLine.updateMany({
        where: { organizationId, runId: id, state: 'waiting' },
        data: { state: 'cancelled', endedAt, claimedUntil: null },
      });
      return count;
    });
  }
}

const fromRow = (row: ValidationRunModel): ValidationRun => ({
  id: idOf(row.id),
  organizationId: idOf(row.organizationId),
  state: runState(row.state, 'validation_run.state'),
  actor: auditActor(row.actor, 'validation_run.actor'),
  begunAt: instantOf(row.begunAt),
  endedAt: instantOrNull(row.endedAt),
});

const lineFromRow = (row: LineRow): ValidationLine => ({
  customerId: idOf(row.customerId),
  name: row.name,
  state: lineState(row.state, 'validation_line.state'),
  endedAt: instantOrNull(row.endedAt),
  why: couldNot(row.why, 'validation_line.why'),
});

import type { DeploymentLedger, DeploymentState, Instant, Restored } from '#core/shared';
import type { PrismaClient } from './generated/client.js';
import { isoOf } from './reading.js';
import { answered, type Probe } from './refusals.js';

/** The deployment's one row, for the role of the sweeps. */
export class PrismaDeployment implements DeploymentLedger {
  constructor(
    private readonly prisma: PrismaClient,
    private readonly answers: Probe,
  ) {}

  read(): Promise<DeploymentState> {
    return this.#answered(async () => {
      const [row] = await this.prisma.$queryRaw<DeploymentState[]>`
        SELECT (extract(epoch FROM d.restoring_since) * 1000)::float8 AS "restoringSince",
               coalesce(d.generation, 0) AS generation,
               (SELECT coalesce(sum(sequence), 0)::float8 FROM audit_head) AS mark,
               EXISTS (SELECT FROM managed_account) AS "hasAccounts"
          FROM (VALUES (1)) one LEFT JOIN deployment d ON true`;
      if (row === undefined) throw new Error('The database did not say how far it is.');
      return row;
    });
  }

  async begin({ at, found, seen }: Restored): Promise<void> {
    const mark = seen?.mark ?? null;
    const generation = seen?.generation ?? null;
    await this.#answered(
      () => this.prisma.$executeRaw`
        INSERT INTO deployment AS d (restoring_since, generation, seen_generation, seen_mark, found_mark)
        VALUES (${isoOf(at)}::timestamptz, ${found.generation}, ${generation}::int, ${mark}::bigint,
                ${found.mark}::bigint)
        ON CONFLICT (id) DO UPDATE
           SET restoring_since = excluded.restoring_since, seen_generation = excluded.seen_generation,
               seen_mark = excluded.seen_mark, found_mark = excluded.found_mark, ended_at = NULL
         WHERE d.generation = excluded.generation
           AND (d.restoring_since IS NULL
             OR (excluded.seen_generation, excluded.seen_mark)
                > (coalesce(d.seen_generation, -1), coalesce(d.seen_mark, -1)))`,
    );
  }

  finish(since: Instant, at: Instant): Promise<boolean> {
    return this.#answered(async () => {
      const ended = await this.prisma.$executeRaw`
        UPDATE deployment
           SET restoring_since = NULL, generation = greatest(generation, coalesce(seen_generation, 0)) + 1,
               ended_at = ${isoOf(at)}::timestamptz
         WHERE restoring_since = ${isoOf(since)}::timestamptz
           AND NOT EXISTS (
             SELECT FROM entra_connection c
              WHERE c.state = 'active' AND NOT EXISTS (
                SELECT FROM customer_drift d
                 WHERE d.organization_id = c.organization_id AND d.customer_id = c.customer_id
                   AND d.whole_for = ${isoOf(since)}::timestamptz))`;
      return ended === 1;
    });
  }

  #answered<T>(query: () => Promise<T>): Promise<T> {
    return answered(query, this.answers);
  }
}

import type { TestStack } from '../../support/stack.js';

/** What happens to a grant once and no more. */
const ONCE = ['grant.activated', 'grant.expired', 'grant.taken_away', 'grant.ended'];

/** Grants that are closed and have nothing to show for it (I4). */
export const closedWithoutProof = (stack: TestStack): Promise<readonly string[]> =>
  stack.database(async (client) => {
    const { rows } = await client.query<{ id: string }>(
      `SELECT id FROM access_grant WHERE state = 'ended' AND taken_at IS NOT NULL AND jsonb_array_length(proofs) = 0`,
    );
    return rows.map(({ id }) => `${id} is closed without a proof`);
  });

/** Grants whose story is told twice, or not to its end (I10). */
export const badlyTold = (stack: TestStack): Promise<readonly string[]> =>
  stack.database(async (client) => {
    const { rows } = await client.query<{ id: string; action: string; count: number }>(
      `SELECT g.id, told.action, count(e.id)::int AS count
         FROM access_grant g CROSS JOIN unnest($1::text[]) AS told(action)
         LEFT JOIN audit_event e ON e.organization_id = g.organization_id AND e.subject_id = g.id::text AND e.action = told.action
        GROUP BY g.id, g.state, told.action
       HAVING count(e.id) > 1 OR (g.state = 'ended' AND told.action = 'grant.ended' AND count(e.id) <> 1)`,
      [ONCE],
    );
    return rows.map(({ id, action, count }) => `${action} of ${id} is told ${count} times`);
  });

/** Organizations whose audit log has a gap or a number twice (I10). */
export const badlyNumbered = (stack: TestStack): Promise<readonly string[]> =>
  stack.database(async (client) => {
    const { rows } = await client.query<{ id: string; count: number; least: number; most: number }>(
      `SELECT h.organization_id AS id, count(e.id)::int AS count, min(e.sequence)::int AS least, max(e.sequence)::int AS most
         FROM audit_head h LEFT JOIN audit_event e ON e.organization_id = h.organization_id
        GROUP BY h.organization_id, h.sequence
       HAVING count(e.id) <> h.sequence OR min(e.sequence) <> 1 OR max(e.sequence) <> h.sequence`,
    );
    return rows.map(
      ({ id, count, least, most }) => `${id} has ${count} events, numbered from ${least} to ${most}`,
    );
  });

// The same ends, with nothing but delayed jobs to keep them.
import { latenessOf, untilDisabled } from '../fleet/disables.mjs';
import { startNaive } from './start.mjs';

/**
 * Plays ends by the naive design. Nothing of ours works from then on.
 * @param stage with a Redis
 * @param {{ endOf: (place: number, at: number) => number, longestMs: number, meanwhile?: () => Promise<unknown>,
 *   isMeant?: (end: { customerAt: number }) => boolean }} order `isMeant` says whose lateness counts
 * @returns `late`, how many of them `never` were disabled, and `drainMs`: from the start of its worker to the last disable
 */
export const playNaive = async (
  stage,
  { endOf, longestMs, meanwhile = async () => {}, isMeant = () => true },
) => {
  const { simulator, fleet, stack, redis } = stage;
  for (const name of ['worker', 'revoker']) await stack.children[name].kill('SIGTERM');
  await fleet.refill();
  const ends = endsOf(fleet, endOf);
  const order = { redisUrl: redis.url, customers: fleet.customers };
  const armed = await startNaive({ ...order, simulator: null, ends });
  await armed.stop();
  await simulator.news();
  const startedAt = Date.now();
  const naive = await startNaive({ ...order, simulator: stack.simulator, ends: [] });
  try {
    const meant = new Map(ends.filter(isMeant).map((end) => [end.objectId, end]));
    const [disabledAt] = await Promise.all([untilDisabled(simulator, meant, { longestMs }), meanwhile()]);
    const late = latenessOf(meant, disabledAt);
    const never = late.filter((ms) => ms === Infinity).length;
    const drainMs = never > 0 ? Infinity : Math.max(...disabledAt.values()) - startedAt;
    return { late, never, drainMs };
  } finally {
    await naive.stop();
  }
};

const endsOf = (fleet, endOf) =>
  fleet.customers.flatMap(({ tenantId, accounts }, customerAt) =>
    accounts.map(({ objectId }, at) => ({
      tenantId,
      objectId,
      customerAt,
      expiresAt: endOf(customerAt, at),
    })),
  );

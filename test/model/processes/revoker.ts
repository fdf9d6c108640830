import { Converge, MirrorOfEnds, RevokeOverdue, type ConvergencePorts } from '#core/convergence';
import { ReachHolds } from '#core/grants';
import { MINUTE, SECOND, type Clock } from '#core/shared';
import type { Life } from '../kernel/scheduler.js';
import type { Ground, ModelProcess, Recurring } from './model-process.js';
import { whenDue } from './worker.js';

/** As apps/revoker has it. */
const AWAY_MS = 5 * SECOND;
const GRACE_MS = 2 * SECOND;
/** Where a look has just found nothing to do, or nothing that can be done, the next ones find no more. */
const AGAIN_MS = 5 * SECOND;
/** Ends that are not near are read now and then. */
const NEAR_MS = 3 * MINUTE;
const SELDOM_MS = 2 * MINUTE;

/** As apps/revoker does it: looks, keeps the mirror fresh, and goes by it when no look has succeeded for a while. */
export const revoker = (
  ground: Ground & { readonly mirrorEveryMs: number; readonly self: () => ModelProcess },
  life: Life,
  ports: ConvergencePorts & { readonly alone: Clock },
): readonly Recurring[] => {
  const { database, failed, self, mirrorEveryMs } = ground;
  const alone = { ...ports, clock: ports.alone };
  const revoke = new RevokeOverdue(ports, new Converge(ports));
  const reach = new ReachHolds(ports);
  const mirror = new MirrorOfEnds(ports, { converge: new Converge(alone), alone: alone.clock });
  const told =
    (what: string) =>
    (_of: unknown, error: unknown): void =>
      failed(life.name, what, error);
  const look = async (): Promise<void> => {
    await revoke.execute(told('look'));
    self().silentSince = null;
  };
  const goByMirror = (): Promise<void> => {
    // Not waited for: one customer whose Graph is slow holds up only itself.
    mirror.takeAway(told('mirror')).catch((error: unknown) => failed(life.name, 'mirror', error));
    return Promise.resolve();
  };
  return [
    {
      what: 'look',
      everyMs: SECOND,
      // One that has been silent looks as soon as it can: a look is how it knows that the database is there.
      notBefore: (last) =>
        self().silentSince === null
          ? whenDue(database, ({ owed }) => (owed < last ? last + AGAIN_MS : owed + GRACE_MS + 1))(last)
          : last,
      work: look,
    },
    {
      what: 'holds',
      everyMs: SECOND,
      notBefore: whenDue(database, (board) => board.holds),
      work: () => reach.execute(told('holds')),
    },
    {
      what: 'refresh',
      everyMs: mirrorEveryMs,
      notBefore: (last) => Math.min(last + SELDOM_MS, whenDue(database, ({ owed }) => owed - NEAR_MS)(last)),
      work: () => mirror.refresh(told('refresh')),
    },
    {
      what: 'mirror',
      everyMs: SECOND,
      notBefore: () => {
        const { silentSince } = self();
        return silentSince === null ? Infinity : silentSince + AWAY_MS;
      },
      work: goByMirror,
    },
  ];
};

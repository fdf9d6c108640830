import {
  AnswerBell,
  Converge,
  ConvergeCustomer,
  DisablesFirst,
  DriftPass,
  DriftSweep,
  Sweep,
  Unreturned,
  type DriftPorts,
} from '#core/convergence';
import { ReachHolds } from '#core/grants';
import { MINUTE, SECOND, type CustomerRef, type Instant } from '#core/shared';
import type { Life } from '../kernel/scheduler.js';
import type { Bells } from './bells.js';
import type { Ground, Recurring } from './model-process.js';
import type { SharedDatabase } from './shared-database.js';

/** While the database is away, this often is enough to see that it is. */
const IN_VAIN_MS = 5 * SECOND;

/** Not before something falls due; while the database is away now and then in vain. */
export const whenDue =
  (database: SharedDatabase, due: (board: ReturnType<SharedDatabase['board']>) => Instant) =>
  (last: Instant): Instant =>
    database.isAway ? last + IN_VAIN_MS : due(database.board());

/** As apps/worker does it: answers bells, sweeps, arms bells, compares. */
export const worker = (
  ground: Ground & { readonly bells: Bells; readonly armEveryMs: number },
  life: Life,
  ports: DriftPorts,
): readonly Recurring[] => {
  const { database, bells, failed, armEveryMs } = ground;
  const [disables, unreturned] = [new DisablesFirst(), new Unreturned(ports)];
  const converging = () => new ConvergeCustomer(ports, new Converge(ports, disables), unreturned);
  const convergeCustomer = converging();
  const sweep = new Sweep(ports, converging(), unreturned);
  const drift = new DriftSweep(ports, new DriftPass(ports, new Converge(ports, disables), unreturned));
  const reach = new ReachHolds(ports);
  const answerBell = new AnswerBell(ports, convergeCustomer);
  const told =
    (what: string) =>
    (_customer: CustomerRef, error: unknown): void =>
      failed(life.name, what, error);
  bells.listeners.set(life, (customer) => {
    void answerBell.execute(customer).catch((error: unknown) => failed(life.name, 'bell', error));
  });
  return [
    {
      what: 'sweep',
      everyMs: SECOND,
      notBefore: whenDue(database, ({ due }) => due),
      work: () => sweep.due(told('sweep')),
    },
    {
      what: 'drift',
      everyMs: 5 * SECOND,
      notBefore: whenDue(database, (board) => board.drift),
      work: () => drift.due(told('drift')),
    },
    {
      what: 'holds',
      everyMs: SECOND,
      notBefore: whenDue(database, (board) => board.holds),
      work: () => reach.execute((_hold, error) => failed(life.name, 'holds', error)),
    },
    {
      what: 'bells',
      everyMs: armEveryMs,
      notBefore: whenDue(database, ({ due }) => due - 15 * MINUTE),
      work: () => sweep.armBells(),
    },
  ];
};

import type { AllStores } from '#core/access';
import type { Clockwork, OrganizationId, UnitOfWork } from '#core/shared';
import type { Chance } from '../kernel/chance.js';
import type { Life, Scheduler } from '../kernel/scheduler.js';
import { SharedDatabase } from './shared-database.js';

/** What a process reaches the database by. */
export interface DatabaseLine {
  readonly life: Life;
  readonly scheduler: Scheduler;
  readonly chance: Chance;
  readonly database: SharedDatabase;
  /** Told of each transaction that was committed, before its answer is on its way. */
  readonly committed: (what: string, result: unknown) => void;
  /** The answer to a commit is lost. */
  readonly losesAnswer: () => boolean;
}

/** Thrown to take back a transaction that is carried out once more, as after a serialization failure. */
class OnceMore extends Error {}
const RERUN = 0.01;
/** Statements that write nothing: whoever dies after one might as well have died before. */
const READS: ReadonlySet<string> = new Set<keyof Clockwork>([
  'dueCustomers',
  'endsBefore',
  'nextDue',
  'overdueCustomers',
  'unreachedHolds',
  'upcoming',
]);

/**
 * The database as one process sees it: each transaction and each statement is a gate before and a gate after, so that others
 * come in between, and whoever dies there leaves it undone, or done without knowing.
 */
export class GatedUnitOfWork implements UnitOfWork<AllStores> {
  readonly clockwork: Clockwork;

  constructor(
    private readonly line: DatabaseLine,
    private readonly inner: UnitOfWork<AllStores>,
  ) {
    this.clockwork = gated(inner.clockwork, (what, statement) => this.through(what, statement));
  }

  inOrganization<T>(organizationId: OrganizationId, work: (stores: AllStores) => Promise<T>): Promise<T> {
    return this.through('transaction', async () => {
      if (this.line.chance.happens(RERUN)) await this.inVain(organizationId, work);
      return this.inner.inOrganization(organizationId, work);
    });
  }

  /** Carried out and taken back: it has read and written stores, and done nothing else. */
  private async inVain<T>(
    organizationId: OrganizationId,
    work: (stores: AllStores) => Promise<T>,
  ): Promise<void> {
    const once = this.inner.inOrganization(organizationId, async (stores) => {
      await work(stores);
      throw new OnceMore();
    });
    // Whatever it refused it refuses again.
    await once.catch(() => undefined);
  }

  private async through<T>(what: string, work: () => Promise<T>): Promise<T> {
    const { life, scheduler, chance, database, committed, losesAnswer } = this.line;
    await scheduler.pass(life, what, chance.between(0, 4));
    if (database.isAway) {
      await scheduler.pass(life, `${what}: no answer`, chance.between(0, 1_500));
      throw SharedDatabase.away();
    }
    const result = await work();
    if (READS.has(what)) return result;
    database.changed();
    committed(what, result);
    await scheduler.pass(life, `${what}: answer`, chance.between(0, 4));
    if (losesAnswer() || database.isAway) throw SharedDatabase.away();
    return result;
  }
}

type Through = <T>(what: string, statement: () => Promise<T>) => Promise<T>;

/** Each method of the clockwork, and of what hangs on it, is one statement. */
const gated = <Target extends object>(target: Target, through: Through): Target =>
  new Proxy(target, {
    get: (_, key) => {
      const value: unknown = Reflect.get(target, key);
      if (typeof value === 'object' && value !== null) return gated(value, through);
      if (typeof value !== 'function') return value;
      return (...given: unknown[]) =>
        through(String(key), () => Reflect.apply(value, target, given) as Promise<unknown>);
    },
  });

import type { AccountId, Clock, HoldId, HoldRef, JobQueue, UnitOfWork } from '#core/shared';
import type { GrantStores } from './grant-store.js';
import type { HoldToReach, Reached } from './hold-store.js';

/** Most rows that somebody holds are held by a short transaction of ours, and free by the next try. */
const TRIES = 3;
const A_PASS = 100;
/** Accounts reached in one transaction: what is reached stays so, whatever befalls the rest, and no row is kept for long. */
const A_PAGE = 2_000;

interface ReachPorts {
  readonly unitOfWork: UnitOfWork<Pick<GrantStores, 'holds'>>;
  readonly queue: JobQueue;
  readonly clock: Clock;
}

/**
 * Makes due and owed what a hold has to reach, and rings. Whoever holds one row keeps no other: that one is left, and reached by
 * whoever tries next. False: something is left.
 */
export const reachOut = async (ports: ReachPorts, hold: HoldToReach): Promise<boolean> => {
  for (let tries = 1; ; tries += 1) {
    const isAll = await reachOnce(ports, hold);
    if (isAll || tries === TRIES) return isAll;
  }
};

const reachOnce = async (ports: ReachPorts, hold: HoldToReach): Promise<boolean> => {
  let skipped = 0;
  for (let after: AccountId | null = null; ;) {
    const { reached, isAll } = await reachPage(ports, hold, { after, skipped });
    if (reached.next === null) return isAll;
    skipped += reached.skipped;
    after = reached.next;
  }
};

const reachPage = async (
  { clock, queue, unitOfWork }: ReachPorts,
  hold: HoldToReach,
  so: { readonly after: AccountId | null; readonly skipped: number },
): Promise<{ readonly reached: Reached; readonly isAll: boolean }> => {
  const { organizationId } = hold;
  const page = await unitOfWork.inOrganization(organizationId, async ({ holds }) => {
    const at = clock.now();
    const reached = await holds.reach(hold, { at, after: so.after, limit: A_PAGE });
    const mayBeAll = reached.next === null && so.skipped + reached.skipped === 0;
    return { reached, isAll: mayBeAll && (await holds.settle(hold, at)) };
  });
  await Promise.all(
    page.reached.customers.map((customerId) =>
      queue.ring({ name: 'customer.converge', organizationId, customerId }),
    ),
  );
  return page;
};

/**
 * Reaches what could not be reached when the switch was pulled: rows that somebody held, or all of them when whoever pulled it
 * died right after. It asks the rows, again and again.
 */
export class ReachHolds {
  #after: HoldId | null = null;

  constructor(private readonly ports: ReachPorts) {}

  /** One pass. One hold's failure is handed to `failed` and stops nobody else's. */
  async execute(failed: (hold: HoldRef, error: unknown) => void): Promise<void> {
    const { clockwork } = this.ports.unitOfWork;
    const unreached = await clockwork.unreachedHolds(this.#after, A_PASS);
    this.#after = unreached.length < A_PASS ? null : (unreached.at(-1)?.holdId ?? null);
    for (const each of unreached) await this.reach(each).catch((error: unknown) => failed(each, error));
  }

  private async reach({ organizationId, holdId }: HoldRef): Promise<void> {
    const hold = await this.ports.unitOfWork.inOrganization(organizationId, ({ holds }) =>
      holds.toReach(holdId),
    );
    if (hold !== null) await reachOut(this.ports, hold);
  }
}

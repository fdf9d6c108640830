import type { Clock, HoldId, HoldRef, JobQueue, UnitOfWork } from '#core/shared';
import type { GrantStores } from './grant-store.js';
import type { Hold } from './hold.js';

/** Most rows that somebody holds are held by a short transaction of ours, and free by the next try. */
const TRIES = 3;
const A_PASS = 100;

interface ReachPorts {
  readonly unitOfWork: UnitOfWork<Pick<GrantStores, 'holds'>>;
  readonly queue: JobQueue;
  readonly clock: Clock;
}

/**
 * Makes due and owed what a hold has to reach, and rings. Whoever holds one row keeps no other: that one is left, and reached by
 * whoever tries next. False: something is left.
 */
export const reachOut = async ({ clock, queue, unitOfWork }: ReachPorts, hold: Hold): Promise<boolean> => {
  const { organizationId } = hold;
  for (let tries = 1; ; tries += 1) {
    const { customers, skipped } = await unitOfWork.inOrganization(organizationId, ({ holds }) =>
      holds.reach(hold, clock.now()),
    );
    await Promise.all(
      customers.map((customerId) => queue.ring({ name: 'customer.converge', organizationId, customerId })),
    );
    if (skipped === 0 || tries === TRIES) return skipped === 0;
  }
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
    const hold = await this.ports.unitOfWork.inOrganization(organizationId, ({ holds }) => holds.get(holdId));
    if (hold !== null) await reachOut(this.ports, hold);
  }
}

import {
  isAway,
  type AccountId,
  type Clock,
  type CustomerId,
  type Instant,
  type JobQueue,
  type OrganizationId,
  type UnitOfWork,
} from '#core/shared';
import type { GrantStores } from './grant-store.js';
import type { HoldToReach } from './hold-store.js';

/** Accounts reached in one transaction: what is reached stays so, whatever befalls the rest, and no row is kept for long. */
const A_PAGE = 2_000;
/** Of so many that fail together each part is tried by itself: down to one row in four steps. */
const PARTS = 8;
const MOST_ODD = 5_000;

/** What reaching needs. */
export interface ReachPorts {
  readonly unitOfWork: UnitOfWork<Pick<GrantStores, 'holds'>>;
  readonly queue: JobQueue;
  readonly clock: Clock;
}

/** Told of an account's row that can't be reached; null: of what concerns many. */
export type ReachFailed = (accountId: AccountId | null, error: unknown) => void;

/** How long a pass may go on, and who is told. */
export interface ReachBy {
  readonly until: Instant;
  readonly failed: ReachFailed;
}

/** Accounts whose rows failed by themselves: tried alone and after all others, the one that has waited longest first. */
export class OddAccounts {
  readonly #ids = new Set<AccountId>();

  add(id: AccountId): void {
    this.#ids.delete(id);
    if (this.#ids.size < MOST_ODD) this.#ids.add(id);
  }

  delete(id: AccountId): void {
    this.#ids.delete(id);
  }

  has(id: AccountId): boolean {
    return this.#ids.has(id);
  }

  among(ids: ReadonlySet<AccountId>): readonly AccountId[] {
    return [...this.#ids].filter((id) => ids.has(id));
  }
}

/**
 * One pass over what a hold has to reach, page by page. What fails together is tried in parts when all pages have had their
 * turn, and what is known to fail after everything else.
 */
export class ReachPass {
  /** Somebody holds their rows. */
  skipped = 0;
  hasFailed = false;
  #from: 'wanted' | 'granted' | 'nothing' = 'wanted';
  #after: AccountId | null = null;
  readonly #parts: (readonly AccountId[])[] = [];
  readonly #last = new Set<AccountId>();

  constructor(
    private readonly ports: ReachPorts,
    private readonly odd: OddAccounts,
  ) {}

  /** False: the time was over before it was. Throws when the database is away. */
  async goOn(hold: HoldToReach, by: ReachBy): Promise<boolean> {
    while (this.#from !== 'nothing') {
      await this.page(hold, by);
      if (this.isLate(by)) return this.isDone();
    }
    for (let part = this.#parts.shift(); part !== undefined; part = this.#parts.shift()) {
      await this.reach(hold, part, by);
      if (this.isLate(by)) return this.isDone();
    }
    for (const id of this.odd.among(this.#last)) {
      await this.reach(hold, [id], by);
      // Another pass begins with those that had no turn in this one, and after whatever else there is by then.
      if (this.isLate(by)) return true;
    }
    return true;
  }

  private isLate({ until }: ReachBy): boolean {
    return this.ports.clock.now() >= until;
  }

  private isDone(): boolean {
    // Those that fail alone had no turn.
    if (this.#last.size > 0) this.hasFailed = true;
    return this.#from === 'nothing' && this.#parts.length === 0;
  }

  private async page(hold: HoldToReach, by: ReachBy): Promise<void> {
    const ids = await this.list(hold, by);
    if (ids === null) return;
    this.#after = ids.at(-1) ?? null;
    if (ids.length < A_PAGE) this.#from = 'nothing';
    for (const id of ids) if (this.odd.has(id)) this.#last.add(id);
    await this.reach(
      hold,
      ids.filter((id) => !this.#last.has(id)),
      by,
    );
  }

  /**
   * Null: they can't be listed so. One account whose row can't be read is enough for that; from there on the grants tell which
   * others there are, and what has none of them waits until the row is mended.
   */
  private async list(hold: HoldToReach, { failed }: ReachBy): Promise<readonly AccountId[] | null> {
    const { clock, unitOfWork } = this.ports;
    const page = { after: this.#after, limit: A_PAGE };
    try {
      return await unitOfWork.inOrganization(hold.organizationId, async ({ holds }) => {
        if (this.#from === 'wanted') return holds.wanted(hold, { ...page, at: clock.now() });
        return (await holds.granted(hold.scope, page)).map(({ accountId }) => accountId);
      });
    } catch (error) {
      if (isAway(error)) throw error;
      failed(null, error);
      this.hasFailed = true;
      this.#from = this.#from === 'wanted' ? 'granted' : 'nothing';
      return null;
    }
  }

  private async reach(hold: HoldToReach, accounts: readonly AccountId[], by: ReachBy): Promise<void> {
    if (accounts.length === 0) return;
    const { clock, unitOfWork } = this.ports;
    const { organizationId } = hold;
    try {
      const reached = await unitOfWork.inOrganization(organizationId, ({ holds }) =>
        holds.reach(hold, { at: clock.now(), accounts }),
      );
      this.skipped += reached.skipped;
      for (const id of accounts) this.odd.delete(id);
      await this.ring(organizationId, reached.customers);
    } catch (error) {
      if (isAway(error)) throw error;
      this.setAside(accounts, error, by);
    }
  }

  private setAside(accounts: readonly AccountId[], error: unknown, { failed }: ReachBy): void {
    const [id] = accounts;
    if (accounts.length > 1) {
      const size = Math.ceil(accounts.length / PARTS);
      for (let from = 0; from < accounts.length; from += size)
        this.#parts.push(accounts.slice(from, from + size));
    } else if (id !== undefined) {
      this.hasFailed = true;
      this.odd.add(id);
      failed(id, error);
    }
  }

  private async ring(organizationId: OrganizationId, customers: readonly CustomerId[]): Promise<void> {
    await Promise.all(
      customers.map((customerId) =>
        this.ports.queue.ring({ name: 'customer.converge', organizationId, customerId }),
      ),
    );
  }
}

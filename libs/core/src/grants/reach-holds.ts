import { SECOND, type AccountId, type HoldId, type HoldRef } from '#core/shared';
import { HoldReach } from './hold-reach.js';
import type { ReachPorts } from './reach-pass.js';

const A_PASS = 100;
/** A hold that goes wrong takes time; the others have theirs meanwhile. */
const AT_ONCE = 4;
/** So long has a hold that goes well, and one that went wrong the last time. */
const WELL_MS = 10 * SECOND;
const WRONG_MS = 5 * SECOND;

/** Told of what can't be reached: an account, or null for what concerns many. */
export type ReachHoldsFailed = (
  hold: HoldRef & { readonly accountId: AccountId | null },
  error: unknown,
) => void;

/**
 * Reaches what could not be reached when the switch was pulled: rows that somebody held, or all of them when whoever pulled it
 * died right after. It asks the rows, again and again.
 */
export class ReachHolds {
  #after: HoldId | null = null;
  /** Those that went wrong the last time, and have their turn after all others. */
  readonly #wrong = new Set<HoldId>();
  readonly #reach: HoldReach;

  constructor(private readonly ports: ReachPorts) {
    this.#reach = new HoldReach(ports);
  }

  /** One pass. One hold's failure, or one account's, is handed to `failed` and stops nobody else's. */
  async execute(failed: ReachHoldsFailed): Promise<void> {
    const { clockwork } = this.ports.unitOfWork;
    const unreached = await clockwork.unreachedHolds(this.#after, A_PASS);
    this.#after = unreached.length < A_PASS ? null : (unreached.at(-1)?.holdId ?? null);
    const turns = [
      ...unreached.filter(({ holdId }) => !this.#wrong.has(holdId)),
      ...unreached.filter(({ holdId }) => this.#wrong.has(holdId)),
    ].values();
    const lane = async (): Promise<void> => {
      for (const hold of turns) await this.turn(hold, failed);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
  }

  private async turn(hold: HoldRef, failed: ReachHoldsFailed): Promise<void> {
    const withinMs = this.#wrong.has(hold.holdId) ? WRONG_MS : WELL_MS;
    this.#wrong.delete(hold.holdId);
    const wrong = (accountId: AccountId | null, error: unknown): void => {
      if (this.#wrong.size < A_PASS) this.#wrong.add(hold.holdId);
      failed({ ...hold, accountId }, error);
    };
    try {
      const found = await this.ports.unitOfWork.inOrganization(hold.organizationId, ({ holds }) =>
        holds.toReach(hold.holdId),
      );
      if (found !== null) await this.#reach.execute(found, { withinMs, failed: wrong });
    } catch (error) {
      wrong(null, error);
    }
  }
}

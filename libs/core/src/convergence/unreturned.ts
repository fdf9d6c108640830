import type { AccountId, Claim } from '#core/shared';
import type { ConvergencePorts } from './ports.js';

/** More than one process claims at once anywhere; what is beyond them runs out by itself. */
const MOST = 20_000;

/**
 * Claims of work that ended because the database was away, or because somebody held the row: given back at once where that is
 * possible, and else as soon as the database answers again, or whoever holds the row lets go, so that neither costs an end the
 * rest of a claim of somebody who lives. One for all who claim in a process. In memory only, and for as long as the claim lasts:
 * one that nobody remembers runs out by itself.
 */
export class Unreturned {
  readonly #claims = new Map<AccountId, Claim>();

  constructor(private readonly ports: Pick<ConvergencePorts, 'unitOfWork' | 'clock'>) {}

  /** Nobody works on these any more. Never throws. */
  async giveBack(claims: readonly Claim[]): Promise<void> {
    for (const claim of claims) this.#keep(claim);
    await this.settle();
  }

  /** Before anything is looked for that nobody has claimed. Never throws: what can't be given back is kept for the next time. */
  async settle(): Promise<void> {
    const now = this.ports.clock.now();
    const claims = [...this.#claims.values()].filter(({ claimedUntil }) => claimedUntil > now);
    this.#claims.clear();
    if (claims.length === 0) return;
    try {
      // A claim that somebody else has taken since stays his: the epoch tells.
      const held = new Set(await this.ports.unitOfWork.clockwork.giveBack(claims));
      for (const claim of claims) if (held.has(claim.accountId)) this.#keep(claim);
    } catch {
      for (const claim of claims) this.#keep(claim);
    }
  }

  /** Of two claims of one account the later one counts. */
  #keep(claim: Claim): void {
    const known = this.#claims.get(claim.accountId);
    if (known !== undefined && known.epoch > claim.epoch) return;
    if (known !== undefined || this.#claims.size < MOST) this.#claims.set(claim.accountId, claim);
  }
}

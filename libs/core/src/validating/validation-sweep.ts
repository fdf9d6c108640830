import type { Clock, Instant, UnitOfWork, ValidationClaim } from '#core/shared';
import type { TenancyStores } from '#core/tenancy';
import type { ValidateClaimed } from './validate-claimed.js';

/** Customers that are validated side by side in one worker. A tenant that hangs takes one of these places, and no more. */
const CUSTOMERS_AT_ONCE = 16;

export type ValidationFailed = (claim: ValidationClaim, error: unknown) => void;

/**
 * Takes up customers of validation runs and keeps its places filled: whoever is done makes room for the next at once, so that
 * a slow tenant holds up nobody else. One that hangs beyond its claim has lost its place too.
 */
export class ValidationSweep {
  readonly #works = new Map<Promise<void>, Instant>();
  #turn: Promise<unknown> = Promise.resolve();
  #isClosing = false;

  constructor(
    private readonly ports: { readonly unitOfWork: UnitOfWork<TenancyStores>; readonly clock: Clock },
    private readonly one: Pick<ValidateClaimed, 'execute'>,
  ) {}

  /** Fills the places that are free, and does not wait for what it began. One that fails is handed to `failed`. */
  due(failed: ValidationFailed): Promise<void> {
    const turn = this.#turn.then(() => this.fill(failed));
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  /** Begins nothing more, and waits for what is under way. */
  async stop(): Promise<void> {
    this.#isClosing = true;
    await this.#turn;
    while (this.#works.size > 0) await Promise.all(this.#works.keys());
  }

  private async fill(failed: ValidationFailed): Promise<void> {
    const now = this.ports.clock.now();
    const busy = [...this.#works.values()].filter((claimedUntil) => claimedUntil > now).length;
    const free = CUSTOMERS_AT_ONCE - busy;
    if (free <= 0 || this.#isClosing) return;
    const claims = await this.ports.unitOfWork.clockwork.claimValidations(now, free);
    for (const claim of claims) this.begin(claim, failed);
  }

  private begin(claim: ValidationClaim, failed: ValidationFailed): void {
    const work: Promise<void> = this.one
      .execute(claim)
      .catch((error: unknown) => failed(claim, error))
      .finally(() => {
        this.#works.delete(work);
        // Whatever is wrong with the database, the next sweep meets it too, and tells.
        this.due(failed).catch(() => undefined);
      });
    this.#works.set(work, claim.claimedUntil);
  }
}

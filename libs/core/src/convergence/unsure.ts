import type { MayHold } from '#core/accounts';
import { MINUTE, SECOND, type AccountId, type OrganizationId } from '#core/shared';
import { isAway } from './away.js';
import type { ConvergencePorts } from './ports.js';
import { Setbacks } from './setbacks.js';

/** Beyond these the oldest are forgotten. */
const MOST = 5_000;
/** Tried in one go, one after the other: what is left has its turn the next time. */
const AT_ONCE = 100;
const FIRST_REST_MS = 5 * SECOND;

/** An account that was disabled without its row. */
interface Disabled {
  readonly organizationId: OrganizationId;
  readonly accountId: AccountId;
}

/**
 * Accounts that were disabled on nothing but their object id: their rows still say that they are enabled. Each row is made to
 * doubt that as soon as it can be had, so that whoever plans it reads, and enables it again where another grant still runs;
 * else that grant's technician could not sign in, and a later look would take it for the customer's doing. In memory only.
 */
export class Unsure {
  readonly #disabled = new Map<AccountId, Disabled>();
  readonly #odd = new Setbacks();
  #settling: Promise<void> | null = null;

  constructor(private readonly ports: Pick<ConvergencePorts, 'unitOfWork' | 'clock'>) {}

  add({ organizationId, accountId }: Disabled): void {
    this.#disabled.delete(accountId);
    this.#disabled.set(accountId, { organizationId, accountId });
    const [oldest] = this.#disabled.keys();
    if (this.#disabled.size > MOST && oldest !== undefined) this.#disabled.delete(oldest);
  }

  /** Adds one, and tells its row at once if that can be done. Never throws. */
  async tell(account: Disabled): Promise<void> {
    this.add(account);
    await this.#try(account.accountId);
  }

  /** All that could not be told yet. Waits for no row, and never throws: what still can't be told has its turn the next time. */
  settle(): Promise<void> {
    this.#settling ??= this.#tryAll().finally(() => (this.#settling = null));
    return this.#settling;
  }

  async #tryAll(): Promise<void> {
    const now = this.ports.clock.now();
    const turn = [...this.#disabled.keys()].filter((id) => !this.#odd.rests(id, now));
    for (const id of turn.slice(0, AT_ONCE)) if (!(await this.#try(id))) return;
  }

  /** False: the database is away. */
  async #try(id: AccountId): Promise<boolean> {
    const disabled = this.#disabled.get(id);
    if (disabled === undefined) return true;
    const now = this.ports.clock.now();
    try {
      const isTold = await this.ports.unitOfWork.inOrganization(disabled.organizationId, ({ accounts }) =>
        accounts.suspectUnlessHeld(id, notSurelyEnabled, now),
      );
      // Meanwhile it may have been disabled once more.
      if (this.#disabled.get(id) === disabled) this.#disabled.delete(id);
      // Behind all others: whoever holds it may do so for long.
      if (!isTold) this.add(disabled);
      else this.#odd.clear(id);
      return true;
    } catch (error) {
      if (isAway(error)) return false;
      this.#odd.add(id, { now, firstMs: FIRST_REST_MS, longestMs: MINUTE });
      return true;
    }
  }
}

const notSurelyEnabled = (held: MayHold): MayHold => ({
  ...held,
  enabled: held.enabled === null ? null : 'maybe',
});

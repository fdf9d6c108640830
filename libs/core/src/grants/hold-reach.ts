import { isAway, type HoldId } from '#core/shared';
import type { HoldToReach } from './hold-store.js';
import { OddAccounts, ReachPass, type ReachBy, type ReachFailed, type ReachPorts } from './reach-pass.js';

/** Most rows that somebody holds are held by a short transaction of ours, and free by the next try. */
const TRIES = 3;
/** More than are ever under way. */
const MOST_CUT = 100;

/**
 * Makes due and owed what holds have to reach, and rings. Neither a row that somebody holds nor one that fails (its block can't
 * be read, or it takes too long) keeps it from any other: what is left so is tried again with the next call, after all others.
 */
export class HoldReach {
  readonly #odd = new OddAccounts();
  /** Those that ran out of time: the next call goes on where they are. */
  readonly #cut = new Map<HoldId, ReachPass>();

  constructor(private readonly ports: ReachPorts) {}

  /**
   * False: something is left, because it fails, because somebody holds it, or because the time was over. Throws only when the
   * database is away.
   */
  async execute(
    hold: HoldToReach,
    asked: { readonly withinMs: number; readonly failed: ReachFailed },
  ): Promise<boolean> {
    const until = this.ports.clock.now() + asked.withinMs;
    for (let tries = 1; ; tries += 1) {
      const end = await this.pass(hold, { until, failed: asked.failed });
      if (end === 'over' && (await this.settle(hold, asked.failed))) return true;
      if (end === 'failed' || end === 'cut' || tries === TRIES) return false;
    }
  }

  private async pass(hold: HoldToReach, by: ReachBy): Promise<'over' | 'held' | 'failed' | 'cut'> {
    const pass = this.#cut.get(hold.id) ?? new ReachPass(this.ports, this.#odd);
    this.#cut.delete(hold.id);
    const isOver = await pass.goOn(hold, by);
    if (!isOver) {
      if (this.#cut.size < MOST_CUT) this.#cut.set(hold.id, pass);
      return 'cut';
    }
    if (pass.hasFailed) return 'failed';
    return pass.skipped > 0 ? 'held' : 'over';
  }

  /** Apart from what was reached: that stays so, whatever befalls this. */
  private async settle(hold: HoldToReach, failed: ReachFailed): Promise<boolean> {
    const { clock, unitOfWork } = this.ports;
    try {
      return await unitOfWork.inOrganization(hold.organizationId, ({ holds }) =>
        holds.settle(hold, clock.now()),
      );
    } catch (error) {
      if (isAway(error)) throw error;
      failed(null, error);
      return false;
    }
  }
}

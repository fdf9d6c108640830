import type { MirrorOfEnds, RevokeFailed, RevokeOverdue } from '#core/convergence';
import type { ReachHolds, ReachHoldsFailed } from '#core/grants';
import { logFailure, type Logger } from '#platform';
import { Seldom } from './seldom.js';

/** What the watch keeps going. */
export interface Watched {
  readonly revoker: Pick<RevokeOverdue, 'execute' | 'slow' | 'idle'>;
  readonly mirror: Pick<MirrorOfEnds, 'refresh' | 'takeAway' | 'idle'>;
  readonly holds: Pick<ReachHolds, 'execute'>;
  readonly logger: Logger;
  readonly lookEveryMs: number;
  readonly mirrorEveryMs: number;
  /** Told of each look that succeeded. */
  readonly onLook: () => void;
  /** Milliseconds that never go back. */
  readonly elapsed: () => number;
}

/** No look has succeeded for so long: the database is away, whether it refuses us or never answers. */
const AWAY_MS = 5_000;

/**
 * Looks again and again, reaches what kill switches have yet to reach, refreshes the mirror, and goes by the mirror while the
 * database is away, or too slow at some customers. Plain timers, kept nowhere; each work one at a time; no failure ends
 * anything.
 */
export class Watch {
  readonly #watched: Watched;
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #works = new Map<string, Promise<void>>();
  readonly #seldom: Seldom;
  #lookedAt: number;

  constructor(watched: Watched) {
    this.#watched = watched;
    this.#lookedAt = watched.elapsed();
    this.#seldom = new Seldom(watched.elapsed);
  }

  start(): void {
    const { lookEveryMs, mirrorEveryMs } = this.#watched;
    this.#every(mirrorEveryMs, 'refresh', () => this.#refresh());
    this.#every(lookEveryMs, 'reach', () => this.#reach());
    this.#every(lookEveryMs, 'look', () => this.#look());
    this.#every(lookEveryMs, 'mirror', () => this.#goByMirror());
  }

  /** Begins nothing more, and waits for what is being done. */
  async stop(): Promise<void> {
    for (const timer of this.#timers.splice(0)) clearInterval(timer);
    await Promise.all(this.#works.values());
    await Promise.all([this.#watched.revoker.idle(), this.#watched.mirror.idle()]);
  }

  #every(ms: number, name: string, work: () => Promise<void>): void {
    const begin = (): void => {
      if (this.#works.has(name)) return;
      this.#works.set(
        name,
        work().finally(() => this.#works.delete(name)),
      );
    };
    this.#timers.push(setInterval(begin, ms));
    begin();
  }

  async #look(): Promise<void> {
    const { revoker, logger, elapsed } = this.#watched;
    try {
      const count = await revoker.execute(this.#failed('an overdue end could not be planned'));
      this.#lookedAt = elapsed();
      this.#watched.onLook();
      // Whoever should have done it has not: worth a person's look.
      if (count > 0) logger.warn({ accounts: count }, 'the revoker took up overdue ends');
    } catch (error) {
      logFailure(logger, error, 'the revoker could not look');
    }
  }

  /** Whoever pulled a switch may have died right after: what nobody has made due no look finds. */
  async #reach(): Promise<void> {
    const { holds, logger } = this.#watched;
    const failed: ReachHoldsFailed = ({ holdId, accountId }, error) => {
      if (this.#seldom.isNews(`a hold ${holdId} ${String(accountId)}`))
        logFailure(logger.child({ holdId, accountId }), error, 'a hold could not reach its accounts');
    };
    try {
      await holds.execute(failed);
    } catch (error) {
      // The looks tell each time that the database is away.
      if (this.#seldom.isNews('holds')) logFailure(logger, error, 'holds could not be looked for');
    }
  }

  async #refresh(): Promise<void> {
    const { mirror, logger } = this.#watched;
    try {
      const { done } = await mirror.refresh(this.#failed('an upcoming end could not be read'));
      // Not waited for: one organization whose rows are slow keeps nobody else's ends from being seen.
      done.catch((error: unknown) =>
        logFailure(logger, error, 'what was kept from memory could not be told'),
      );
    } catch (error) {
      logFailure(logger, error, 'the mirror of ends could not be refreshed');
    }
  }

  /**
   * For all, or for those customers alone of whom the looks could have nothing in time. Does not wait for what it begins: one
   * customer whose Graph is slow holds up only itself.
   */
  #goByMirror(): Promise<void> {
    const { revoker, mirror, logger, elapsed } = this.#watched;
    const slow = elapsed() - this.#lookedAt < AWAY_MS ? revoker.slow() : null;
    if (slow?.size === 0) return Promise.resolve();
    mirror.takeAway(this.#failed('a mirrored end could not be kept'), slow).then(
      (count) => {
        const why = slow === null ? 'the database is away' : 'the database is slow at some customers';
        if (count > 0) logger.warn({ accounts: count }, `ends were kept from memory while ${why}`);
      },
      (error: unknown) => logFailure(logger, error, 'the mirror could not be gone by'),
    );
    return Promise.resolve();
  }

  /** What stands for hours is told once in some minutes, account by account. */
  #failed(message: string): RevokeFailed {
    return (of, error) => {
      const { customerId } = of;
      const accountId = 'accountId' in of ? of.accountId : null;
      if (!this.#seldom.isNews(`${message} ${customerId} ${String(accountId)}`)) return;
      logFailure(this.#watched.logger.child({ customerId, accountId }), error, message);
    };
  }
}

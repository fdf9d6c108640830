import type { SimulatorClient } from './simulator.js';

/** An account and the instant at which its rights end. */
export interface OwedEnd {
  readonly tenantId: string;
  readonly upn: string;
  readonly expiresAt: number;
}

interface Seen {
  readonly enabled: boolean;
  readonly at: number;
}

/**
 * Knows when Graph accepted what, from the simulator's own history and nothing else: what our database says about an end
 * is no evidence.
 */
export class GraphWitness {
  readonly #simulator: SimulatorClient;
  readonly #accounts = new Map<string, Seen>();
  #since = 0;

  constructor(simulator: SimulatorClient) {
    this.#simulator = simulator;
  }

  /** Reads what has happened since the last look. What somebody enables by hand makes no end of ours a later one. */
  async look(): Promise<void> {
    for (const { seq, what, tenantId, userPrincipalName, at, by } of await this.#simulator.history({
      since: this.#since,
    })) {
      this.#since = Math.max(this.#since, seq);
      const key = keyOf(tenantId, userPrincipalName);
      const enabled = what === 'user.enabled';
      const isOver = what === 'user.disabled' || what === 'user.deleted';
      const wasOver = this.#accounts.get(key)?.enabled === false;
      if ((enabled && by !== 'portal') || (isOver && !wasOver))
        this.#accounts.set(key, { enabled, at: Date.parse(at) });
    }
  }

  isEnabled({ tenantId, upn }: OwedEnd): boolean {
    return this.#accounts.get(keyOf(tenantId, upn))?.enabled ?? false;
  }

  /** Graph's acceptance minus the end; null: it is enabled still, or never was. */
  lateMs({ tenantId, upn, expiresAt }: OwedEnd): number | null {
    const seen = this.#accounts.get(keyOf(tenantId, upn));
    return seen === undefined || seen.enabled ? null : seen.at - expiresAt;
  }

  /**
   * Everything that breaks the promise, in words. An account that is enabled still has broken it once the bound has
   * passed; before that nothing can be said, and this throws.
   */
  violations(ends: readonly OwedEnd[], latestMs: number, now: number): readonly string[] {
    return ends.flatMap((end) => {
      const late = this.lateMs(end);
      if (late === null && now <= end.expiresAt + latestMs) throw new Error('It is too early to judge.');
      if (late === null) return [`${end.upn} is enabled ${now - end.expiresAt} ms after its end`];
      if (late > latestMs) return [`${end.upn} was disabled ${late} ms after its end`];
      return late < 0 ? [`${end.upn} was disabled ${-late} ms before its end`] : [];
    });
  }
}

const keyOf = (tenantId: string, upn: string | null): string => `${tenantId} ${upn?.toLowerCase() ?? ''}`;

/** The value below which this part of them lies, by the nearest rank. */
export const percentile = (values: readonly number[], part: number): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? 0;
};

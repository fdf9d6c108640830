import type { DirectoryCall } from '#core/accounts';
import type { Instant } from '#core/shared';
import type { Chance } from '../kernel/chance.js';
import type { Arrival, Sent } from '../processes/network.js';

/** What is wrong with one tenant, for a time. */
export interface Spell {
  readonly kind:
    'throttles' | 'fails' | 'loses answers' | 'lies' | 'is slow' | 'tells no changes' | 'loses whole answers';
  readonly tenantId: string;
  readonly until: Instant;
  readonly probability: number;
  readonly retryAfterSeconds: number | null;
}

/** What takes away can be answered without being done, and is found out. */
const liable: ReadonlySet<DirectoryCall['do']> = new Set([
  'disable',
  'unassignRole',
  'removeFromGroup',
  'deleteMethod',
  'deleteUser',
]);

/** How the tenants are: throttled, failing, slow, lying, behind. */
export class Weather {
  readonly #spells: Spell[] = [];

  constructor(
    private readonly chance: Chance,
    private readonly now: () => Instant,
  ) {}

  begin(spell: Spell): void {
    this.#spells.push(spell);
  }

  latencyMs(tenantId: string): number {
    return this.strikes(tenantId, 'is slow') === null
      ? this.chance.between(10, 250)
      : this.chance.between(2_000, 15_000);
  }

  strikes(tenantId: string, kind: Spell['kind']): Spell | null {
    const spell = this.#spells.find(
      (each) => each.kind === kind && each.tenantId === tenantId && each.until > this.now(),
    );
    return spell !== undefined && this.chance.happens(spell.probability) ? spell : null;
  }

  arrival({ app, step }: Sent): Arrival {
    const throttle = this.strikes(app.tenantId, 'throttles');
    if (throttle !== null) {
      const { retryAfterSeconds } = throttle;
      return { how: 'refused', reason: 'throttled', status: 429, retryAfterSeconds };
    }
    if (this.strikes(app.tenantId, 'fails') !== null)
      return { how: 'refused', reason: 'unanswered', status: 503, retryAfterSeconds: null };
    if (this.strikes(app.tenantId, 'loses answers') !== null) return { how: 'carried out, answer lost' };
    if (liable.has(step.call.do) && this.strikes(app.tenantId, 'lies') !== null) return { how: 'lied about' };
    return { how: 'carried out' };
  }
}

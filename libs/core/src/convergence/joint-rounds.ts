import { SECOND } from '#core/shared';
import { Jointly } from './jointly.js';
import type { ConvergencePorts } from './ports.js';
import { attemptOf, prepareRounds, type Attempt, type Prepared, type RoundInput } from './prepare-round.js';

/** Transactions under way: fewer than there are connections, which are for those too who are prepared apart. */
const LANES = 3;
const MOST_TOGETHER = 16;
/** Who has called already waits longer for his next round than who has his first disables to send, by so much at the most. */
const HEAD_START_MS = 5 * SECOND;

/** Prepares rounds, a dozen statements each, those of many customers of one organization in one transaction. */
export class JointRounds {
  readonly #rounds: Jointly<Attempt, Prepared>;

  constructor(private readonly ports: ConvergencePorts) {
    this.#rounds = new Jointly({
      ...{ clock: ports.clock, lanes: LANES, most: MOST_TOGETHER },
      work: (attempts, limits) => prepareRounds(ports, attempts, limits),
    });
  }

  /** `alone`: somebody waits for it; or nobody is to wait for it. */
  async prepare(input: RoundInput, alone: boolean): Promise<Prepared> {
    const attempt = await attemptOf(this.ports, input);
    const [claim] = attempt.claims;
    if (claim === undefined || alone) return this.#rounds.alone(attempt);
    const headStart = attempt.works.length === 0 ? HEAD_START_MS : 0;
    const { customerId, organizationId: group } = claim;
    return this.#rounds.ask({ customerId, group, rank: this.ports.clock.now() - headStart }, attempt);
  }
}

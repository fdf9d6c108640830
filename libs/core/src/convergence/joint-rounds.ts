import { SECOND, type OrganizationId } from '#core/shared';
import { Jointly } from './jointly.js';
import type { ConvergencePorts } from './ports.js';
import { attemptOf, prepareRounds, type Attempt, type Prepared, type RoundInput } from './prepare-round.js';

/** Transactions of one organization under way. */
const LANES = 3;
const MOST_TOGETHER = 16;
/** Who has called already waits longer for his next round than who has his first disables to send, by so much at the most. */
const HEAD_START_MS = 5 * SECOND;
/** More than have work at once anywhere. */
const MOST_ORGANIZATIONS = 1_000;

/** Prepares rounds, a dozen statements each, those of many customers of one organization in one transaction. */
export class JointRounds {
  readonly #organizations = new Map<OrganizationId, Jointly<Attempt, Prepared>>();

  constructor(private readonly ports: ConvergencePorts) {}

  async prepare(input: RoundInput): Promise<Prepared> {
    const attempt = await attemptOf(this.ports, input);
    const { claims, mint, looking, works } = attempt;
    const [claim] = claims;
    if (claim === undefined) return { works: [], connection: null, clock: input.clock, bells: [] };
    const rounds = this.of(claim.organizationId);
    // Somebody waits for a pass; and nobody is to wait for a look.
    if (mint !== null || looking) return rounds.alone(attempt);
    const headStart = works.length === 0 ? HEAD_START_MS : 0;
    return rounds.ask(claim.customerId, attempt, this.ports.clock.now() - headStart);
  }

  private of(organization: OrganizationId): Jointly<Attempt, Prepared> {
    const known = this.#organizations.get(organization);
    const rounds = known ?? this.begun();
    this.#organizations.delete(organization);
    this.#organizations.set(organization, rounds);
    const [oldest] = this.#organizations.keys();
    if (this.#organizations.size > MOST_ORGANIZATIONS && oldest !== undefined)
      this.#organizations.delete(oldest);
    return rounds;
  }

  private begun(): Jointly<Attempt, Prepared> {
    return new Jointly({
      clock: this.ports.clock,
      lanes: LANES,
      most: MOST_TOGETHER,
      work: (attempts, limits) => prepareRounds(this.ports, attempts, limits),
    });
  }
}

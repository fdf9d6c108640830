import type { Claim, CustomerRef } from '#core/shared';
import { isAway } from './away.js';
import type { Converge } from './converge.js';
import type { ConvergencePorts } from './ports.js';

/** Accounts under one claim: five full batches of disables. What is left over stays due. */
const CLAIM_LIMIT = 100;

/** Claims what is due of one customer and converges it. Every bell ends here; a bell that rings for nothing is quiet. */
export class ConvergeCustomer {
  constructor(
    private readonly ports: Pick<ConvergencePorts, 'unitOfWork' | 'clock'>,
    private readonly converge: Converge,
  ) {}

  /** Returns how many accounts were worked on. */
  async execute(customer: CustomerRef): Promise<number> {
    const claims = await this.ports.unitOfWork.clockwork.claimDue(
      customer,
      this.ports.clock.now(),
      CLAIM_LIMIT,
    );
    if (claims.length > 0) await this.work(claims);
    return claims.length;
  }

  /** All together; when that fails, each alone: a row that can't be read keeps no other from its end. */
  private async work(claims: readonly Claim[]): Promise<void> {
    try {
      await this.converge.execute(claims);
    } catch (error) {
      if (isAway(error) || claims.length === 1) throw error;
      const alone = await Promise.allSettled(claims.map((claim) => this.converge.execute([claim])));
      const failure = alone.find((each) => each.status === 'rejected');
      if (failure !== undefined) throw failure.reason;
    }
  }
}

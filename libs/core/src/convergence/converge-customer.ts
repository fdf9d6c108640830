import type { CustomerRef } from '#core/shared';
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
    if (claims.length > 0) await this.converge.execute(claims);
    return claims.length;
  }
}

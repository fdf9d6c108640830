import { SECOND, type Claim, type CustomerRef } from '#core/shared';
import { isAway } from './away.js';
import type { Converge } from './converge.js';
import type { HandedOver } from './disables-first.js';
import type { ConvergencePorts } from './ports.js';

/** Accounts under one claim: five full batches of disables. What is left over stays due. */
const CLAIM_LIMIT = 100;
/** As long as a claim that nobody gave back would have lasted. */
const UNPLANNABLE_REST_MS = 30 * SECOND;

/** Claims what is due of one customer and converges it. Every bell ends here; a bell that rings for nothing is quiet. */
export class ConvergeCustomer {
  constructor(
    private readonly ports: Pick<ConvergencePorts, 'unitOfWork' | 'clock'>,
    private readonly converge: Converge,
  ) {}

  /** Before an execution that has to wait for its turn: it counts from here. */
  setOut(): HandedOver {
    return this.converge.setOut();
  }

  /** Returns how many accounts were worked on; tells `handedOver` when its disables need nothing more of us. */
  async execute(customer: CustomerRef, handedOver = this.setOut()): Promise<number> {
    try {
      return await this.claimAndWork(customer, handedOver);
    } finally {
      handedOver();
    }
  }

  private async claimAndWork(customer: CustomerRef, handedOver: HandedOver): Promise<number> {
    const claims = await this.ports.unitOfWork.clockwork.claimDue(
      customer,
      this.ports.clock.now(),
      CLAIM_LIMIT,
    );
    if (claims.length > 0) await this.workOrGiveBack(claims, handedOver);
    return claims.length;
  }

  /** Without a connection to its rows nothing can be done here; the sweep has others, and must not wait for our claims. */
  private async workOrGiveBack(claims: readonly Claim[], handedOver: HandedOver): Promise<void> {
    try {
      await this.work(claims, handedOver);
    } catch (error) {
      if (isAway(error)) await this.ports.unitOfWork.clockwork.giveBack(claims).catch(() => undefined);
      throw error;
    }
  }

  /** All together; when that fails, each alone: a row that can't be read keeps no other from its end. */
  private async work(claims: readonly Claim[], handedOver?: HandedOver): Promise<void> {
    try {
      await this.converge.execute(claims, handedOver === undefined ? {} : { handedOver });
    } catch (error) {
      // Nobody waits for a plan that is not to be had, least of all its own accounts, each by itself.
      handedOver?.();
      const [claim] = claims;
      if (claim === undefined || isAway(error)) throw error;
      if (claims.length === 1) return this.leaveToRevoker(claim, error);
      const alone = await Promise.allSettled(claims.map((each) => this.work([each])));
      const failure = alone.find((each) => each.status === 'rejected');
      if (failure !== undefined) throw failure.reason;
    }
  }

  /**
   * Nobody can plan this account. Whoever holds its claim keeps the revoker from it, which can disable it all the same: so
   * the claim is given back at once, and the next try here comes later.
   */
  private async leaveToRevoker(claim: Claim, error: unknown): Promise<never> {
    const { clock, unitOfWork } = this.ports;
    await unitOfWork
      .inOrganization(claim.organizationId, ({ accounts }) =>
        accounts.setAside(claim, clock.now() + UNPLANNABLE_REST_MS),
      )
      // Then the claim runs out by itself.
      .catch(() => undefined);
    throw error;
  }
}

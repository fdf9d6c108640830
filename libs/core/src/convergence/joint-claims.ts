import type { Claim, CustomerRef } from '#core/shared';
import { Jointly } from './jointly.js';
import type { ConvergencePorts } from './ports.js';

/** Accounts of a customer under one claim: five full batches of disables. What is left over stays due. */
export const CLAIM_LIMIT = 100;
/** Statements under way. */
const LANES = 2;
const MOST_TOGETHER = 64;
/** Claims are made across organizations. */
const EVERYBODY = '';

/** Claims what is due, for many customers in one statement. */
export class JointClaims {
  readonly #claims: Jointly<CustomerRef, readonly Claim[]>;

  constructor(private readonly ports: Pick<ConvergencePorts, 'unitOfWork' | 'clock'>) {
    const { clock } = ports;
    this.#claims = new Jointly<CustomerRef, readonly Claim[]>({
      ...{ clock, lanes: LANES, most: MOST_TOGETHER },
      work: async (customers) => {
        const { clockwork } = this.ports.unitOfWork;
        const claims = await clockwork.claimDue(customers, clock.now(), CLAIM_LIMIT);
        return customers.map(({ customerId }) => claims.filter((claim) => claim.customerId === customerId));
      },
    });
  }

  due(customer: CustomerRef): Promise<readonly Claim[]> {
    const { customerId } = customer;
    return this.#claims.ask({ customerId, group: EVERYBODY, rank: this.ports.clock.now() }, customer);
  }
}

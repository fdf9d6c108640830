import type { Queue } from '../../faults/support/ground.js';

export interface SoakPlan {
  readonly minutes: number;
  readonly grants: number;
  readonly seed: number;
  readonly queue: Queue;
  readonly customers: number;
  readonly technicians: number;
}

const FEWEST_ACCOUNTS = 150;
const GRANTS_OF_AN_ACCOUNT = 4;
const FEWEST_CUSTOMERS = 8;
const MOST_CUSTOMERS = 50;
const GRANTS_OF_A_CUSTOMER = 100;

/** What `npm run soak` asked for. So many accounts that each is given again some times. */
export const readPlan = (): SoakPlan => {
  const said = JSON.parse(process.env['CURFEW_SOAK'] ?? '{}') as Partial<SoakPlan>;
  const { minutes = 3, grants = 200, seed = 1, queue = 'postgres' } = said;
  const customers = Math.min(
    MOST_CUSTOMERS,
    Math.max(FEWEST_CUSTOMERS, Math.ceil(grants / GRANTS_OF_A_CUSTOMER)),
  );
  const accounts = Math.max(FEWEST_ACCOUNTS, grants / GRANTS_OF_AN_ACCOUNT);
  return { minutes, grants, seed, queue, customers, technicians: Math.ceil(accounts / customers) };
};

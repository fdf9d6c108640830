/** So much in each stretch of time; what is used comes back evenly. */
export interface Limit {
  readonly capacity: number;
  readonly windowMs: number;
}

/** What Graph lets pass of identity and access calls, for the two counts that it keeps of each. */
export interface GraphLimits {
  /** One app in one tenant. */
  readonly appInTenant: { readonly writes: Limit; readonly units: Limit };
  /** One app in all its tenants together. */
  readonly app: { readonly writes: Limit; readonly units: Limit };
  /** Of each, this part is kept for taking away. */
  readonly kept: number;
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;

/**
 * Source: graph/throttling-limits, "Identity and access service limits" (February 2026). The resource units are those of
 * the smallest tenants, since Graph doesn't tell the size; a write costs one of them, so writes are what runs out first.
 * Older pages have 70,000 writes for the app. The tenant's own limit over all apps (18,000 writes in 5 minutes) can't be
 * modelled, since nobody tells what the others use: a 429 does.
 */
export const GRAPH_LIMITS: GraphLimits = {
  appInTenant: {
    writes: { capacity: 3_000, windowMs: 150 * SECOND_MS },
    units: { capacity: 3_500, windowMs: 10 * SECOND_MS },
  },
  app: {
    writes: { capacity: 35_000, windowMs: 5 * MINUTE_MS },
    units: { capacity: 150_000, windowMs: 20 * SECOND_MS },
  },
  kept: 0.2,
};

/** A throttle that doesn't say for how long is asked after so long, and twice as long with each one more. */
export const FIRST_UNTOLD_WAIT_MS = 5 * SECOND_MS;
export const LONGEST_UNTOLD_WAIT_MS = MINUTE_MS;

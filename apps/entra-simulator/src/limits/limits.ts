/** One token bucket: refills evenly, and goes below zero, since requests sent while throttled count as well. */
interface Bucket {
  level: number;
  at: number;
}

interface Limit {
  readonly capacity: number;
  readonly windowMs: number;
  readonly information: 'ResourceUnitLimitExceeded' | 'WriteLimitExceeded';
}

export interface Charge {
  readonly tenantId: string;
  readonly appId: string;
  readonly users: number;
  readonly resourceUnits: number;
  readonly writes: number;
  readonly now: number;
}

interface RequestCharge {
  /** Holds the tenant's id. */
  readonly key: string;
  readonly perMinute: number;
  readonly now: number;
}

export interface Verdict {
  /** The fullest bucket's use; Graph tells it from 0.8 on. */
  readonly percentage: number;
  readonly refusal?: { scope: string; information: string; retryAfterSeconds: number };
}

const unitsPerTenSeconds = [
  { below: 50, units: 3_500 },
  { below: 501, units: 5_000 },
  { below: Infinity, units: 8_000 },
];
const seconds = 1000;
const minutes = 60 * seconds;
/** x-ms-throttle-limit-percentage ends at 1.8. */
const deepestOverdraft = 0.8;

/** The identity and access limits of Graph, per app and tenant, per app, and per tenant. */
export class Limits {
  private readonly buckets = new Map<string, Bucket>();

  charge(charge: Charge): Verdict {
    let percentage = 0;
    let refusal: Verdict['refusal'];
    for (const { key, scope, limit, cost } of this.limitsFor(charge)) {
      if (cost === 0) continue;
      const bucket = this.refilled(key, limit, charge.now);
      const isOver = bucket.level < cost;
      bucket.level = Math.max(bucket.level - cost, -deepestOverdraft * limit.capacity);
      percentage = Math.max(percentage, 1 - bucket.level / limit.capacity);
      if (isOver) refusal ??= refusalOf(scope, limit, cost - bucket.level);
    }
    return refusal === undefined ? { percentage } : { percentage, refusal };
  }

  /** One request against a limit per minute; answers the seconds to wait when it is exceeded. */
  chargeRequest({ key, perMinute, now }: RequestCharge): number | undefined {
    const limit: Limit = { capacity: perMinute, windowMs: minutes, information: 'ResourceUnitLimitExceeded' };
    const bucket = this.refilled(`r ${key}`, limit, now);
    const isOver = bucket.level < 1;
    bucket.level = Math.max(bucket.level - 1, -deepestOverdraft * perMinute);
    if (!isOver) return undefined;
    return Math.max(1, Math.ceil(((1 - bucket.level) * minutes) / perMinute / seconds));
  }

  forget(tenantId: string): void {
    for (const key of this.buckets.keys()) if (key.includes(tenantId)) this.buckets.delete(key);
  }

  private limitsFor({ tenantId, appId, users, resourceUnits, writes }: Charge) {
    const units = unitsPerTenSeconds.find(({ below }) => users < below)?.units ?? 8_000;
    const both = `Tenant_Application/ReadWrite/${appId}/${tenantId}`;
    const app = `Application/ReadWrite/${appId}`;
    const tenant = `Tenant/ReadWrite/${tenantId}`;
    return [
      { key: `u ${both}`, scope: both, cost: resourceUnits, limit: unitLimit(units, 10 * seconds) },
      { key: `u ${app}`, scope: app, cost: resourceUnits, limit: unitLimit(150_000, 20 * seconds) },
      { key: `w ${both}`, scope: both, cost: writes, limit: writeLimit(3_000, 150 * seconds) },
      { key: `w ${app}`, scope: app, cost: writes, limit: writeLimit(35_000, 5 * minutes) },
      { key: `w ${tenant}`, scope: tenant, cost: writes, limit: writeLimit(18_000, 5 * minutes) },
    ];
  }

  private refilled(key: string, { capacity, windowMs }: Limit, now: number): Bucket {
    const bucket = this.buckets.get(key) ?? { level: capacity, at: now };
    bucket.level = Math.min(capacity, bucket.level + ((now - bucket.at) * capacity) / windowMs);
    bucket.at = now;
    this.buckets.set(key, bucket);
    return bucket;
  }
}

const unitLimit = (capacity: number, windowMs: number): Limit => ({
  capacity,
  windowMs,
  information: 'ResourceUnitLimitExceeded',
});
const writeLimit = (capacity: number, windowMs: number): Limit => ({
  capacity,
  windowMs,
  information: 'WriteLimitExceeded',
});

const refusalOf = (scope: string, limit: Limit, missing: number) => ({
  scope,
  information: limit.information,
  retryAfterSeconds: Math.max(1, Math.ceil((missing * limit.windowMs) / limit.capacity / seconds)),
});

/** What a request costs: $select takes one off, $expand adds one, a small $top takes one off; never below one. */
export function resourceUnits(base: number, query: ReadonlyMap<string, string>): number {
  const top = query.get('$top');
  const units =
    base -
    (query.has('$select') ? 1 : 0) +
    (query.has('$expand') ? 1 : 0) -
    (top !== undefined && Number(top) < 20 ? 1 : 0);
  return Math.max(1, units);
}

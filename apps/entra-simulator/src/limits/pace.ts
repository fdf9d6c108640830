/** So many requests in each stretch of time; the stretch begins with the first of them. */
interface Pace {
  readonly most: number;
  readonly windowMs: number;
}

export interface PacedRequest {
  /** What is counted together: it names the workload, and the app where that matters. */
  readonly key: string;
  readonly pace: Pace;
  readonly now: number;
}

/** Services that count plainly, and tell nobody how long to wait. */
export class Paces {
  private readonly windows = new WeakMap<object, Map<string, { startedAt: number; count: number }>>();

  /** True: one too many. The tenant is whom it is counted for, and what is forgotten with him. */
  exceeds(tenant: object, { key, pace, now }: PacedRequest): boolean {
    const ofTenant = this.windows.get(tenant) ?? new Map<string, { startedAt: number; count: number }>();
    this.windows.set(tenant, ofTenant);
    const known = ofTenant.get(key);
    const isOld = known === undefined || now >= known.startedAt + pace.windowMs;
    const window = isOld ? { startedAt: now, count: 0 } : known;
    window.count += 1;
    ofTenant.set(key, window);
    return window.count > pace.most;
  }
}

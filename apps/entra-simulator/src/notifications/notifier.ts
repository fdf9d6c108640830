import { randomUUID } from 'node:crypto';
import type { Interference } from '../control/interference.js';
import { isoMillis } from '../foundation/clock.js';
import type { Json } from '../foundation/json.js';
import type { Random } from '../foundation/random.js';
import type { Change } from '../state/changes.js';
import type { Subscription } from '../state/model-subscriptions.js';
import type { Tenant } from '../state/tenant.js';
import type { World } from '../state/world.js';
import { loopbackUrl, postLocally } from './loopback-post.js';

interface Errand {
  readonly tenant: Tenant;
  readonly subscriptionId: string;
  readonly change: Change;
  readonly changeType: 'updated' | 'deleted';
  readonly attempt: number;
  readonly dueAt: number;
}

interface NotifierParts {
  readonly world: World;
  readonly interference: Interference;
  readonly random: () => Random;
}

/** What is beyond this is lost, as notifications may be. */
const mostWaiting = 10_000;
const mostAtOnce = 20;
/** [D] An endpoint has 30 s; retries go on for about four hours. */
const answerMs = 30_000;
const givenUpAfterMs = 4 * 60 * 60 * 1000;
const firstRetryMs = 10_000;
const longestRetryMs = 30 * 60 * 1000;

/**
 * Sends change notifications: late, when the tenant's notificationLag says so, again when they are not taken, and
 * never when a fault on POST /notifications loses them. Everything waits in memory and ends with the simulator.
 */
export class Notifier {
  private waiting: Errand[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly parts: NotifierParts) {
    parts.world.onChange = (tenant, change) => this.take(tenant, change);
  }

  /** Sends what is due; called whenever time may have passed. */
  pump(): void {
    if (this.waiting.length === 0 || this.isClosed) return;
    const now = this.now();
    const due = this.waiting.filter((errand) => errand.dueAt <= now);
    if (due.length > 0) this.waiting = this.waiting.filter((errand) => errand.dueAt > now);
    // What fails in a way of its own is lost, as notifications may be.
    for (const errands of bundled(due)) this.deliver(errands).catch(() => undefined);
    this.arm();
  }

  close(): void {
    clearTimeout(this.timer);
    this.waiting = [];
  }

  private take(tenant: Tenant, change: Change): void {
    const changeType = change.isPurge ? 'deleted' : 'updated';
    for (const subscription of tenant.subscriptions.truths()) {
      if (!concerns(subscription, change, changeType)) continue;
      const { minMs, maxMs } = tenant.config.notificationLag ?? { minMs: 0, maxMs: 0 };
      const dueAt = this.now() + minMs + (maxMs - minMs) * this.parts.random().next();
      this.put({ tenant, subscriptionId: subscription.id, change, changeType, attempt: 0, dueAt });
    }
  }

  private put(errand: Errand): void {
    if (this.isClosed || this.waiting.length >= mostWaiting) return;
    this.waiting.push(errand);
    this.arm();
  }

  private arm(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.waiting.length === 0 || this.isClosed) return;
    const next = this.waiting.reduce((earliest, { dueAt }) => Math.min(earliest, dueAt), Infinity);
    // A clock that a test holds still does not come closer by waiting: then moving it is what sends.
    const delay = Math.min(Math.max(1, next - this.now()), longestRetryMs);
    this.timer = setTimeout(() => this.pump(), delay).unref();
  }

  private async deliver(errands: readonly Errand[]): Promise<void> {
    const wanted = errands.filter((errand) => this.isWanted(errand));
    const [first] = wanted;
    const subscription = first?.tenant.subscriptions.truth(first.subscriptionId);
    if (first === undefined || subscription === undefined) return;
    const times = await this.timesUnderFaults(first.tenant.id);
    for (let i = 0; i < times && !this.isClosed; i++) {
      if (await this.send(subscription, wanted)) continue;
      for (const errand of wanted) this.retry(errand);
      return;
    }
  }

  /** What is gone for good is told only if it did not come back in the same breath; and only to who still listens. */
  private isWanted({ tenant, subscriptionId, change }: Errand): boolean {
    const subscription = tenant.subscriptions.truth(subscriptionId);
    if (subscription === undefined || subscription.expiresAt <= this.now()) return false;
    if (this.parts.world.tenants.get(tenant.id) !== tenant) return false;
    return !change.isPurge || tenant[change.kind].truth(change.id) === undefined;
  }

  /** How often faults let it be sent: lost, once, or twice. */
  private async timesUnderFaults(tenantId: string): Promise<number> {
    const probe = { requestId: randomUUID(), tenantId, method: 'POST', path: '/notifications' };
    const plan = this.parts.interference.plan({ ...probe, partId: null, isPart: false, body: undefined });
    if (plan === undefined) return 1;
    try {
      await plan.before();
    } catch {
      return 0;
    }
    if (!plan.isCarriedOut) return 0;
    return plan.isTwice ? 2 : 1;
  }

  private async send(subscription: Subscription, errands: readonly Errand[]): Promise<boolean> {
    const url = loopbackUrl(subscription.notificationUrl);
    if (url === undefined) return true;
    const answer = await postLocally(url, {
      contentType: 'application/json; charset=utf-8',
      body: JSON.stringify({ value: errands.map((errand) => noticeOf(subscription, errand)) }),
      timeoutMs: answerMs,
      signal: this.parts.world.closing.signal,
    });
    return answer !== undefined && answer.status >= 200 && answer.status < 300;
  }

  private retry(errand: Errand): void {
    const now = this.now();
    if (now - errand.change.at > givenUpAfterMs) return;
    const delay = Math.min(longestRetryMs, firstRetryMs * 2 ** errand.attempt);
    this.put({ ...errand, attempt: errand.attempt + 1, dueAt: now + delay });
  }

  private get isClosed(): boolean {
    return this.parts.world.closing.signal.aborted;
  }

  private now(): number {
    return this.parts.world.clock.now();
  }
}

function concerns({ resource, changeType }: Subscription, change: Change, type: string): boolean {
  const [kind, id] = resource.split('/');
  if (kind !== change.kind || (id !== undefined && id !== change.id)) return false;
  return changeType.split(',').some((one) => one.trim() === type);
}

/** By subscription, so many at once. */
function bundled(errands: readonly Errand[]): Errand[][] {
  const bundles: Errand[][] = [];
  const open = new Map<string, Errand[]>();
  for (const errand of errands) {
    let bundle = open.get(errand.subscriptionId);
    if (bundle === undefined || bundle.length >= mostAtOnce) {
      bundle = [];
      bundles.push(bundle);
      open.set(errand.subscriptionId, bundle);
    }
    bundle.push(errand);
  }
  return bundles;
}

const types = { users: ['Users', 'User'], groups: ['Groups', 'Group'] } as const;

function noticeOf(subscription: Subscription, { tenant, change, changeType }: Errand): Json {
  const [collection, type] = types[change.kind];
  const resource = `${collection}/${change.id}`;
  return {
    subscriptionId: subscription.id,
    subscriptionExpirationDateTime: isoMillis(subscription.expiresAt),
    changeType,
    clientState: subscription.clientState,
    tenantId: tenant.id,
    resource,
    resourceData: {
      '@odata.type': `#Microsoft.Graph.${type}`,
      '@odata.id': resource,
      id: change.id,
      organizationId: tenant.id,
      sequenceNumber: change.seq,
    },
  };
}

import type { ManagedAccount } from '#core/accounts';
import type { GrantInForce } from '#core/grants';
import type { Instant, OrganizationId, UpcomingEnd } from '#core/shared';
import type { EntraConnection } from '#core/tenancy';
import { isAway } from './away.js';
import { BareDisable, type BareAccount } from './bare-disable.js';
import type { CustomerWaits } from './customer-waits.js';
import type { ConvergencePorts } from './ports.js';
import type { RevokeFailed } from './revoke-overdue.js';
import type { Work } from './round.js';
import { NO_DIFFERENCE, type KnownClock } from './tenant-clock.js';

interface Mirrored {
  readonly end: UpcomingEnd;
  readonly loadedAt: Instant;
  readonly taken: boolean;
}

/** An end in memory, with everything that it takes to plan it. */
export interface PlannedEnd extends Mirrored {
  readonly how: 'planned';
  readonly account: ManagedAccount;
  readonly open: readonly GrantInForce[];
  readonly connection: EntraConnection;
  /** Of Graph there. */
  readonly clock: KnownClock;
  /** What the last round brought; null before the first. */
  readonly work: Work | null;
}

/** One whose row can't be understood, or planned: a bare disable is left of it. */
export interface BareEnd extends Mirrored {
  readonly how: 'bare';
  readonly bare: BareAccount;
  readonly tries: number;
  readonly restsUntil: Instant;
}

export type MirroredEnd = PlannedEnd | BareEnd;

/** The bare end of one that turned out to be impossible to plan; null where there is no object to disable. */
export const bareOf = ({ end, loadedAt, account, connection }: PlannedEnd): BareEnd | null =>
  account.objectId === null ? null : bareEnd(end, { loadedAt, bare: { user: account.objectId, connection } });

const bareEnd = (end: UpcomingEnd, of: Pick<BareEnd, 'loadedAt' | 'bare'>): BareEnd => ({
  ...of,
  how: 'bare',
  end,
  taken: false,
  tries: 0,
  restsUntil: 0,
});

/** Reads the rows behind upcoming ends, as far as they can be read. */
export class MirrorReader {
  readonly #bare: BareDisable;

  constructor(
    private readonly ports: ConvergencePorts,
    private readonly waits: CustomerWaits,
  ) {
    this.#bare = new BareDisable(ports);
  }

  /** Of one organization, together; when that fails, each alone. Throws only when the database is away. */
  async read(ends: readonly UpcomingEnd[], failed: RevokeFailed): Promise<readonly MirroredEnd[]> {
    const [first] = ends;
    if (first === undefined) return [];
    try {
      return await this.load(first.organizationId, ends);
    } catch (error) {
      if (isAway(error)) throw error;
      if (ends.length > 1) return this.eachAlone(ends, failed);
      failed(first, error);
      return this.bare(first, failed);
    }
  }

  private async eachAlone(
    ends: readonly UpcomingEnd[],
    failed: RevokeFailed,
  ): Promise<readonly MirroredEnd[]> {
    const read: MirroredEnd[] = [];
    for (const end of ends) read.push(...(await this.read([end], failed)));
    return read;
  }

  private async bare(end: UpcomingEnd, failed: RevokeFailed): Promise<readonly MirroredEnd[]> {
    const loadedAt = this.ports.clock.now();
    try {
      const bare = await this.#bare.read(end);
      return bare === null ? [] : [bareEnd(end, { loadedAt, bare })];
    } catch (error) {
      if (isAway(error)) throw error;
      failed(end, error);
      return [];
    }
  }

  private load(
    organizationId: OrganizationId,
    ends: readonly UpcomingEnd[],
  ): Promise<readonly MirroredEnd[]> {
    const loadedAt = this.ports.clock.now();
    return this.ports.unitOfWork.inOrganization(organizationId, async (stores) => {
      const open = await stores.grants.openOf(ends.map(({ accountId }) => accountId));
      const connections = new Map<string, EntraConnection | null>();
      const clocks = new Map<string, KnownClock>();
      const found: MirroredEnd[] = [];
      for (const end of ends) {
        if (!connections.has(end.customerId)) {
          const connection = await stores.connections.ofCustomer(end.customerId);
          connections.set(end.customerId, connection);
          clocks.set(end.customerId, (await stores.customers.clock(end.customerId)) ?? NO_DIFFERENCE);
          const told = await stores.customers.throttles(end.customerId);
          // That the credential of those who give is refused says nothing of our own.
          const ours = told.filter(({ workload }) => !(workload === 'sign-in' && connection?.second));
          this.waits.learn(end.customerId, ours);
        }
        const connection = connections.get(end.customerId) ?? null;
        const account = await stores.accounts.get(end.accountId);
        if (account === null || connection === null) continue;
        const own = open.filter(({ grant }) => grant.accountId === account.id);
        const clock = clocks.get(end.customerId) ?? NO_DIFFERENCE;
        const rest = { how: 'planned' as const, loadedAt, clock, work: null, taken: false };
        found.push({ ...rest, end, account, open: own, connection });
      }
      return found;
    });
  }
}

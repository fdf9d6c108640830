import type { AuditActor, AuditEvent, AuditStores } from '#core/audit';
import {
  idOf,
  SECOND,
  type Clock,
  type HoldId,
  type IdempotencyStores,
  type Ids,
  type Instant,
  type JobQueue,
  type OrganizationId,
  type UnitOfWork,
} from '#core/shared';
import { beginCreate, type CallersKey } from '#core/tenancy';
import type { GrantStores } from './grant-store.js';
import { holdErrors } from './hold.errors.js';
import { isSameScope, type Hold, type HoldScope } from './hold.js';
import { HoldReach } from './hold-reach.js';
import { CLOCKS_DIFFER_MS, type Reach } from './hold-store.js';

export interface PullKillSwitchCommand {
  readonly organizationId: OrganizationId;
  readonly scope: HoldScope;
  readonly reason: string;
  readonly actor: AuditActor;
  readonly idempotency: CallersKey | null;
}

type PullStores = AuditStores & GrantStores & IdempotencyStores;

/** Whoever pulls it waits so long for what it reaches; the rest is the workers'. */
const REACHES_MS = 5 * SECOND;

/**
 * Ends everything in a scope and lets nothing new be given there. First one transaction of the hold and its audit event,
 * which waits for no account's row: from its commit on the hold forbids whatever a grant gives, so whoever looks next
 * (bell, sweep, revoker, or a converge that is in the middle of giving) takes it away. Then every account in the scope is
 * made due and owed; a row that somebody holds, or that fails, is left, and reached by the workers as soon as it can be. What can't be
 * read in its scope keeps nobody from pulling it: how much it finds is told only where that can be counted.
 *
 * Pulled again while it stands, it is the same hold. What is owed already stays as it is, with the back-off that it waits
 * for: whoever repeats it in a loop moves nothing and writes nothing. Only where something isn't owed (enabled by a hand
 * meanwhile, say) it is from now on, and that is told.
 */
export class PullKillSwitch {
  constructor(
    private readonly ports: {
      readonly unitOfWork: UnitOfWork<PullStores>;
      readonly queue: JobQueue;
      readonly clock: Clock;
      readonly ids: Ids;
    },
  ) {}

  /** Throws `technician.not_found`, `customer.not_found`, `idempotency.key_reused`. */
  async execute(command: PullKillSwitchCommand): Promise<Hold> {
    const { ids, unitOfWork } = this.ports;
    const newId: HoldId = idOf(ids.uuid());
    const { hold, reaches } = await unitOfWork.inOrganization(command.organizationId, (stores) =>
      this.pull(stores, command, newId),
    );
    // It stands, and says of itself that it has not reached all: whoever pulled it is not told that nothing was done.
    if (reaches) await this.reach(hold).catch(() => undefined);
    return hold;
  }

  private reach(hold: Hold): Promise<boolean> {
    return new HoldReach(this.ports).execute(hold, { withinMs: REACHES_MS, failed: () => undefined });
  }

  private async pull(
    stores: PullStores,
    command: PullKillSwitchCommand,
    newId: HoldId,
  ): Promise<{ readonly hold: Hold; readonly reaches: boolean }> {
    await stores.holds.excludeGiving();
    const standing = (await stores.holds.standing()).find(({ scope }) => isSameScope(scope, command.scope));
    const { first, resourceId } = await beginCreate(stores, command.idempotency, {
      operation: 'kill_switch.pull',
      resourceId: standing?.id ?? newId,
    });
    if (!first) return { hold: await existing(stores, idOf(resourceId)), reaches: false };
    const now = this.ports.clock.now();
    const hold = standing ?? (await this.place(stores, command, { id: newId, now }));
    // What it has yet to reach since it was placed is no news.
    const isNews = standing === undefined || (await stores.holds.reachAgain(hold, now)) === true;
    const reach = await stores.holds.inReach(hold, now);
    const action = standing === undefined ? 'hold.placed' : 'hold.repeated';
    if (isNews) await stores.audit.append([auditOf(command, hold, { action, at: now, reach })]);
    return { hold, reaches: isNews || reach === 'unknown' || reach.accounts > 0 };
  }

  private async place(
    { holds }: PullStores,
    { organizationId, scope, reason, actor }: PullKillSwitchCommand,
    made: { readonly id: HoldId; readonly now: Instant },
  ): Promise<Hold> {
    // Clocks of two processes differ by a little: no grant that there is may look newer than the hold, or lifting it would
    // give that grant again.
    const latest = await holds.latestGrantIn(scope);
    const hold: Hold = {
      id: made.id,
      organizationId,
      scope,
      reason,
      placedAt: latest === 'unknown' ? made.now + CLOCKS_DIFFER_MS : Math.max(made.now, latest ?? 0),
      placedBy: actor,
      liftedAt: null,
      liftedBy: null,
    };
    await holds.insert(hold);
    return hold;
  }
}

const existing = async ({ holds }: GrantStores, id: HoldId): Promise<Hold> => {
  const hold = await holds.get(id);
  if (hold === null) throw holdErrors.refuse('hold.not_found');
  return hold;
};

const auditOf = (
  { organizationId, scope, reason, actor }: PullKillSwitchCommand,
  hold: Hold,
  what: {
    readonly action: 'hold.placed' | 'hold.repeated';
    readonly at: Instant;
    readonly reach: Reach | 'unknown';
  },
): AuditEvent => ({
  organizationId,
  at: what.at,
  actor,
  action: what.action,
  subject: { kind: 'hold', id: hold.id },
  customerId: scope.kind === 'customer' ? scope.customerId : null,
  details: {
    scope: scope.kind,
    technicianId: scope.kind === 'technician' ? scope.technicianId : null,
    reason,
    accounts: what.reach === 'unknown' ? null : what.reach.accounts,
    customers: what.reach === 'unknown' ? null : what.reach.customers.length,
  },
});

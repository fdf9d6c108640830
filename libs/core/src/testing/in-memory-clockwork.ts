import type { ManagedAccount } from '#core/accounts';
import {
  CLAIM_MS,
  DRIFT_CLAIM_MS,
  LOOK_KEEPS_CLEAR_MS,
  earliest,
  SECOND,
  UNREAD_MS,
  type AccountId,
  type BellWindow,
  type Claim,
  type Clockwork,
  type CustomerId,
  type CustomerRef,
  type DeploymentLedger,
  type DriftClaim,
  type HoldId,
  type HoldRef,
  type Instant,
  type KeyHolders,
  type OrganizationId,
  type Overdue,
  type OverdueCustomer,
  type UpcomingBell,
  type UpcomingEnd,
  type ValidationClaim,
} from '#core/shared';
import type { Workload } from '#core/tenancy';
import type { DriftRow, InMemoryDatabase } from './in-memory-database.js';
import { consentsDue } from './in-memory-consent-store.js';
import { InMemoryDeployment } from './in-memory-deployment.js';
import { InMemoryKeyHolders } from './in-memory-sealed-store.js';
import { byNearness, byTakeAt, byEnd } from './in-memory-order.js';
import { compare, grouped } from './in-memory-page.js';
import { claimValidations } from './in-memory-validation-run-store.js';
import { canariesDue } from './in-memory-take-back-store.js';

type Serially = <T>(work: () => T) => Promise<T>;

/** Sweeps over all organizations; `serially` puts each call between transactions, never into one. */
export class InMemoryClockwork implements Clockwork {
  readonly deployment: DeploymentLedger;
  readonly keyHolders: KeyHolders;

  constructor(
    private readonly database: InMemoryDatabase,
    private readonly serially: Serially,
  ) {
    this.deployment = new InMemoryDeployment(database, serially);
    this.keyHolders = new InMemoryKeyHolders(serially);
  }

  organizations(limit: number, after: OrganizationId | null = null): Promise<readonly OrganizationId[]> {
    return this.serially(() => {
      const ids = this.database.customers.everything().map(({ organizationId }) => organizationId);
      return [...new Set(ids)]
        .sort(compare)
        .filter((id) => after === null || id > after)
        .slice(0, limit);
    });
  }

  dueCustomers(now: Instant, limit: number): Promise<readonly CustomerRef[]> {
    return this.serially(() => {
      const due = this.database.accounts.everything().filter((row) => isDue(row, now));
      const perCustomer = grouped(due.filter((row) => !this.#throttled(row, now)));
      return perCustomer
        .map((rows) => waitOf(rows, now))
        .filter(({ since }) => since < Infinity)
        .sort(
          (a, b) => Number(b.owes) - Number(a.owes) || Number(a.busy) - Number(b.busy) || a.since - b.since,
        )
        .slice(0, limit)
        .map(({ customer }) => customer);
    });
  }

  claimDue(customers: readonly CustomerRef[], now: Instant, limit: number): Promise<readonly Claim[]> {
    return this.serially(() => customers.flatMap((customer) => this.#claimDueOf(customer, now, limit)));
  }

  #claimDueOf(customer: CustomerRef, now: Instant, limit: number): readonly Claim[] {
    if (this.#throttled(customer, now)) return [];
    const due = this.#rowsOf(customer).filter((row) => isDue(row, now) && this.#isClaimable(row, now));
    return due
      .sort(
        (a, b) =>
          Number(owesEnd(b, now)) - Number(owesEnd(a, now)) ||
          (a.dueAt ?? 0) - (b.dueAt ?? 0) ||
          compare(a.id, b.id),
      )
      .slice(0, limit)
      .map((row) => ({ ...this.#claim(row, now), owesEnd: owesEnd(row, now) }));
  }

  claimAccount(customer: CustomerRef, accountId: AccountId, now: Instant): Promise<Claim | null> {
    return this.serially(() => {
      const row = this.#rowsOf(customer).find(({ id }) => id === accountId);
      return row !== undefined && this.#isClaimable(row, now) ? this.#claim(row, now) : null;
    });
  }

  giveBack(claims: readonly Claim[]): Promise<readonly AccountId[]> {
    return this.serially(() => {
      const rows = claims.flatMap(({ organizationId, accountId, epoch }) => {
        const row = this.database.accounts.get(organizationId, accountId);
        return row?.epoch === epoch ? [row] : [];
      });
      for (const row of rows.filter((each) => !this.#isLocked(each)))
        this.database.accounts.put(row.organizationId, row.id, { ...row, claimedUntil: null });
      return rows.filter((row) => this.#isLocked(row)).map(({ id }) => id);
    });
  }

  overdueCustomers(overdue: Overdue, limit: number): Promise<readonly OverdueCustomer[]> {
    const { now } = overdue;
    return this.serially(() => {
      const rows = this.database.accounts
        .everything()
        .filter((row) => isOverdue(row, overdue) && !this.#throttled(row, now, ['directory']))
        .sort(byTakeAt);
      const held = rows.filter((row) => isOwed(row, overdue) && !isFree(row, now) && this.#isLocked(row));
      const isHeld = new Set(held.map(({ customerId }) => customerId));
      const listed = [...rows.filter((row) => isFree(row, now)), ...held];
      const customers = new Map(
        listed.map((row) => [row.customerId, { ...refOf(row), isHeld: isHeld.has(row.customerId) }]),
      );
      return [...customers.values()].slice(0, limit);
    });
  }

  claimOverdue(customer: CustomerRef, overdue: Overdue, limit: number): Promise<readonly Claim[]> {
    return this.serially(() => {
      if (this.#throttled(customer, overdue.now, ['directory'])) return [];
      return this.#rowsOf(customer)
        .filter((row) => isOverdue(row, overdue) && isFree(row, overdue.now) && !this.#isLocked(row))
        .sort(byTakeAt)
        .slice(0, limit)
        .map((row) => this.#claim(row, overdue.now));
    });
  }

  /** Between transactions nobody holds a row but those from outside. */
  lockedOverdue(customer: CustomerRef, overdue: Overdue, limit: number): Promise<readonly AccountId[]> {
    return this.serially(() =>
      this.#rowsOf(customer)
        .filter((row) => isOwed(row, overdue) && this.#isLocked(row))
        .sort(byTakeAt)
        .slice(0, limit)
        .map(({ id }) => id),
    );
  }

  unreachedHolds(after: HoldId | null, limit: number): Promise<readonly HoldRef[]> {
    return this.serially(() =>
      this.database.holds
        .everything()
        .filter(({ organizationId, id }) => this.database.reachedHolds.get(organizationId, id) === undefined)
        .filter(({ id }) => after === null || id > after)
        .sort((a, b) => compare(a.id, b.id))
        .slice(0, limit)
        .map(({ organizationId, id }) => ({ organizationId, holdId: id })),
    );
  }

  removals(after: CustomerId | null, limit: number): Promise<readonly CustomerRef[]> {
    return this.serially(() =>
      this.database.connections
        .everything()
        .filter((row) => row.state === 'removing' && (after === null || row.customerId > after))
        .sort((a, b) => compare(a.customerId, b.customerId))
        .slice(0, limit)
        .map(refOf),
    );
  }

  dueConsents(now: Instant, limit: number): Promise<readonly CustomerRef[]> {
    return this.serially(() => consentsDue(this.database, now).slice(0, limit).map(refOf));
  }

  claimDrift(now: Instant, limit: number): Promise<readonly DriftClaim[]> {
    return this.serially(() =>
      this.database.drifts
        .everything()
        .filter(
          (row) =>
            (row.dueAt <= now || this.#isToBeReread(row)) && isFree(row, now) && !this.#throttled(row, now),
        )
        .sort((a, b) => a.dueAt - b.dueAt || compare(a.customerId, b.customerId))
        .slice(0, limit)
        .map((row) => {
          const claim = { epoch: row.epoch + 1, claimedUntil: now + DRIFT_CLAIM_MS };
          this.database.drifts.put(row.organizationId, row.customerId, { ...row, ...claim });
          return { ...refOf(row), ...claim };
        }),
    );
  }

  claimValidations(now: Instant, limit: number): Promise<readonly ValidationClaim[]> {
    return this.serially(() => claimValidations(this.database, now, limit));
  }

  dueCanaries(now: Instant, limit: number): Promise<readonly CustomerRef[]> {
    return this.serially(() => canariesDue(this.database, now, limit));
  }

  claimLooks(customer: CustomerRef, now: Instant, limit: number): Promise<readonly Claim[]> {
    return this.serially(() => {
      if (this.#throttled(customer, now)) return [];
      return this.#rowsOf(customer)
        .filter(({ lookAt, takeAt, closedAt, ...row }) => {
          const isClear = takeAt === null || takeAt > now + LOOK_KEEPS_CLEAR_MS;
          const isDue = lookAt !== null && lookAt <= now && closedAt === null;
          return isDue && isClear && this.#isClaimable(row, now);
        })
        .sort((a, b) => (a.lookAt ?? 0) - (b.lookAt ?? 0) || compare(a.id, b.id))
        .slice(0, limit)
        .map((row) => this.#claim(row, now));
    });
  }

  endsBefore(until: Instant, limit: number): Promise<readonly UpcomingEnd[]> {
    return this.serially(() => {
      const places = new Map<string, number>();
      return this.database.accounts
        .everything()
        .flatMap((row) =>
          row.takeAt === null || row.takeAt >= until
            ? []
            : [
                {
                  ...refOf(row),
                  ...{ accountId: row.id, epoch: row.epoch, takeAt: row.takeAt },
                  claimedUntil: row.claimedUntil,
                },
              ],
        )
        .sort(byEnd)
        .map((end) => {
          const place = places.get(end.customerId) ?? 0;
          places.set(end.customerId, place + 1);
          return { end, place };
        })
        .sort((a, b) => a.place - b.place)
        .slice(0, limit)
        .map(({ end }) => end)
        .sort(byEnd);
    });
  }

  upcoming({ from, until, after }: BellWindow, limit: number): Promise<readonly UpcomingBell[]> {
    return this.serially(() => {
      const bells = new Map<string, UpcomingBell>();
      for (const row of this.database.accounts.everything()) {
        if (row.dueAt === null || row.dueAt < from || row.dueAt >= until) continue;
        const bell = `${row.customerId} ${Math.floor(row.dueAt / SECOND)}`;
        bells.set(bell, { ...refOf(row), at: Math.min(row.dueAt, bells.get(bell)?.at ?? Infinity) });
      }
      return [...bells.values()]
        .filter((bell) => after === null || byNearness(bell, after) > 0)
        .sort(byNearness)
        .slice(0, limit);
    });
  }

  nextDue(customer: CustomerRef, after: Instant, before: Instant): Promise<Instant | null> {
    return this.serially(() => {
      const due = this.#rowsOf(customer).map(({ dueAt }) => dueAt);
      return earliest(...due.filter((at) => at !== null && at > after && at < before));
    });
  }

  #isToBeReread({ rereadFor }: DriftRow): boolean {
    const { restoringSince } = this.database.deployment;
    return restoringSince !== null && rereadFor !== restoringSince;
  }

  #isLocked({ id }: Pick<ManagedAccount, 'id'>): boolean {
    return this.database.lockedAccounts.has(id);
  }

  #isClaimable(row: Pick<ManagedAccount, 'id' | 'claimedUntil'>, now: Instant): boolean {
    return isFree(row, now) && !this.#isLocked(row);
  }

  #rowsOf(customer: CustomerRef): ManagedAccount[] {
    const rows = this.database.accounts.of(customer.organizationId);
    return rows.filter((row) => row.customerId === customer.customerId);
  }

  #claim(row: ManagedAccount, now: Instant): Claim {
    const epoch = row.epoch + 1;
    const claimedUntil = now + CLAIM_MS;
    this.database.accounts.put(row.organizationId, row.id, { ...row, epoch, claimedUntil });
    return { ...refOf(row), accountId: row.id, epoch, claimedUntil };
  }

  #throttled(
    customer: CustomerRef,
    now: Instant,
    workloads: readonly Workload[] = ['directory', 'sign-in'],
  ): boolean {
    return workloads.some((workload) => {
      const key = `${customer.customerId} ${workload}`;
      return (this.database.throttles.get(customer.organizationId, key)?.until ?? 0) > now;
    });
  }
}

/** Since when the longest-waiting free account waits (Infinity: none is free), and whether some are worked on. */
const waitOf = (rows: readonly [DueAccount, ...DueAccount[]], now: Instant) => {
  const free = rows.filter((row) => isFree(row, now));
  return {
    customer: refOf(rows[0]),
    since: Math.min(...free.map((row) => row.dueAt)),
    busy: free.length < rows.length,
    owes: free.some((row) => owesEnd(row, now)),
  };
};

type DueAccount = ManagedAccount & { readonly dueAt: Instant };
const isDue = (row: ManagedAccount, now: Instant): row is DueAccount =>
  row.dueAt !== null && row.dueAt <= now;
const isFree = (row: Pick<ManagedAccount, 'claimedUntil'>, now: Instant): boolean =>
  row.claimedUntil === null || row.claimedUntil <= now;
const owesEnd = (row: ManagedAccount, now: Instant): boolean => row.takeAt !== null && row.takeAt <= now;
const refOf = ({ organizationId, customerId }: CustomerRef): CustomerRef => ({ organizationId, customerId });

const isOwed = ({ id, takeAt }: ManagedAccount, { owedBefore, except }: Overdue): boolean =>
  takeAt !== null && takeAt < owedBefore && !except.includes(id);

/** The same, or what was taken has not been read back in time, whatever else is to end there and when. */
const isOverdue = (row: ManagedAccount, overdue: Overdue): boolean =>
  isOwed(row, overdue) ||
  ((row.verification?.nextAt ?? Infinity) < overdue.now - UNREAD_MS && !overdue.except.includes(row.id));

import type { PassEnd, StrayUser } from '#core/accounts';
import { CURFEW } from '#core/audit';
import { MINUTE, SECOND, type Claim, type DriftClaim, type Instant } from '#core/shared';
import { RereadTakeBack } from '#core/proving';
import { openApp } from '#core/tenancy';
import { isAway } from './away.js';
import { closeRestoration } from './close-restoration.js';
import { containOrphan, type Containment } from './contain-orphan.js';
import type { Converge } from './converge.js';
import { HearChanges, strayEvent, type DriftPorts, type Stage } from './hear-changes.js';
import type { ConvergenceStores } from './ports.js';
import { retireUnused } from './retire-unused.js';
import { Unreturned } from './unreturned.js';

/** A little less than the five minutes that are promised: what a pass itself takes is in them too. */
const PERIOD_MS = 4.5 * MINUTE;
/** Where a pass left something undone. */
const AGAIN_MS = 60 * SECOND;
/** After a restored backup: what is due now is done by then, and claims are free again. */
const RESTORING_AGAIN_MS = 10 * SECOND;
const LOOKS_AT_ONCE = 40;
/** With `LOOKS_AT_ONCE` the most accounts that one pass looks at. */
const LOOK_ROUNDS_A_PASS = 10;
const ORPHANS_A_PASS = 20;
/**
 * Compares one customer's tenant with our rows: reads what has changed among its users, looks at what was told otherwise
 * and at what has not been looked at for long, and contains users of ours that no row knows. What is found on an account is
 * put right by converge, under that account's own claim.
 */
export class DriftPass {
  readonly #hear: HearChanges;
  readonly #takeBack: RereadTakeBack;

  constructor(
    private readonly ports: DriftPorts,
    private readonly converge: Converge,
    private readonly unreturned = new Unreturned(ports),
  ) {
    this.#hear = new HearChanges(ports);
    this.#takeBack = new RereadTakeBack(ports);
  }

  async execute(claim: DriftClaim): Promise<void> {
    const end = await this.compare(claim);
    await this.inside(claim, ({ drift }) => drift.finish(claim, end));
  }

  private async compare(claim: DriftClaim): Promise<PassEnd> {
    const stage = await this.stage(claim);
    const begunAt = this.ports.clock.now();
    if (stage === null) return { dueAt: begunAt + PERIOD_MS, comparedAt: begunAt };
    const restoring = await this.inside(claim, (stores) => beginAgain(stores, claim, begunAt));
    const isDone = await eachAlone([
      () => this.retire(claim, restoring === null),
      () => this.rereadTakeBack(stage, restoring === null),
      () => this.#hear.execute(stage),
      () => this.lookAt(stage),
      () => this.containOrphans(stage),
    ]);
    if (restoring?.begun === true)
      return { dueAt: this.ports.clock.now() + RESTORING_AGAIN_MS, comparedAt: null };
    if (isDone && restoring !== null) await this.compared(claim, restoring.since);
    return isDone
      ? { dueAt: begunAt + PERIOD_MS, comparedAt: begunAt }
      : { dueAt: this.ports.clock.now() + AGAIN_MS, comparedAt: null };
  }

  private async retire(claim: DriftClaim, mayBegin: boolean): Promise<boolean> {
    if (mayBegin) await this.inside(claim, (stores) => retireUnused(stores, claim, this.ports.clock.now()));
    return true;
  }

  /** Once a day; after what is to be compared, and never while that is done anew. */
  private async rereadTakeBack({ claim, connection }: Stage, mayBegin: boolean): Promise<boolean> {
    if (!mayBegin) return true;
    await this.#takeBack.execute(claim, connection, () =>
      this.inside(claim, async ({ holds, customers }) => {
        const customer = await customers.get(claim.customerId);
        const of = { technicianId: null, customerId: claim.customerId };
        return customer?.state === 'active' && (await holds.concerning(of)) === null;
      }),
    );
    return true;
  }

  /** Everything of this customer was compared since the backup was restored. */
  private async compared(claim: DriftClaim, since: Instant): Promise<void> {
    const how = { actor: CURFEW, compared: true, at: this.ports.clock.now() };
    await this.inside(claim, (stores) => closeRestoration(stores, { ...claim, since }, how));
  }

  private async stage(claim: DriftClaim): Promise<Stage | null> {
    const { customer, connection } = await this.inside(claim, async ({ customers, connections }) => ({
      customer: await customers.get(claim.customerId),
      connection: await connections.ofCustomer(claim.customerId),
    }));
    if (connection === null || customer === null || customer.state === 'removed') return null;
    return { claim, connection, app: openApp(connection, this.ports.box) };
  }

  /** False: not everything that is due could be looked at. */
  private async lookAt({ claim }: Stage): Promise<boolean> {
    const { clock, unitOfWork } = this.ports;
    for (let rounds = 0; rounds < LOOK_ROUNDS_A_PASS; rounds += 1) {
      const now = clock.now();
      if (claim.claimedUntil - now < AGAIN_MS / 2) return false;
      const claims = await unitOfWork.clockwork.claimLooks(claim, now, LOOKS_AT_ONCE);
      if (claims.length === 0) return true;
      if (!(await this.look(claims))) return false;
    }
    return false;
  }

  /** All together; when that fails, each alone: a row that can't be read keeps no other from its look. */
  private async look(claims: readonly Claim[]): Promise<boolean> {
    try {
      const { failures } = await this.converge.execute(claims, { look: true });
      return failures.length === 0;
    } catch (error) {
      if (isAway(error)) await this.unreturned.giveBack(claims);
      if (isAway(error) || claims.length === 1) throw error;
      const alone = await Promise.allSettled(
        claims.map((claim) => this.converge.execute([claim], { look: true })),
      );
      return alone.every(({ status }) => status === 'fulfilled');
    }
  }

  private async containOrphans(stage: Stage): Promise<boolean> {
    const { claim } = stage;
    const { customerId } = claim;
    const open = await this.inside(claim, ({ drift }) => drift.openOrphans(customerId, ORPHANS_A_PASS));
    let isDone = open.length < ORPHANS_A_PASS;
    for (const orphan of open) {
      const came = await this.contain(stage, orphan);
      if (came === 'failed') isDone = false;
      await this.inside(claim, (stores) => this.settle(stores, claim, { orphan, came }));
    }
    return isDone;
  }

  /** One that an account has for its object by now, of another customer perhaps, is looked after there. */
  private async contain({ claim, app, connection }: Stage, stray: StrayUser): Promise<Containment> {
    const { organizationId } = claim;
    const { accountId, objectId } = stray;
    const account =
      accountId === null ? null : await this.inside(claim, ({ accounts }) => accounts.get(accountId));
    const made = account?.objectId === objectId ? account : null;
    if (made?.closedAt === null) return 'unproven';
    const { timedRoles: licensed } = connection.capabilities;
    const madeAs = made?.upn ?? null;
    return containOrphan(this.ports, app, { organizationId, stray, madeAs, licensed });
  }

  private async settle(
    stores: ConvergenceStores,
    claim: DriftClaim,
    { orphan, came }: { readonly orphan: StrayUser; readonly came: Containment },
  ): Promise<void> {
    const at = this.ports.clock.now();
    // The others come before it the next time.
    if (came === 'failed') return stores.drift.keepStrays([{ ...orphan, triedAt: at }]);
    const isContained = came === 'contained';
    const stray: StrayUser = isContained
      ? { ...orphan, containedAt: at }
      : { ...orphan, verdict: 'unproven', accountId: null };
    await stores.drift.keepStrays([stray]);
    const action = isContained ? 'account.orphan_contained' : 'account.orphan_found';
    await stores.audit.append([strayEvent(claim, stray, { action, at })]);
  }

  private inside<T>(claim: DriftClaim, work: (stores: ConvergenceStores) => Promise<T>): Promise<T> {
    return this.ports.unitOfWork.inOrganization(claim.organizationId, work);
  }
}

/**
 * Does all of them, whatever becomes of the others, and tells whether each was done to its end. Throws the first failure
 * after the last: the pass is not finished then, and stays due.
 */
const eachAlone = async (works: readonly (() => Promise<boolean>)[]): Promise<boolean> => {
  const failures: unknown[] = [];
  let isDone = true;
  for (const work of works) {
    try {
      isDone = (await work()) && isDone;
    } catch (error) {
      if (isAway(error)) throw error;
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
  return isDone;
};

/**
 * The first pass after a restored backup reads the tenant from the beginning, and has every account looked at. What waits to
 * be given falls due, and ends. Null: nothing was restored.
 */
const beginAgain = async (
  stores: ConvergenceStores,
  claim: DriftClaim,
  now: Instant,
): Promise<{ readonly since: Instant; readonly begun: boolean } | null> => {
  const { customerId } = claim;
  const since = await stores.holds.restoringSince();
  if (since === null) return null;
  if ((await stores.drift.rereadFor(customerId)) === since) return { since, begun: false };
  if (!(await stores.drift.beginAgain(claim, since))) return null;
  await stores.accounts.endAll({ kind: 'customer', customerId }, now);
  await stores.accounts.askLookAtAll(customerId, now);
  return { since, begun: true };
};

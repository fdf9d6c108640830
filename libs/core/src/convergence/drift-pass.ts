import { DirectoryError, type StrayUser, type TenantChanges, type UserChanges } from '#core/accounts';
import { CURFEW, type AuditAction, type AuditEvent } from '#core/audit';
import { HOUR, MINUTE, SECOND, type Claim, type DriftClaim, type Instant } from '#core/shared';
import {
  credentialRefused,
  openApp,
  type EntraApp,
  type EntraConnection,
  type Throttle,
} from '#core/tenancy';
import { isAway } from './away.js';
import { closeRestoration } from './close-restoration.js';
import { containOrphan } from './contain-orphan.js';
import type { Converge } from './converge.js';
import { judgeHints, mentioned } from './hints.js';
import type { ConvergencePorts, ConvergenceStores } from './ports.js';
import { retireUnused } from './retire-unused.js';

/** What comparing needs beside converging. */
export interface DriftPorts extends ConvergencePorts {
  readonly changes: TenantChanges;
}

/** A little less than the five minutes that are promised: what a pass itself takes is in them too. */
const PERIOD_MS = 4.5 * MINUTE;
/** Where a pass left something undone. */
const AGAIN_MS = 60 * SECOND;
/** After a restored backup: what is due now is done by then, and claims are free again. */
const RESTORING_AGAIN_MS = 10 * SECOND;
const CALL_MS = 10 * SECOND;
/** As long as any refused credential waits for its next try. */
const PROBE_SECONDS = 50;
/** Changes are read on in the next pass when there are more. */
const TELLINGS_A_PASS = 5;
const LOOKS_AT_ONCE = 40;
/** With `LOOKS_AT_ONCE` the most accounts that one pass looks at. */
const LOOK_ROUNDS_A_PASS = 10;
const ORPHANS_A_PASS = 20;
/** Without changes to read, every account is looked at after so long. */
const WITHOUT_CHANGES_MS = HOUR;

/** A connected customer at the beginning of its pass. */
interface Stage {
  readonly claim: DriftClaim;
  readonly connection: EntraConnection;
  readonly app: EntraApp;
}

/**
 * Compares one customer's tenant with our rows: reads what has changed among its users, looks at what was told otherwise
 * and at what has not been looked at for long, and contains users of ours that no row knows. What is found on an account is
 * put right by converge, under that account's own claim.
 */
export class DriftPass {
  constructor(
    private readonly ports: DriftPorts,
    private readonly converge: Converge,
  ) {}

  async execute(claim: DriftClaim): Promise<void> {
    const dueAt = await this.compare(claim);
    await this.inside(claim, ({ drift }) => drift.finish(claim, dueAt));
  }

  /** Returns when to compare again. */
  private async compare(claim: DriftClaim): Promise<Instant> {
    const stage = await this.stage(claim);
    const begunAt = this.ports.clock.now();
    if (stage === null) return begunAt + PERIOD_MS;
    const restoring = await this.inside(claim, (stores) => beginAgain(stores, claim, begunAt));
    if (restoring === null) await this.inside(claim, (stores) => retireUnused(stores, claim, begunAt));
    const isTold = await this.listen(stage);
    const isLookedAt = await this.lookAt(stage);
    const isContained = await this.containOrphans(stage);
    const isDone = isTold && isLookedAt && isContained;
    if (restoring?.begun === true) return this.ports.clock.now() + RESTORING_AGAIN_MS;
    if (isDone && restoring !== null) await this.compared(claim, restoring.since);
    return isDone ? begunAt + PERIOD_MS : this.ports.clock.now() + AGAIN_MS;
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

  /** Reads what has changed, up to now if it can be done in a few calls. False: there is more, or it could not be read. */
  private async listen(stage: Stage): Promise<boolean> {
    for (let tellings = 0; tellings < TELLINGS_A_PASS; tellings += 1) {
      const told = await this.readOn(stage);
      if (told === null) return false;
      await this.inside(stage.claim, (stores) => this.take(stores, stage, told));
      if (told.caughtUp) return true;
    }
    return false;
  }

  private async readOn({ claim, app }: Stage): Promise<UserChanges | null> {
    const known = await this.inside(claim, ({ drift }) => drift.ofCustomer(claim.customerId));
    const cursor = known?.tenantId === app.tenantId ? known.cursor : null;
    try {
      return await this.ports.changes.readChanges(app, cursor, CALL_MS);
    } catch (error) {
      if (!(error instanceof DirectoryError)) throw error;
      await this.inside(claim, (stores) => this.unread(stores, claim, error));
      return null;
    }
  }

  /** The cursor is written together with what it stands for: nothing that was told is lost by a crash. */
  private async take(
    stores: ConvergenceStores,
    { claim, app: { tenantId } }: Stage,
    told: UserChanges,
  ): Promise<void> {
    const { customerId } = claim;
    const now = this.ports.clock.now();
    const asked = mentioned(told.changes);
    const accounts = await stores.accounts.bearing(customerId, asked);
    const known = await stores.drift.strays(customerId, asked.objectIds);
    const by = { customerId, tenantId, accounts, known, now, box: this.ports.box };
    const { ask, strays, unknown } = judgeHints(told.changes, by);
    const place = { tenantId, cursor: told.cursor, toldAt: now };
    if (!(await stores.drift.advance(claim, place))) return;
    for (const id of unknown)
      await stores.accounts.suspect(id, (held) => ({ ...held, object: 'maybe' }), now);
    if (ask.length > 0) await stores.accounts.askLook(ask, now);
    // Of what was forgotten nobody knows what became of it.
    if (told.restarted) await stores.accounts.askLookAtAll(customerId, now);
    for (const stray of strays) await stores.drift.keepStray(stray);
    if (strays.length > 0)
      await stores.audit.append(
        strays.map((stray) => eventOf(claim, stray, { action: 'account.orphan_found', at: now })),
      );
  }

  /**
   * A refused credential is a fact about the customer, as for converge. A throttle is none: Graph refuses this reading
   * before anything else, and no end waits for it. Where changes can't be read, accounts are looked at instead.
   */
  private async unread(stores: ConvergenceStores, claim: DriftClaim, error: DirectoryError): Promise<void> {
    const { customerId } = claim;
    const now = this.ports.clock.now();
    if (error.reason === 'throttled') return;
    if (error.reason === 'credential_bad')
      return stores.customers.throttle(customerId, refusalOf(error, now));
    const known = await stores.drift.ofCustomer(customerId);
    const isStale = now - (known?.toldAt ?? 0) > WITHOUT_CHANGES_MS;
    if (!isStale && error.reason !== 'invalid') return;
    // From the beginning next time: the cursor may be what is refused.
    const place = { tenantId: known?.tenantId ?? null, cursor: null, toldAt: now };
    if (await stores.drift.advance(claim, place)) await stores.accounts.askLookAtAll(customerId, now);
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
      if (isAway(error) || claims.length === 1) throw error;
      const alone = await Promise.allSettled(
        claims.map((claim) => this.converge.execute([claim], { look: true })),
      );
      return alone.every(({ status }) => status === 'fulfilled');
    }
  }

  private async containOrphans({ claim, app }: Stage): Promise<boolean> {
    const { customerId } = claim;
    const open = await this.inside(claim, ({ drift }) => drift.openOrphans(customerId, ORPHANS_A_PASS));
    let isDone = open.length < ORPHANS_A_PASS;
    for (const orphan of open) {
      const came = await containOrphan(this.ports, app, orphan);
      if (came === 'failed') isDone = false;
      else await this.inside(claim, (stores) => this.settle(stores, claim, { orphan, came }));
    }
    return isDone;
  }

  private async settle(
    stores: ConvergenceStores,
    claim: DriftClaim,
    { orphan, came }: { readonly orphan: StrayUser; readonly came: 'contained' | 'unproven' },
  ): Promise<void> {
    const now = this.ports.clock.now();
    const stray: StrayUser =
      came === 'contained'
        ? { ...orphan, containedAt: now }
        : { ...orphan, verdict: 'unproven', accountId: null };
    await stores.drift.keepStray(stray);
    const action = came === 'contained' ? 'account.orphan_contained' : 'account.orphan_found';
    await stores.audit.append([eventOf(claim, stray, { action, at: now })]);
  }

  private inside<T>(claim: DriftClaim, work: (stores: ConvergenceStores) => Promise<T>): Promise<T> {
    return this.ports.unitOfWork.inOrganization(claim.organizationId, work);
  }
}

const refusalOf = ({ message, facts }: DirectoryError, now: Instant): Throttle => ({
  workload: 'sign-in',
  until: now + (facts.retryAfterSeconds ?? PROBE_SECONDS) * SECOND,
  reason: credentialRefused(message),
});

const eventOf = (
  { organizationId, customerId }: DriftClaim,
  { objectId, upn, verdict, accountId }: StrayUser,
  { action, at }: { readonly action: AuditAction; readonly at: Instant },
): AuditEvent => ({
  organizationId,
  at,
  actor: CURFEW,
  action,
  subject: { kind: 'entra_user', id: objectId },
  customerId,
  details: { upn, verdict, accountId },
});

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

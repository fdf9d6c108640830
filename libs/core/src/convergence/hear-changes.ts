import {
  DirectoryError,
  type CustomerDrift,
  type StrayUser,
  type TenantChanges,
  type UserChanges,
} from '#core/accounts';
import { CURFEW, type AuditAction, type AuditEvent } from '#core/audit';
import { HOUR, MINUTE, SECOND, type DriftClaim, type Instant } from '#core/shared';
import { credentialRefused, type EntraApp, type EntraConnection, type Throttle } from '#core/tenancy';
import { judgeHints, mentioned } from './hints.js';
import type { ConvergencePorts, ConvergenceStores } from './ports.js';

/** What comparing needs beside converging. */
export interface DriftPorts extends ConvergencePorts {
  readonly changes: TenantChanges;
}

/** A connected customer at the beginning of its pass. */
export interface Stage {
  readonly claim: DriftClaim;
  readonly connection: EntraConnection;
  readonly app: EntraApp;
}

const CALL_MS = 10 * SECOND;
/** As long as any refused credential waits for its next try. */
const PROBE_SECONDS = 50;
/** Changes are read on in the next pass when there are more: each is a thousand users or so. */
const TELLINGS_A_PASS = 50;
/** With less of the claim left no further reading is begun: looks and orphans are to have their time. */
const LEAVES_MS = MINUTE;
/** Without changes to read, every account is looked at after so long. */
const WITHOUT_CHANGES_MS = HOUR;
/** So many users with a marker like ours are kept of one customer; orphans, which nobody can forge, are all kept. */
const MOST_KEPT = 200;

/** Reads what a tenant tells of its users, and writes down what of it is to be looked at. */
export class HearChanges {
  constructor(private readonly ports: DriftPorts) {}

  /** Reads what has changed, up to now if it can be done in a few calls. False: there is more, or it could not be read. */
  async execute(stage: Stage): Promise<boolean> {
    for (let tellings = 0; tellings < TELLINGS_A_PASS; tellings += 1) {
      if (stage.claim.claimedUntil - this.ports.clock.now() < LEAVES_MS) return false;
      const told = await this.readOn(stage);
      if (told === null) return false;
      await this.inside(stage.claim, (stores) => this.take(stores, stage, told));
      if (told.caughtUp) return true;
    }
    return false;
  }

  private async readOn({ claim, app }: Stage): Promise<UserChanges | null> {
    const known = await this.inside(claim, ({ drift }) => drift.ofCustomer(claim.customerId));
    try {
      return await this.ports.changes.readChanges(app, cursorIn(known, app), CALL_MS);
    } catch (error) {
      if (!(error instanceof DirectoryError)) throw error;
      await this.inside(claim, (stores) => this.unread(stores, claim, error));
      return null;
    }
  }

  /** The cursor is written together with what it stands for: nothing that was told is lost by a crash. */
  private async take(stores: ConvergenceStores, { claim, app }: Stage, told: UserChanges): Promise<void> {
    const { customerId, organizationId } = claim;
    const { tenantId } = app;
    const now = this.ports.clock.now();
    const asked = mentioned(told.changes);
    const accounts = await stores.accounts.bearing(customerId, asked);
    const known = await stores.drift.strays(customerId, asked.objectIds);
    const by = { organizationId, customerId, tenantId, accounts, known, now, box: this.ports.box };
    const { ask, strays, unknown } = judgeHints(told.changes, by);
    const { kept, left } = await sifted(stores, claim, { strays, known });
    const before = await stores.drift.ofCustomer(customerId);
    const isAnew = told.restarted || cursorIn(before, app) === null;
    const place = { tenantId, cursor: told.cursor, toldAt: now, ...counted(before, { left, isAnew, now }) };
    if (!(await stores.drift.advance(claim, place))) return;
    for (const id of unknown)
      await stores.accounts.suspect(id, (held) => ({ ...held, object: 'maybe' }), now);
    if (ask.length > 0) await stores.accounts.askLook(ask, now);
    // Of what was forgotten nobody knows what became of it.
    if (told.restarted) await stores.accounts.askLookAtAll(customerId, now);
    await stores.drift.keepStrays(kept);
    const events = kept.map((stray) => strayEvent(claim, stray, { action: 'account.orphan_found', at: now }));
    const all = left === 0 ? events : [...events, unkeptEvent(claim, left, now)];
    if (all.length > 0) await stores.audit.append(all);
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
    if (known === null || (!isStale && error.reason !== 'invalid')) return;
    // From the beginning next time: the cursor may be what is refused.
    if (await stores.drift.advance(claim, { ...known, cursor: null, toldAt: now }))
      await stores.accounts.askLookAtAll(customerId, now);
  }

  private inside<T>(claim: DriftClaim, work: (stores: ConvergenceStores) => Promise<T>): Promise<T> {
    return this.ports.unitOfWork.inOrganization(claim.organizationId, work);
  }
}

const cursorIn = (known: CustomerDrift | null, { tenantId }: EntraApp): string | null =>
  known?.tenantId === tenantId ? known.cursor : null;

/** Which are kept, and how many are not: whoever may write in a tenant may write a marker on each of its users. */
const sifted = async (
  { drift }: ConvergenceStores,
  { customerId }: DriftClaim,
  found: { readonly strays: readonly StrayUser[]; readonly known: readonly StrayUser[] },
): Promise<{ readonly kept: readonly StrayUser[]; readonly left: number }> => {
  const before = new Set(found.known.map(({ objectId }) => objectId));
  const isSure = ({ objectId, verdict }: StrayUser): boolean => verdict === 'orphan' || before.has(objectId);
  const sure = found.strays.filter(isSure);
  const others = found.strays.filter((stray) => !isSure(stray));
  if (others.length === 0) return { kept: sure, left: 0 };
  const room = MOST_KEPT - (await drift.othersKept(customerId, MOST_KEPT));
  return { kept: [...sure, ...others.slice(0, room)], left: Math.max(0, others.length - room) };
};

const counted = (
  before: CustomerDrift | null,
  { left, isAnew, now }: { readonly left: number; readonly isAnew: boolean; readonly now: Instant },
): Pick<CustomerDrift, 'unkept' | 'unkeptAt'> => ({
  unkept: (isAnew ? 0 : (before?.unkept ?? 0)) + left,
  unkeptAt: left > 0 ? now : (before?.unkeptAt ?? null),
});

const refusalOf = ({ message, facts }: DirectoryError, now: Instant): Throttle => ({
  workload: 'sign-in',
  until: now + (facts.retryAfterSeconds ?? PROBE_SECONDS) * SECOND,
  reason: credentialRefused(message),
});

const unkeptEvent = ({ organizationId, customerId }: DriftClaim, users: number, at: Instant): AuditEvent => ({
  organizationId,
  at,
  actor: CURFEW,
  action: 'customer.markers_unkept',
  subject: { kind: 'customer', id: customerId },
  customerId,
  details: { users, kept: MOST_KEPT },
});

/** What is told of a user with a marker like ours. */
export const strayEvent = (
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

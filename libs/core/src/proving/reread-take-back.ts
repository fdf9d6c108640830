import {
  DirectoryError,
  directoryErrors,
  type Directory,
  type DirectoryErrorReason,
  type TenantInspection,
} from '#core/accounts';
import { CURFEW } from '#core/audit';
import {
  HOUR,
  idOf,
  MINUTE,
  SECOND,
  type Clock,
  type CustomerId,
  type CustomerRef,
  type ErrorDefinition,
  type Ids,
  type Instant,
  type SecretBox,
  type UnitOfWork,
} from '#core/shared';
import { openApp, type EntraConnection } from '#core/tenancy';
import type { RoleTier } from './role-tiers.js';
import { startCanaries, type CanaryStores } from './start-canaries.js';
import { isSameApp, type TakeBackCause, type TakeBackProof } from './take-back.js';

export interface RereadPorts {
  readonly unitOfWork: UnitOfWork<CanaryStores>;
  readonly directory: Pick<Directory, 'inspect'>;
  readonly clock: Clock;
  readonly box: SecretBox;
  readonly ids: Ids;
}

const QUESTION_MS = 20 * SECOND;
const DAY_MS = 20 * HOUR;
const SPREAD_MS = 4 * HOUR;
/** What is lost is asked for in each pass, so that a customer is open again minutes after somebody has mended it. */
const LOST_MS = 4 * MINUTE;
/** Entra was away: nothing is known. */
const AWAY_MS = 15 * MINUTE;

/**
 * Reads once a day whether what take-back needs is still there: the app's way in, its consents, and the directory role of its
 * service principal where it had one. A tier that was proven is `lost` without it. When it is there again, or was when a canary
 * failed, canaries show it anew. Nobody waits for it: it comes with the customer's pass (ADR 35).
 */
export class RereadTakeBack {
  constructor(private readonly ports: RereadPorts) {}

  /** `mayBegin`: nothing forbids to give there at this moment. Asks the tenant nothing where nothing is due. */
  async execute(
    customer: CustomerRef,
    connection: EntraConnection,
    mayBegin: () => Promise<boolean>,
  ): Promise<void> {
    if (!(await this.isDue(customer, connection))) return;
    const found = await this.look(connection);
    const begins = await mayBegin();
    await this.ports.unitOfWork.inOrganization(customer.organizationId, async (stores) => {
      const now = this.ports.clock.now();
      const proofs = await stores.takeBack.lock(customer.customerId);
      const due = proofs.filter((proof) => isDueAt(proof, connection, now));
      if (due.length === 0) return;
      if (found.inspection !== null)
        await stores.connections.learn(
          customer.customerId,
          found.inspection.capabilities,
          connection.version,
        );
      const again: RoleTier[] = [];
      for (const proof of due) if (await note(stores, { proof, found, now })) again.push(proof.tier);
      if (again.length === 0 || !begins) return;
      const current = await stores.connections.ofCustomer(customer.customerId);
      if (current?.state === 'active')
        await startCanaries(stores, { connection: current, tiers: again, actor: CURFEW, now }, this.ports);
    });
  }

  private isDue({ organizationId, customerId }: CustomerRef, connection: EntraConnection): Promise<boolean> {
    return this.ports.unitOfWork.inOrganization(organizationId, async ({ takeBack }) => {
      const proofs = await takeBack.ofCustomer(customerId);
      return proofs.some((proof) => isDueAt(proof, connection, this.ports.clock.now()));
    });
  }

  /** With a token of its own: one from before would vouch for what was withdrawn since. */
  private async look(connection: EntraConnection): Promise<Found> {
    const { box, directory, ids } = this.ports;
    try {
      const app = { ...openApp(connection, box), connectionId: idOf<'connection'>(ids.uuid()) };
      const inspection = await directory.inspect(app, QUESTION_MS);
      return { away: false, inspection, missing: missingIn(connection, inspection) };
    } catch (error) {
      if (!(error instanceof DirectoryError)) throw error;
      const isRefused = error.reason === 'credential_bad' || error.reason === 'consent_missing';
      return isRefused
        ? { away: false, inspection: null, missing: causeOf(error.reason, error.message) }
        : { away: true, inspection: null, missing: null };
    }
  }
}

interface Found {
  /** Entra did not answer: nothing is known. */
  readonly away: boolean;
  readonly inspection: TenantInspection | null;
  /** What is not there; null: all is. */
  readonly missing: TakeBackCause | null;
}

const isDueAt = (proof: TakeBackProof, app: EntraConnection, now: Instant): boolean =>
  proof.run === null &&
  proof.verdict !== null &&
  isSameApp(proof.app, app) &&
  (proof.rereadAt === null || proof.rereadAt <= now);

/** Whoever was allowed to disable admins, and is no longer, can't take back as was proven. */
const missingIn = (
  { capabilities: known }: EntraConnection,
  { capabilities, missingPermissions }: TenantInspection,
): TakeBackCause | null => {
  if (missingPermissions.length > 0)
    return causeOf('consent_missing', `Missing: ${missingPermissions.join(', ')}.`);
  if (known.mayTouchRoleHolders && !capabilities.mayTouchRoleHolders) return NO_ROLE;
  return null;
};

/** Of what a tier was lost for, the directory role must be there again, whatever was learned of the tenant since. */
const stillMissing = (proof: TakeBackProof, { inspection, missing }: Found): TakeBackCause | null => {
  const wantsRole = proof.verdict === 'lost' && proof.cause?.code === NO_ROLE.code;
  if (missing !== null || !wantsRole) return missing;
  return inspection?.capabilities.mayTouchRoleHolders === true ? null : NO_ROLE;
};

/** True: canaries are to show it anew. */
const note = async (
  { audit, takeBack }: CanaryStores,
  { proof, found, now }: { readonly proof: TakeBackProof; readonly found: Found; readonly now: Instant },
): Promise<boolean> => {
  const { organizationId, customerId, tier, verdict } = proof;
  const tell = (action: 'take_back.lost' | 'take_back.found_again', cause: TakeBackCause | null) =>
    audit.append([
      {
        ...{ organizationId, customerId, at: now, actor: CURFEW, action },
        subject: { kind: 'customer', id: customerId },
        details: { tier, ...(cause === null ? {} : { code: cause.code, says: cause.says }) },
      },
    ]);
  if (found.away) {
    await takeBack.save({ ...proof, rereadAt: now + AWAY_MS });
    return false;
  }
  const missing = stillMissing(proof, found);
  if (missing === null) {
    if (verdict === 'lost') await tell('take_back.found_again', null);
    // Where canaries can't be begun now, the next pass tries again.
    await takeBack.save({
      ...proof,
      rereadAt: verdict === 'lost' ? now + LOST_MS : nextReread(customerId, now),
    });
    return verdict !== 'proven';
  }
  if (verdict === 'failed') {
    await takeBack.save({ ...proof, rereadAt: nextReread(customerId, now) });
    return false;
  }
  if (verdict === 'proven') await tell('take_back.lost', missing);
  const since = verdict === 'proven' ? now : proof.at;
  await takeBack.save({ ...proof, verdict: 'lost', at: since, cause: missing, rereadAt: now + LOST_MS });
  return false;
};

/** Once a day; by its id, so that customers that were connected together are not asked together. */
export const nextReread = (customerId: CustomerId, now: Instant): Instant => {
  const share = [...customerId].reduce((sum, sign) => (sum * 31 + sign.charCodeAt(0)) % 9_973, 7) / 9_973;
  return now + DAY_MS + Math.round(share * SPREAD_MS);
};

const KNOWN: Readonly<Record<string, ErrorDefinition>> = directoryErrors.definitions;
const causeOf = (reason: DirectoryErrorReason, says: string): TakeBackCause => {
  const code = `directory.${reason}`;
  return { code, says, mend: KNOWN[code]?.remedy ?? 'Run Validate, and mend what it says.' };
};
const NO_ROLE = causeOf(
  'directory_role_missing',
  "Curfew's service principal holds no directory role any more by which it may disable admins.",
);

import type { AuditActor } from '#core/audit';
import { SECOND, type GrantId, type Instant, type OrganizationId, type PolicyId } from '#core/shared';
import { requireTakeBack, type ProvingStores } from '#core/proving';
import type { TenancyStores } from '#core/tenancy';
import { openness, type AllowedHours } from './allowed-hours.js';
import {
  changeGrantWithin,
  retried,
  ringFor,
  type ChangeGrantPorts,
  type ChangeGrantStores,
  type GrantChange,
} from './change-grant.js';
import { grantErrors } from './grant.errors.js';
import { requireNoHold } from './require-no-hold.js';
import { isLive, isRunning, type Grant } from './grant.js';

export interface ExtendGrantCommand {
  readonly organizationId: OrganizationId;
  readonly grantId: GrantId;
  readonly expiresAt: Instant;
  readonly actor: AuditActor;
}

/** What an access policy says of extending: all that is asked of it here. */
interface ExtensionTerms {
  readonly state: 'active' | 'archived';
  readonly maximumDurationSeconds: number;
  readonly allowedHours: AllowedHours | null;
}

type ExtendStores = ChangeGrantStores &
  ProvingStores &
  Pick<TenancyStores, 'connections'> & {
    readonly policies: { get(id: PolicyId): Promise<ExtensionTerms | null> };
  };

/**
 * Moves a running grant's end later. One that runs out at the same moment is judged under its account's lock: either the
 * extension was first and the grant runs on, or the end was, and the extension is refused. It goes no further than was
 * approved, nor than the access policy allows by now.
 */
export class ExtendGrant {
  constructor(private readonly ports: ChangeGrantPorts<ExtendStores>) {}

  /** Throws `access.held`, `deployment.restoring`, `grant.not_found`, `grant.already_ended`, `grant.not_started`, `grant.extension_…`, `customer.take_back_unproven`. */
  async execute(command: ExtendGrantCommand): Promise<Grant> {
    const { unitOfWork, queue } = this.ports;
    const extended = await retried(() =>
      unitOfWork.inOrganization(command.organizationId, (stores) => this.extend(stores, command)),
    );
    await ringFor(queue, extended);
    return extended;
  }

  private async extend(stores: ExtendStores, command: ExtendGrantCommand): Promise<Grant> {
    const { clock } = this.ports;
    const grant = await stores.grants.get(command.grantId);
    if (grant !== null) {
      await requireNoHold(stores.holds, grant);
      await requireStillTakenBack(stores, grant);
    }
    const terms = grant === null ? null : await this.termsUnderLock(stores, grant);
    return changeGrantWithin({ stores, clock }, command.grantId, extend(command, terms));
  }

  /** Whoever narrows a policy, or has another one judge the grant, holds the account's lock too, and is seen or comes after. */
  private async termsUnderLock(
    { accounts, grants, policies }: ExtendStores,
    { id, accountId }: Grant,
  ): Promise<ExtensionTerms | null> {
    await accounts.intend([accountId], { dueAt: this.ports.clock.now() });
    const grant = await grants.get(id);
    return grant === null ? null : policies.get(grant.policyId);
  }
}

/** What is lost is given no longer; what runs ends when it was to. */
const requireStillTakenBack = async (stores: ExtendStores, grant: Grant): Promise<void> => {
  const app = await stores.connections.ofCustomer(grant.customerId);
  if (app === null) return;
  await requireTakeBack(stores, { customerId: grant.customerId, app, roles: grant.approved.roles });
};

const extend =
  ({ actor, expiresAt }: ExtendGrantCommand, terms: ExtensionTerms | null): GrantChange =>
  (grant, now) => {
    if (!isLive(grant, now)) throw grantErrors.refuse('grant.already_ended');
    if (!isRunning(grant, now))
      throw grantErrors.refuse('grant.not_started', { startsAt: iso(grant.startsAt) });
    if (expiresAt <= grant.expiresAt)
      throw grantErrors.refuse('grant.extension_not_later', { expiresAt: iso(grant.expiresAt) });
    const latestExpiresAt = furthest(grant, terms, now);
    if (expiresAt > latestExpiresAt)
      throw grantErrors.refuse('grant.extension_too_long', { latestExpiresAt: iso(latestExpiresAt) });
    return {
      grant: { ...grant, expiresAt },
      audit: [
        {
          organizationId: grant.organizationId,
          at: now,
          actor,
          action: 'grant.extended',
          subject: { kind: 'grant', id: grant.id },
          customerId: grant.customerId,
          details: { from: iso(grant.expiresAt), to: iso(expiresAt) },
        },
      ],
    };
  };

/** A policy that is archived, or that allows less by now than the grant has, lets it run to its end and no further. */
const furthest = (grant: Grant, terms: ExtensionTerms | null, now: Instant): Instant => {
  const open = openness(terms?.allowedHours ?? null, now);
  if (terms?.state !== 'active' || !open.isOpen) return grant.expiresAt;
  const allowed = grant.startsAt + terms.maximumDurationSeconds * SECOND;
  return Math.max(grant.expiresAt, Math.min(grant.latestExpiresAt, allowed, open.until));
};

const iso = (at: Instant): string => new Date(at).toISOString();

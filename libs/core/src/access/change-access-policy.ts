import type { AccountStores } from '#core/accounts';
import type { AuditActor, AuditStores } from '#core/audit';
import type { GrantStores } from '#core/grants';
import type { IdentityStores } from '#core/identity';
import type { Clock, CustomerId, JobQueue, OrganizationId, PolicyId, UnitOfWork } from '#core/shared';
import type { TenancyStores } from '#core/tenancy';
import { factsOf, type AccessPolicy, type PolicyTerms } from './access-policy.js';
import { accessErrors } from './access.errors.js';
import { narrowGrants } from './narrow-grants.js';
import { requireCustomer } from './require-customer.js';
import { requireGroups } from './require-groups.js';
import { requireUnderCeiling } from './require-under-ceiling.js';
import type { AccessStores } from './stores.js';
import { usableTerms } from './usable-terms.js';

export interface ChangeAccessPolicyCommand {
  readonly organizationId: OrganizationId;
  readonly policyId: PolicyId;
  /** The version that was read: a change of something else is refused. */
  readonly version: number;
  readonly terms: PolicyTerms;
  /** `archived` ends every grant that stands on it. */
  readonly state: AccessPolicy['state'];
  readonly actor: AuditActor;
}

type ChangePolicyStores = AccessStores &
  AccountStores &
  AuditStores &
  GrantStores &
  IdentityStores &
  TenancyStores;

/**
 * Changes a policy as a whole, or archives it. What it no longer gives is taken from running grants at once, whoever it is
 * no longer for loses them, and they last no longer than it allows by now; what it gives in addition is for new requests
 * only, since a grant never gives more than was approved. Where it begins to stand in the place of an organization-wide policy, or
 * one of a customer's in its place, what runs there changes hands (ADR 39). It waits for whoever is being given something, or
 * writes a policy, at the same moment.
 */
export class ChangeAccessPolicy {
  constructor(
    private readonly ports: {
      readonly unitOfWork: UnitOfWork<ChangePolicyStores>;
      readonly queue: JobQueue;
      readonly clock: Clock;
    },
  ) {}

  /** Throws `access_policy.…`, `customer.removed`, `technician_group.…`. */
  async execute(command: ChangeAccessPolicyCommand): Promise<AccessPolicy> {
    const { organizationId } = command;
    const { unitOfWork, queue } = this.ports;
    const { saved, customers } = await unitOfWork.inOrganization(organizationId, (stores) =>
      this.change(stores, command),
    );
    for (const customerId of customers) {
      await queue.ring({ name: 'customer.converge', organizationId, customerId });
    }
    return saved;
  }

  private async change(
    stores: ChangePolicyStores,
    command: ChangeAccessPolicyCommand,
  ): Promise<{ readonly saved: AccessPolicy; readonly customers: ReadonlySet<CustomerId> }> {
    await stores.holds.excludeGiving();
    const known = await stores.policies.get(command.policyId);
    if (known === null) throw accessErrors.refuse('access_policy.not_found');
    const next = {
      ...known,
      ...usableTerms(command.terms, known.customerId),
      state: command.state,
      version: command.version,
    };
    if (known.version !== command.version || !(await stores.policies.save(next)))
      throw accessErrors.refuse('access_policy.changed_meanwhile', { version: known.version });
    const saved = { ...next, version: next.version + 1 };
    if (saved.state === 'active') {
      await requireCustomer(stores, saved.customerId);
      await requireGroups(stores, saved.technicianGroups);
      await requireUnderCeiling(stores, saved);
    }
    const now = this.ports.clock.now();
    const customers = await narrowGrants(stores, saved, { actor: command.actor, now });
    await stores.audit.append([
      {
        organizationId: saved.organizationId,
        at: now,
        actor: command.actor,
        action: 'access_policy.changed',
        subject: { kind: 'access_policy', id: saved.id },
        customerId: saved.customerId,
        details: factsOf(saved),
      },
    ]);
    return { saved, customers };
  }
}

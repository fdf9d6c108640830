import type { AccountStores } from '#core/accounts';
import type { AuditActor, AuditStores } from '#core/audit';
import { openness, type GrantLimit, type GrantStores } from '#core/grants';
import type { IdentityStores } from '#core/identity';
import {
  SECOND,
  type Clock,
  type CustomerId,
  type Instant,
  type JobQueue,
  type OrganizationId,
  type PolicyId,
  type UnitOfWork,
} from '#core/shared';
import type { TenancyStores } from '#core/tenancy';
import { factsOf, type AccessPolicy, type PolicyTerms } from './access-policy.js';
import { accessErrors } from './access.errors.js';
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
 * only, since a grant never gives more than was approved. It waits for whoever asks under the policy at the same moment.
 */
export class ChangeAccessPolicy {
  constructor(
    private readonly ports: {
      readonly unitOfWork: UnitOfWork<ChangePolicyStores>;
      readonly queue: JobQueue;
      readonly clock: Clock;
    },
  ) {}

  /** Throws `access_policy.…`, `technician_group.…`. */
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
      await requireGroups(stores, saved.technicianGroups);
      await requireUnderCeiling(stores, saved);
    }
    const customers = await this.take(stores, saved, command.actor);
    await stores.audit.append([
      {
        organizationId: saved.organizationId,
        at: this.ports.clock.now(),
        actor: command.actor,
        action: 'access_policy.changed',
        subject: { kind: 'access_policy', id: saved.id },
        customerId: saved.customerId,
        details: factsOf(saved),
      },
    ]);
    return { saved, customers };
  }

  /**
   * Has every account under the policy looked at now, and owes what it gives no longer from now on, so that whoever watches
   * over ends sees it too. Answers with the customers that they belong to.
   */
  private async take(
    { accounts, audit, grants }: ChangePolicyStores,
    policy: AccessPolicy,
    actor: AuditActor,
  ): Promise<ReadonlySet<CustomerId>> {
    const { id, organizationId, state } = policy;
    const now = this.ports.clock.now();
    const scope = { kind: 'policy', policyId: id } as const;
    const concerned = await accounts.endAll(scope, now);
    if (state === 'archived') await grants.forbid(scope, 'policy_removed');
    else await grants.forbidUnentitled(scope);
    const shortened = await grants.shorten(id, limitOf(policy, now));
    await audit.append(
      shortened.map((grant) => ({
        organizationId,
        at: now,
        actor,
        action: 'grant.shortened',
        subject: { kind: 'grant', id: grant.id },
        customerId: grant.customerId,
        details: { from: iso(grant.from), to: iso(grant.to), policyId: id },
      })),
    );
    return new Set(concerned.map(({ customerId }) => customerId));
  }
}

/** No longer than the policy's maximum, and not beyond its hours: for what runs already these are the present ones. */
const limitOf = ({ allowedHours, maximumDurationSeconds }: AccessPolicy, now: Instant): GrantLimit => {
  const closings = new Map<Instant, Instant>();
  const closing = (at: Instant): Instant => {
    const known = closings.get(at);
    if (known !== undefined) return known;
    const open = openness(allowedHours, at);
    const until = open.isOpen ? open.until : at;
    closings.set(at, until);
    return until;
  };
  const until = ({ startsAt }: { readonly startsAt: Instant }): Instant =>
    Math.min(startsAt + maximumDurationSeconds * SECOND, closing(Math.max(startsAt, now)));
  return { now, until };
};

const iso = (at: Instant): string => new Date(at).toISOString();

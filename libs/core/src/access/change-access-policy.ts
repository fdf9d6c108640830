import type { AccountStores } from '#core/accounts';
import type { AuditActor, AuditStores } from '#core/audit';
import type { GrantStores } from '#core/grants';
import type { Clock, CustomerId, JobQueue, OrganizationId, PolicyId, UnitOfWork } from '#core/shared';
import { factsOf, usableTerms, type AccessPolicy, type PolicyTerms } from './access-policy.js';
import { accessErrors } from './access.errors.js';
import type { AccessStores } from './stores.js';

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

type ChangePolicyStores = AccessStores & AccountStores & AuditStores & GrantStores;

/**
 * Changes a policy as a whole, or archives it. What it no longer gives is taken from running grants at once; what it
 * gives in addition is for new requests only, since a grant never gives more than was approved.
 */
export class ChangeAccessPolicy {
  constructor(
    private readonly ports: {
      readonly unitOfWork: UnitOfWork<ChangePolicyStores>;
      readonly queue: JobQueue;
      readonly clock: Clock;
    },
  ) {}

  /** Throws `access_policy.…`. */
  async execute(command: ChangeAccessPolicyCommand): Promise<AccessPolicy> {
    const { organizationId, policyId } = command;
    const { unitOfWork, queue } = this.ports;
    const changed = await unitOfWork.inOrganization(organizationId, (stores) => this.change(stores, command));
    // Once more after the commit: a grant that was being made at the same moment was planned under the old policy.
    const customers = await unitOfWork.inOrganization(organizationId, (stores) =>
      this.touch(stores, policyId),
    );
    for (const customerId of customers) {
      await queue.ring({ name: 'customer.converge', organizationId, customerId });
    }
    return changed;
  }

  private async change(
    stores: ChangePolicyStores,
    command: ChangeAccessPolicyCommand,
  ): Promise<AccessPolicy> {
    const known = await stores.policies.get(command.policyId);
    if (known === null) throw accessErrors.refuse('access_policy.not_found');
    const next = { ...known, ...usableTerms(command.terms), state: command.state, version: command.version };
    if (known.version !== command.version || !(await stores.policies.save(next)))
      throw accessErrors.refuse('access_policy.changed_meanwhile', { version: known.version });
    const saved = { ...next, version: next.version + 1 };
    await this.touch(stores, command.policyId);
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
    return saved;
  }

  /**
   * Has every account under the policy looked at now; answers with the customers that they belong to. What the policy gives
   * no longer is owed from now on, so that whoever watches over ends sees it too.
   */
  private async touch(stores: ChangePolicyStores, policyId: PolicyId): Promise<ReadonlySet<CustomerId>> {
    const ids = [...(await stores.grants.accountsUnder(policyId))].sort();
    const now = this.ports.clock.now();
    await stores.accounts.intend(ids, { dueAt: now, takeAt: now });
    const accounts = [];
    for (const id of ids) accounts.push(await stores.accounts.get(id));
    return new Set(accounts.flatMap((account) => account?.customerId ?? []));
  }
}

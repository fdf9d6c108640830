import type { GrantStores, LiveFilter, LiveGrant } from '#core/grants';
import type { GroupWithMembers, IdentityStores } from '#core/identity';
import {
  idOf,
  type Clock,
  type CustomerId,
  type Instant,
  type OrganizationId,
  type PolicyId,
  type UnitOfWork,
} from '#core/shared';
import type { CustomerFacts, TenancyStores } from '#core/tenancy';
import type { AccessPolicy, PolicyTerms } from './access-policy.js';
import { accessErrors } from './access.errors.js';
import { effectsOf, type CustomerEffects } from './policy-effects.js';
import { reachOf, type PolicyReach } from './policy-reach.js';
import { warningsOn, type PolicyWarning } from './policy-warnings.js';
import { requireCustomer } from './require-customer.js';
import { requireGroups } from './require-groups.js';
import { requireUnderCeiling } from './require-under-ceiling.js';
import type { AccessStores } from './stores.js';
import { usableTerms } from './usable-terms.js';

/** What would be saved: a new policy, or one that there is, with other terms or as it is. */
export interface PreviewAccessPolicyCommand {
  readonly organizationId: OrganizationId;
  /** Null: one that is not there yet. */
  readonly policyId: PolicyId | null;
  /** Of one that is not there yet; null: for all customers. */
  readonly customerId: CustomerId | null;
  /** Null: as it is, which does nothing to grants. */
  readonly terms: PolicyTerms | null;
  /** With other terms alone; null: as it is. */
  readonly state: AccessPolicy['state'] | null;
}

/** What a policy reaches, and what saving it would do; nothing is written. */
export interface PolicyPreview {
  readonly reach: PolicyReach;
  readonly effects: readonly CustomerEffects[];
  readonly warnings: readonly PolicyWarning[];
  /** More of something than is looked at: what is told is not all. */
  readonly complete: boolean;
}

type PreviewStores = AccessStores & GrantStores & IdentityStores & TenancyStores;

/** Beyond these an answer says that it is not whole: it is about what people look at, not about what is done. */
const MOST = { technicians: 2_000, customers: 2_000, policies: 5_000, grants: 10_000 } as const;
/** Of a policy that is not there yet: younger than all. */
const NEW_ID = idOf<'policy'>('ffffffff-ffff-ffff-ffff-ffffffffffff');

/** Tells who may get what by a policy, where and for how long, before it is saved: each table is read once, whatever there is. */
export class PreviewAccessPolicy {
  constructor(
    private readonly ports: { readonly unitOfWork: UnitOfWork<PreviewStores>; readonly clock: Clock },
  ) {}

  /** Throws what saving it would throw: `access_policy.…`, `customer.…`, `technician_group.…`. */
  execute(command: PreviewAccessPolicyCommand): Promise<PolicyPreview> {
    return this.ports.unitOfWork.inOrganization(command.organizationId, async (stores) => {
      const now = this.ports.clock.now();
      const known = command.policyId === null ? null : await existing(stores, command.policyId);
      const next = nextOf(command, known, now);
      if (command.terms !== null && next.state === 'active') {
        await requireCustomer(stores, next.customerId);
        await requireGroups(stores, next.technicianGroups);
        await requireUnderCeiling(stores, next);
      }
      // As it is, saving it would do nothing.
      const grants = command.terms === null ? [] : await grantsOf(stores, next, now);
      return preview(stores, { known, next, grants, now });
    });
  }
}

const existing = async ({ policies }: AccessStores, id: PolicyId): Promise<AccessPolicy> => {
  const policy = await policies.get(id);
  if (policy === null) throw accessErrors.refuse('access_policy.not_found');
  return policy;
};

const nextOf = (
  { organizationId, customerId, terms, state }: PreviewAccessPolicyCommand,
  known: AccessPolicy | null,
  now: Instant,
): AccessPolicy => {
  if (known !== null) {
    const said = terms === null ? {} : usableTerms(terms, known.customerId);
    return { ...known, ...said, state: state ?? known.state };
  }
  if (terms === null) throw accessErrors.refuse('access_policy.not_found');
  const made = {
    organizationId,
    id: NEW_ID,
    customerId,
    state: 'active',
    version: 0,
    createdAt: now,
  } as const;
  return { ...usableTerms(terms, customerId), ...made };
};

interface Asked {
  readonly known: AccessPolicy | null;
  readonly next: AccessPolicy;
  readonly grants: readonly LiveGrant[];
  readonly now: Instant;
}

const preview = async (
  stores: PreviewStores,
  { known, next, grants, now }: Asked,
): Promise<PolicyPreview> => {
  const technicians = await stores.technicians.list({ after: null, limit: MOST.technicians });
  const customers = await customersOf(stores, next, now);
  const saved = await stores.policies.inUse(next.customerId, MOST.policies);
  const { roles: ceiling } = await stores.organizations.roleCeiling();
  const others = saved.filter(({ id }) => id !== next.id);
  const inUse = next.state === 'active' ? [...others, next] : others;
  const named = [next, ...others].flatMap(({ technicianGroups }) => technicianGroups);
  const groups = await stores.groups.withMembers([...new Set(named)]);
  const own = groups.filter(({ group }) => next.technicianGroups.includes(group.id));
  const reach = reachOf({ policy: next, technicians, groups: own, customers, inUse, ceiling, now });
  const before = new Map(
    [...others, ...(known === null ? [] : [known])].map((policy) => [policy.id, policy]),
  );
  return {
    reach,
    effects: effectsOf({ next, inUse, before, grants, members: entitling(groups), ceiling, now }),
    warnings: warningsOn(reach, inUse),
    complete:
      technicians.length < MOST.technicians &&
      customers.length < MOST.customers &&
      saved.length < MOST.policies &&
      grants.length < MOST.grants,
  };
};

const customersOf = async (
  { customerFacts }: TenancyStores,
  { customerId }: AccessPolicy,
  now: Instant,
): Promise<readonly CustomerFacts[]> => {
  if (customerId === null) return customerFacts.list({ after: null, limit: MOST.customers }, now);
  const one = await customerFacts.of(customerId, now);
  return one === null ? [] : [one];
};

/** Under one for all: its own, wherever they are. Under a customer's: all that run there, since it may take some over. */
const grantsOf = (
  { grants }: GrantStores,
  { customerId, id }: AccessPolicy,
  now: Instant,
): Promise<readonly LiveGrant[]> => {
  const of: LiveFilter['of'] = customerId === null ? { policyId: id } : { customerId };
  return grants.live({ of, now, limit: MOST.grants });
};

const entitling = (groups: readonly GroupWithMembers[]) =>
  new Map(
    groups.flatMap(({ group, members }) => (group.state === 'active' ? [[group.id, members] as const] : [])),
  );

import { accessErrors } from '#core/access';
import type { AccountScope } from '#core/accounts';
import {
  barOf,
  common,
  isFinal,
  isLive,
  kills,
  MOST_GRANTS_READ,
  shortenedTo,
  underCeiling,
  type Bar,
  type Grant,
  type GrantFilter,
  type GrantInForce,
  type GrantLimit,
  type GrantStore,
  type LiveFilter,
  type LiveGrant,
  type MovedGrant,
  type ShortenedGrant,
} from '#core/grants';
import { identityErrors } from '#core/identity';
import type { AccountId, GrantId, PolicyId } from '#core/shared';
import { compare, pageOf } from './in-memory-page.js';
import type { InMemoryTransaction } from './in-memory-transaction.js';

export class InMemoryGrantStore implements GrantStore {
  constructor(private readonly tx: InMemoryTransaction) {}

  insert(grant: Grant): Promise<void> {
    return this.tx.run(() => {
      requireSound(grant);
      const { customers, technicians, accounts, policies, requests, grants } = this.tx.database;
      this.tx.insert(grants, grant);
      this.tx.mustExist(customers, grant.customerId, accessErrors.refuse('customer.not_found'));
      this.tx.mustExist(technicians, grant.technicianId, identityErrors.refuse('technician.not_found'));
      this.tx.mustExist(policies, grant.policyId, accessErrors.refuse('access_policy.not_found'));
      this.tx.mustExist(accounts, grant.accountId, new Error('There is no such account.'));
      const missing = accessErrors.refuse('access_request.not_found');
      this.tx.atCommit(() => {
        this.tx.mustExist(requests, grant.requestId, missing);
      });
    });
  }

  get(id: GrantId): Promise<Grant | null> {
    return this.tx.run(() => this.tx.database.grants.get(this.tx.organizationId, id) ?? null);
  }

  list(filter: GrantFilter): Promise<readonly Grant[]> {
    const wanted = (row: Grant): boolean =>
      (filter.technicianId === undefined || row.technicianId === filter.technicianId) &&
      (filter.customerId === undefined || row.customerId === filter.customerId) &&
      (filter.state === undefined || row.state === filter.state);
    return this.tx.run(() => pageOf(this.#rows().filter(wanted), filter, 'newest'));
  }

  live({ of, now, limit }: LiveFilter): Promise<readonly LiveGrant[]> {
    const wanted = (grant: Grant): boolean =>
      'policyId' in of ? grant.policyId === of.policyId : grant.customerId === of.customerId;
    return this.tx.run(() => {
      const { forbidden } = this.tx.database;
      const found = this.#rows().filter(
        (grant) =>
          wanted(grant) && isLive(grant, now) && forbidden.get(grant.organizationId, grant.id) === undefined,
      );
      return pageOf(found, { after: null, limit }, 'oldest').map(
        ({ id, customerId, technicianId, policyId, approved, startsAt, expiresAt }) => ({
          ...{ id, customerId, technicianId, policyId },
          ...{ approved, startsAt, expiresAt },
        }),
      );
    });
  }

  openOf(accountIds: readonly AccountId[]): Promise<readonly GrantInForce[]> {
    return this.tx.run(() => {
      const open = this.#rows().filter((grant) => !isFinal(grant));
      return [...new Set(accountIds)]
        .flatMap((id) => firstToRead(open.filter(({ accountId }) => accountId === id)))
        .sort((one, other) => compare(one.id, other.id))
        .map((grant) => ({ grant, policyGives: this.#policyGives(grant.policyId), bar: this.#barOf(grant) }));
    });
  }

  forbid(
    scope: Extract<AccountScope, { kind: 'technician' | 'customer' | 'policy' }>,
    why: Bar,
  ): Promise<void> {
    return this.tx.run(() => {
      for (const grant of this.#open().filter((each) => isWithin(scope, each))) this.#forbid(grant, why);
    });
  }

  forbidUnentitled(scope: Extract<AccountScope, { kind: 'group' | 'policy' }>): Promise<void> {
    return this.tx.run(() => {
      const { policies } = this.tx.database;
      for (const grant of this.#open()) {
        const groups = policies.get(grant.organizationId, grant.policyId)?.technicianGroups ?? [];
        const concerned =
          scope.kind === 'policy'
            ? grant.policyId === scope.policyId
            : groups.includes(scope.groupId) && (scope.technicianIds?.includes(grant.technicianId) ?? true);
        if (concerned && !this.#isEntitled(grant)) this.#forbid(grant, 'not_entitled');
      }
    });
  }

  move(
    { policyId, customerId, gives }: Parameters<GrantStore['move']>[0],
    to: PolicyId,
  ): Promise<readonly MovedGrant[]> {
    return this.tx.run(() => {
      const { grants, policies } = this.tx.database;
      this.tx.mustExist(policies, to, accessErrors.refuse('access_policy.not_found'));
      const found = this.#open().filter(
        (grant) => grant.policyId === policyId && grant.customerId === customerId,
      );
      const moved = found.map((grant) => ({
        ...grant,
        policyId: to,
        approved: common(grant.approved, gives),
      }));
      for (const grant of moved)
        grants.put(grant.organizationId, grant.id, { ...grant, version: grant.version + 1 });
      return moved.map(({ id, organizationId, approved }) => ({ id, organizationId, customerId, approved }));
    });
  }

  shorten(policyId: PolicyId, limit: GrantLimit): Promise<readonly ShortenedGrant[]> {
    return this.tx.run(() => {
      const live = this.#open().filter((grant) => grant.policyId === policyId && isLive(grant, limit.now));
      const { never, shortened } = shortenedTo(live, limit);
      for (const grant of live.filter(({ id }) => never.includes(id))) this.#forbid(grant, 'outside_hours');
      for (const { id, to } of shortened) {
        const grant = live.find((each) => each.id === id);
        if (grant === undefined) continue;
        const shorter = { ...grant, expiresAt: to, latestExpiresAt: to, version: grant.version + 1 };
        this.tx.database.grants.put(grant.organizationId, id, shorter);
      }
      return shortened;
    });
  }

  save(grant: Grant): Promise<boolean> {
    return this.saveAll([grant]);
  }

  saveAll(grants: readonly Grant[]): Promise<boolean> {
    return this.tx.run(() => grants.map((grant) => this.#save(grant)).every((isSaved) => isSaved));
  }

  #save(grant: Grant): boolean {
    requireSound(grant);
    const known = this.tx.database.grants.get(this.tx.organizationId, grant.id);
    if (known?.version !== grant.version) return false;
    const { id, organizationId, customerId, technicianId, accountId, requestId, policyId, createdAt } = known;
    const fixed = { id, organizationId, customerId, technicianId, accountId, requestId, policyId, createdAt };
    const version = known.version + 1;
    this.tx.database.grants.put(organizationId, id, { ...grant, ...fixed, version });
    return true;
  }

  #rows(): readonly Grant[] {
    return this.tx.database.grants.of(this.tx.organizationId);
  }

  #open(): readonly Grant[] {
    return this.#rows().filter((grant) => !isFinal(grant) && grant.state !== 'ending');
  }

  #forbid({ id, organizationId }: Grant, why: Bar): void {
    const { forbidden } = this.tx.database;
    if (forbidden.get(organizationId, id) === undefined) forbidden.put(organizationId, id, { why });
  }

  #barOf(grant: Grant): Bar | null {
    const { organizationId, database } = this.tx;
    const forbidden = database.forbidden.get(organizationId, grant.id)?.why ?? null;
    const bar = barOf({
      isEntitled: this.#isEntitled(grant),
      isKilled: database.holds.of(organizationId).some((hold) => kills(hold, grant)),
      technician: database.technicians.get(organizationId, grant.technicianId)?.state ?? 'left',
      customer: database.customers.get(organizationId, grant.customerId)?.state ?? 'removed',
      connection: database.connections.get(organizationId, grant.customerId)?.state ?? null,
    });
    return bar ?? forbidden;
  }

  #isEntitled({ organizationId, policyId, technicianId }: Grant): boolean {
    const { groups, members, policies } = this.tx.database;
    const policy = policies.get(organizationId, policyId);
    if (policy?.state !== 'active' || policy.technicianGroups.length === 0) return true;
    return policy.technicianGroups.some(
      (group) =>
        groups.get(organizationId, group)?.state === 'active' &&
        members.get(organizationId, `${group} ${technicianId}`) !== undefined,
    );
  }

  #policyGives(policyId: PolicyId): GrantInForce['policyGives'] {
    const policy = this.tx.database.policies.get(this.tx.organizationId, policyId);
    const ceiling = this.tx.database.roleCeilings.get(this.tx.organizationId, this.tx.organizationId);
    return policy?.state === 'active' ? underCeiling(policy.gives, ceiling?.roles ?? null) : null;
  }
}

const firstToRead = (open: readonly Grant[]): readonly Grant[] =>
  [...open]
    .sort((a, b) => rankOf(a) - rankOf(b) || a.expiresAt - b.expiresAt || compare(a.id, b.id))
    .slice(0, MOST_GRANTS_READ);

const rankOf = ({ state }: Grant): number => {
  if (state === 'starting' || state === 'active') return 0;
  return state === 'scheduled' ? 2 : 1;
};

const isWithin = (
  scope: Extract<AccountScope, { kind: 'technician' | 'customer' | 'policy' }>,
  grant: Grant,
): boolean => {
  switch (scope.kind) {
    case 'technician':
      return grant.technicianId === scope.technicianId;
    case 'customer':
      return grant.customerId === scope.customerId;
    case 'policy':
      return grant.policyId === scope.policyId;
  }
};

/** What the database checks too: a grant has a time, and once it is closed, the evidence. */
const requireSound = (grant: Grant): void => {
  if (grant.expiresAt <= grant.startsAt) throw new Error('A grant ends after its start.');
  if (grant.expiresAt > grant.latestExpiresAt) throw new Error('A grant ends at its latest end or before.');
  const proven = grant.endedAt !== null && grant.takenAt !== null && grant.proofs.length > 0;
  if (grant.state === 'ended' && !proven) throw new Error('A grant is closed with its evidence.');
  if (grant.state === 'left_behind' && (grant.endReason === null || grant.endingAt === null))
    throw new Error('A grant is left behind for a reason.');
};

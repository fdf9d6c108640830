import type { AccountStores } from '#core/accounts';
import type { AuditEvent, AuditStores } from '#core/audit';
import {
  DomainError,
  type Clock,
  type GrantId,
  type Instant,
  type JobQueue,
  type OrganizationId,
  type UnitOfWork,
} from '#core/shared';
import { grantErrors } from './grant.errors.js';
import type { GrantStores } from './grant-store.js';
import { endsAt, type Grant } from './grant.js';

export type ChangeGrantStores = AccountStores & AuditStores & GrantStores;

export interface ChangeGrantPorts<Stores extends ChangeGrantStores = ChangeGrantStores> {
  readonly unitOfWork: UnitOfWork<Stores>;
  readonly queue: JobQueue;
  readonly clock: Clock;
}

/** What becomes of a grant, judged from the row as it is under the lock and from that moment. Throws to refuse. */
export type GrantChange = (
  grant: Grant,
  now: Instant,
) => { readonly grant: Grant; readonly audit: readonly AuditEvent[] };

/** A reveal counts itself without the account's lock: whoever loses to it by a moment reads again. */
const MAX_TRIES = 3;

/** Changes a grant in a transaction of its own, and has its account looked at. Throws `grant.not_found`. */
export const changeGrant = async (
  ports: ChangeGrantPorts,
  of: { readonly organizationId: OrganizationId; readonly grantId: GrantId },
  change: GrantChange,
): Promise<Grant> => {
  const changed = await retried(() =>
    ports.unitOfWork.inOrganization(of.organizationId, (stores) =>
      changeGrantWithin({ stores, clock: ports.clock }, of.grantId, change),
    ),
  );
  await ringFor(ports.queue, changed);
  return changed;
};

/** Repeats a transaction that lost to somebody faster. */
export const retried = async <T>(transaction: () => Promise<T>): Promise<T> => {
  for (let tries = 1; ; tries += 1) {
    try {
      return await transaction();
    } catch (error) {
      const lost = error instanceof DomainError && error.code === 'grant.changed_meanwhile';
      if (!lost || tries === MAX_TRIES) throw error;
    }
  }
};

/**
 * The change within a transaction. The account's row is locked before the grant is read, as converge does: of two that
 * come at the same moment the second judges what the first has left.
 */
export const changeGrantWithin = async (
  within: { readonly stores: ChangeGrantStores; readonly clock: Clock },
  grantId: GrantId,
  change: GrantChange,
): Promise<Grant> => {
  const { stores, clock } = within;
  const { accountId } = await existing(stores, grantId);
  await stores.accounts.intend([accountId], { dueAt: clock.now() });
  const now = clock.now();
  const changed = change(await existing(stores, grantId), now);
  // An end that now comes earlier is owed from then on.
  await stores.accounts.intend([accountId], { dueAt: now, takeAt: endsAt(changed.grant) });
  if (!(await stores.grants.save(changed.grant))) throw grantErrors.refuse('grant.changed_meanwhile');
  await stores.audit.append(changed.audit);
  return { ...changed.grant, version: changed.grant.version + 1 };
};

const existing = async (stores: GrantStores, id: GrantId): Promise<Grant> => {
  const grant = await stores.grants.get(id);
  if (grant === null) throw grantErrors.refuse('grant.not_found');
  return grant;
};

/** After the commit: a bell that rings earlier would find nothing. */
export const ringFor = (queue: JobQueue, { organizationId, customerId }: Grant): Promise<void> =>
  queue.ring({ name: 'customer.converge', organizationId, customerId });

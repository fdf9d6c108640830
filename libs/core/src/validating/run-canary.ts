import { accessErrors, type AccessPolicy, type AccessStores } from '#core/access';
import type { AuditActor } from '#core/audit';
import { requireNoHold, type GrantStores } from '#core/grants';
import {
  ROLE_TIERS,
  startCanaries,
  tiersOf,
  type CanaryStores,
  type RoleTier,
  type TakeBackProof,
} from '#core/proving';
import type { Clock, CustomerId, Ids, JobQueue, OrganizationId, SecretBox, UnitOfWork } from '#core/shared';
import type { EntraConnection } from '#core/tenancy';
import { policiesReaching } from './policies-reaching.js';

type Stores = AccessStores & CanaryStores & GrantStores;

export interface RunCanaryCommand {
  readonly organizationId: OrganizationId;
  readonly customerId: CustomerId;
  /** Null: those that the policies give there; where none gives a role, all. */
  readonly tiers: readonly RoleTier[] | null;
  readonly actor: AuditActor;
}

export interface RunCanaryPorts {
  readonly unitOfWork: UnitOfWork<Stores>;
  readonly queue: JobQueue;
  readonly clock: Clock;
  readonly box: SecretBox;
  readonly ids: Ids;
}

/**
 * Begins to prove that Curfew can take back what it gives: throw-away accounts are made, elevated, disabled and deleted in the
 * customer's tenant, in either order, within five minutes. Answers when that has begun; one that is under way is left to itself.
 */
export class RunCanary {
  constructor(private readonly ports: RunCanaryPorts) {}

  /** Throws `customer.not_found`, `customer.removed`, `customer.not_connected`, `entra_connection.removing`, `access.held`, `deployment.restoring`. */
  async execute(command: RunCanaryCommand): Promise<TakeBack> {
    const { clock, queue, unitOfWork } = this.ports;
    const { organizationId, customerId, actor } = command;
    const begun = await unitOfWork.inOrganization(organizationId, async (stores) => {
      await stores.holds.shareWithGiving();
      const connection = await usable(stores, customerId);
      await requireNoHold(stores.holds, { technicianId: null, customerId });
      const tiers = command.tiers ?? (await tiersReaching(stores, customerId));
      const wish = { connection, tiers, actor, now: clock.now() };
      return { connection, proofs: await startCanaries(stores, wish, this.ports) };
    });
    await queue.ring({ name: 'customer.converge', organizationId, customerId });
    return begun;
  }
}

/** What is known of a customer's tiers, and for which app it counts. */
export interface TakeBack {
  readonly connection: EntraConnection;
  readonly proofs: readonly TakeBackProof[];
}

const usable = async ({ customers, connections }: Stores, id: CustomerId): Promise<EntraConnection> => {
  const customer = await customers.steady(id);
  if (customer === null) throw accessErrors.refuse('customer.not_found');
  if (customer.state !== 'active') throw accessErrors.refuse('customer.removed');
  const connection = await connections.ofCustomer(id);
  if (connection === null) throw accessErrors.refuse('customer.not_connected');
  if (connection.state !== 'active') throw accessErrors.refuse('entra_connection.removing');
  return connection;
};

const tiersReaching = async (stores: Stores, customerId: CustomerId): Promise<readonly RoleTier[]> => {
  const policies: readonly AccessPolicy[] = await policiesReaching(stores, customerId);
  const tiers = tiersOf(policies.flatMap(({ gives }) => gives.roles));
  return tiers.length > 0 ? tiers : ROLE_TIERS;
};

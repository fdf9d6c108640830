import {
  accountName,
  CANARY_MS,
  HOLDS_NOTHING,
  markerOf,
  NO_DRIFT,
  type AccountStores,
  type ManagedAccount,
} from '#core/accounts';
import type { AuditActor, AuditStores } from '#core/audit';
import { idOf, type AccountId, type Ids, type Instant, type SecretBox } from '#core/shared';
import type { EntraConnection, TenancyStores } from '#core/tenancy';
import { PROVING_ROLE, type RoleTier } from './role-tiers.js';
import { appOf, type ProvingStores, type TakeBackOrder, type TakeBackProof } from './take-back.js';

export type CanaryStores = AccountStores & AuditStores & ProvingStores & TenancyStores;

export interface CanaryWish {
  readonly connection: EntraConnection;
  readonly tiers: readonly RoleTier[];
  readonly actor: AuditActor;
  readonly now: Instant;
}

/**
 * Begins to prove these tiers at a customer, unless that is under way: one canary for each order in which Curfew takes back
 * there. In the caller's transaction, which has made sure that nothing forbids giving; nothing is sent to Entra from here.
 * Returns what is known of the tiers from now on.
 */
export const startCanaries = async (
  stores: CanaryStores,
  wish: CanaryWish,
  with_: { readonly box: SecretBox; readonly ids: Ids },
): Promise<readonly TakeBackProof[]> => {
  const { customerId } = wish.connection;
  const known = await stores.takeBack.lock(customerId);
  const running = new Set(known.flatMap(({ tier, run }) => (run === null ? [] : [tier])));
  const begun: TakeBackProof[] = [];
  for (const tier of wish.tiers.filter((each) => !running.has(each))) {
    const before = known.find((proof) => proof.tier === tier) ?? null;
    begun.push(await startOne(stores, { ...wish, tier, before }, with_));
  }
  const tiers = new Set(begun.map(({ tier }) => tier));
  return [...known.filter(({ tier }) => !tiers.has(tier)), ...begun];
};

const startOne = async (
  stores: CanaryStores,
  of: CanaryWish & { readonly tier: RoleTier; readonly before: TakeBackProof | null },
  with_: { readonly box: SecretBox; readonly ids: Ids },
): Promise<TakeBackProof> => {
  const { connection, tier, before, now, actor } = of;
  const { organizationId, customerId } = connection;
  const canaries: { id: AccountId; order: TakeBackOrder }[] = [];
  for (const order of ordersAt(connection)) {
    const account = await newCanary(stores, of, with_);
    await stores.accounts.insert(account);
    canaries.push({ id: account.id, order });
  }
  const known = { verdict: null, at: null, app: null, cause: null, rereadAt: null, ...before };
  const run = { startedAt: now, app: appOf(connection), role: PROVING_ROLE[tier], canaries };
  const proof: TakeBackProof = { ...known, organizationId, customerId, tier, run, dueAt: now };
  await stores.takeBack.save(proof);
  await stores.audit.append([
    {
      ...{ organizationId, customerId, at: now, actor },
      action: 'take_back.started',
      subject: { kind: 'customer', id: customerId },
      details: { tier, role: run.role, orders: canaries.map(({ order }) => order) },
    },
  ]);
  return proof;
};

/**
 * Where Curfew may disable who holds a role it does so first, and roles can be taken first as well. Elsewhere it takes roles
 * first and disables when Entra has noticed (ADR 35): nothing else is promised there, and nothing else proven.
 */
const ordersAt = ({ capabilities }: EntraConnection): readonly TakeBackOrder[] =>
  capabilities.mayTouchRoleHolders ? ['disable_first', 'roles_first'] : ['roles_first'];

/** Named so that somebody in the customer's portal sees what it is. */
const newCanary = async (
  { organizations }: CanaryStores,
  { connection, tier, now }: CanaryWish & { readonly tier: RoleTier },
  { box, ids }: { readonly box: SecretBox; readonly ids: Ids },
): Promise<ManagedAccount> => {
  const { organizationId, customerId, domain, tenantId } = connection;
  const id: AccountId = idOf(ids.uuid());
  const prefix = (await organizations.get())?.naming.prefix ?? '';
  const upn = accountName({ prefix }, { username: `canary-${id.replaceAll('-', '').slice(-12)}`, domain });
  const expiresAt = now + CANARY_MS;
  return {
    ...{ id, organizationId, customerId, upn },
    technicianId: null,
    kind: 'canary',
    displayName: 'Curfew canary (deleted within 5 minutes)',
    marker: markerOf(box, { organizationId, tenantId, accountId: id, upn }),
    objectId: null,
    mayHold: HOLDS_NOTHING,
    pristine: false,
    password: null,
    passwordGeneration: 0,
    verification: null,
    failure: null,
    drift: NO_DRIFT,
    own: {
      ...{ enabled: true, roles: [PROVING_ROLE[tier]], groups: [], startsAt: now, expiresAt },
      endAction: 'delete',
    },
    ...{ retirement: null, removal: null, closedAt: null, leftBehindAt: null },
    ...{ dueAt: now, takeAt: expiresAt, lookAt: null, version: 1, epoch: 0, claimedUntil: null },
    createdAt: now,
  };
};

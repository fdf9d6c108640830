import type { AccountStores } from '#core/accounts';
import type { AuditActor, AuditStores } from '#core/audit';
import type { GrantStores } from '#core/grants';
import type { CustomerId } from '#core/shared';
import type { Cloud, EntraConnection, TenancyStores } from '#core/tenancy';
import { accessErrors } from './access.errors.js';
import { toldOf, type KeptCredential } from './offered-credential.js';
import { workAgain } from './work-again.js';

type KeepStores = AccountStores & AuditStores & GrantStores & TenancyStores;

/**
 * The customer's connection as it is, where one to this tenant may take its place; null: it has none. Throws
 * `customer.…`, `entra_connection.removing`, `entra_connection.tenant_fixed`.
 */
export const connectable = async (
  stores: GrantStores & TenancyStores,
  wish: { readonly customerId: CustomerId; readonly cloud: Cloud; readonly tenantId: string },
): Promise<EntraConnection | null> => {
  const { customerId, tenantId, cloud } = wish;
  // Whoever removes it waits, or is seen.
  const customer = await stores.customers.steady(customerId);
  if (customer === null) throw accessErrors.refuse('customer.not_found');
  if (customer.state !== 'active') throw accessErrors.refuse('customer.removed');
  const existing = await stores.connections.ofCustomer(customerId);
  if (existing?.state === 'removing') throw accessErrors.refuse('entra_connection.removing');
  const moves =
    existing !== null && (existing.tenantId !== tenantId.toLowerCase() || existing.cloud !== cloud);
  // An account is made together with its first grant, and grants are never removed.
  if (moves && (await stores.grants.list({ customerId, after: null, limit: 1 })).length > 0)
    throw accessErrors.refuse('entra_connection.tenant_fixed', { tenantId: existing.tenantId });
  return existing;
};

/** A connection that the tenant has vouched for, and what was there when it was asked. */
interface Kept {
  readonly next: EntraConnection;
  readonly before: EntraConnection | null;
  readonly actor: AuditActor;
  /** Null: by the organization's app, whose credential isn't the customer's. */
  readonly credential: KeptCredential | null;
}

/** Writes it, and has looked at anew what waited for it. Throws as `connectable`, and `entra_connection.changed_meanwhile`. */
export const keepConnection = async (
  stores: KeepStores,
  { next, before, actor, credential }: Kept,
): Promise<void> => {
  // Once more: the first account may have been made while the tenant was asked.
  await connectable(stores, next);
  if (!(await stores.connections.save(next, before?.version ?? null)))
    throw accessErrors.refuse('entra_connection.changed_meanwhile');
  await workAgain(stores, next.customerId, next.checkedAt);
  const { cloud, tenantId, clientId, credentialKind, domain, version } = next;
  const app = next.organizationApp === undefined ? 'own' : 'organization';
  const endsAt = next.credentialEndsAt;
  const credentialEndsAt = endsAt === null ? null : new Date(endsAt).toISOString();
  await stores.audit.append([
    {
      organizationId: next.organizationId,
      at: next.checkedAt,
      actor,
      action: 'entra_connection.changed',
      subject: { kind: 'entra_connection', id: next.id },
      customerId: next.customerId,
      details: {
        ...{ app, cloud, tenantId, clientId, credentialKind, credentialEndsAt, domain, version },
        ...(credential === null ? {} : toldOf(credential)),
      },
    },
  ]);
};

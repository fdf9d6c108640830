import {
  accountErrors,
  accountName,
  HOLDS_NOTHING,
  NO_DRIFT,
  markerOf,
  nextName,
  type AccountStores,
  type ManagedAccount,
} from '#core/accounts';
import { idOf, type AccountId, type Ids, type SecretBox } from '#core/shared';
import type { DecidedAccess } from './decide-access.js';

/** A technician's account at a customer before anything of it exists in Entra. Throws `account.name_invalid`, `….name_taken`. */
export const newAccount = async (
  stores: AccountStores,
  decided: DecidedAccess,
  with_: { readonly box: SecretBox; readonly ids: Ids },
): Promise<ManagedAccount> => {
  const { customer, technician, startsAt, expiresAt, now } = decided;
  const { organizationId, tenantId } = decided.connection;
  const id: AccountId = idOf(with_.ids.uuid());
  const upn = await freeName(stores, decided);
  return {
    id,
    organizationId,
    customerId: customer.id,
    technicianId: technician.id,
    kind: 'jit',
    upn,
    displayName: technician.displayName,
    marker: markerOf(with_.box, { organizationId, tenantId, accountId: id, upn }),
    objectId: null,
    mayHold: HOLDS_NOTHING,
    pristine: false,
    password: null,
    passwordGeneration: 0,
    verification: null,
    failure: null,
    drift: NO_DRIFT,
    own: null,
    retirement: null,
    removal: null,
    closedAt: null,
    leftBehindAt: null,
    dueAt: startsAt,
    takeAt: expiresAt,
    lookAt: null,
    version: 1,
    epoch: 0,
    claimedUntil: null,
    createdAt: now,
  };
};

/** Free among our own accounts; whether the tenant knows a user of that name is found out by converge. */
const freeName = async (stores: AccountStores, decided: DecidedAccess): Promise<string> => {
  const { organization, customer, technician, connection } = decided;
  const first = accountName(organization.naming, {
    username: technician.username,
    domain: connection.domain,
  });
  const names = [first];
  for (let name = nextName(first); name !== null; name = nextName(name)) names.push(name);
  const taken = new Set(await stores.accounts.takenNames(customer.id, names));
  const free = names.find((name) => !taken.has(name));
  if (free === undefined) throw accountErrors.refuse('account.name_taken');
  return free;
};

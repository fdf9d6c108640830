import {
  idOf,
  Secret,
  SECOND,
  type CustomerId,
  type GroupId,
  type Instant,
  type PolicyId,
  type RoleId,
  type TechnicianId,
} from '#core/shared';
import { credentialPlace } from '#core/tenancy';
import {
  FAKE_CLIENT_ID,
  FAKE_CREDENTIAL,
  type FakeIds,
  type FakeSecretBox,
  type FakeTenant,
  type InMemoryUnitOfWork,
} from '#core/testing';
import { LONGEST_MS } from './processes/api.js';
import type { Cast } from './nemesis/people.js';

export const ORGANIZATION = idOf<'organization'>('00000000-0000-7000-8000-000000000001');
export const READER = '88d8e3e3-8f55-4a1e-953a-9b9898b8876b';
export const EXCHANGE_ADMIN = '29232cdf-9323-42fd-ade2-1d097af3e4de';
export const HELPDESK = 'group-helpdesk';
export const EXCHANGE = 'group-exchange';

/** What its rows are planted with. */
export interface Soil {
  readonly unitOfWork: InMemoryUnitOfWork;
  readonly ids: FakeIds;
  readonly box: FakeSecretBox;
  readonly now: Instant;
}

/** An organization with two technicians, some connected customers, and a policy of each kind. */
export const plantWorld = async (
  { unitOfWork, ids, box, now }: Soil,
  tenants: readonly FakeTenant[],
): Promise<Cast> => {
  const customers = tenants.map((): CustomerId => idOf(ids.uuid()));
  const technicians = [0, 1].map((): TechnicianId => idOf(ids.uuid()));
  const policies = [0, 1, 2].map((): PolicyId => idOf(ids.uuid()));
  await unitOfWork.inOrganization(ORGANIZATION, async (stores) => {
    const base = { organizationId: ORGANIZATION, createdAt: now };
    await stores.organizations.insert({
      ...{ id: ORGANIZATION, slug: 'msp', name: 'MSP', naming: { prefix: 'jit-' }, createdAt: now },
    });
    for (const [index, id] of technicians.entries())
      await stores.technicians.insert({
        ...base,
        ...{ id, username: `t${index}`, displayName: `T${index}`, role: 'technician', state: 'active' },
      });
    for (const [index, tenant] of tenants.entries()) {
      const customerId = customers[index] ?? idOf('');
      await stores.customers.insert({ ...base, id: customerId, name: tenant.tenantId, state: 'active' });
      await stores.connections.save(connectionTo(tenant, { customerId, ids, box, now }), null);
    }
    for (const [index, terms] of TERMS.entries())
      await stores.policies.insert({
        ...base,
        ...terms,
        ...{ id: policies[index] ?? idOf(''), customerId: null, name: `policy ${index}` },
        ...{ defaultDurationSeconds: 600, maximumDurationSeconds: LONGEST_MS / SECOND },
        ...{
          reason: 'off',
          ticket: 'off',
          ticketPatterns: [],
          allowedHours: null,
          technicianGroups: [],
          state: 'active',
          version: 1,
        },
      });
  });
  return { technicians, customers, policies };
};

const gives = (roles: readonly string[], groups: readonly string[]) => ({
  roles: roles.map((id): RoleId => idOf(id)),
  groups: groups.map((id): GroupId => idOf(id)),
});

const TERMS = [
  { gives: gives([READER], [HELPDESK]), credential: 'pass', endAction: 'disable' },
  { gives: gives([READER, EXCHANGE_ADMIN], []), credential: 'password', endAction: 'disable' },
  { gives: gives([EXCHANGE_ADMIN], [EXCHANGE]), credential: 'both', endAction: 'delete' },
] as const;

const connectionTo = (
  tenant: FakeTenant,
  { customerId, ids, box, now }: Omit<Soil, 'unitOfWork'> & { readonly customerId: CustomerId },
) => {
  const identity = { organizationId: ORGANIZATION, id: idOf<'connection'>(ids.uuid()), version: 1 };
  return {
    ...identity,
    ...{ customerId, tenantId: tenant.tenantId, clientId: FAKE_CLIENT_ID },
    cloud: 'global',
    credentialKind: 'secret',
    sealedCredential: box.seal(new Secret(FAKE_CREDENTIAL), credentialPlace(identity)),
    domain: `${tenant.tenantId}.example`,
    capabilities: {
      mayTouchRoleHolders: tenant.mayTouchRoleHolders,
      pass: tenant.pass,
      timedRoles: tenant.pim !== null,
    },
    timedRolesRefused: {},
    state: 'active',
    checkedAt: now,
    credentialEndsAt: null,
  } as const;
};

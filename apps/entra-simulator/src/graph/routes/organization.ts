import { isoSeconds } from '../../foundation/clock.js';
import type { Json } from '../../foundation/json.js';
import { skusOf } from '../../directory/licences.js';
import type { Tenant } from '../../state/tenant.js';
import { ok, param, type GraphContext, type GraphReply, type Route } from '../context.js';
import { notFound } from '../errors.js';
import { entity, list, type Listing } from '../list.js';

export const organizationRoutes: readonly Route[] = [
  { method: 'GET', path: '/organization', workload: 'directory', answer: listOrganization },
  {
    method: 'GET',
    path: '/organization/{organization-id}',
    workload: 'directory',
    answer: getOrganization,
  },
];

const organization: Listing<Tenant> = {
  type: 'organization',
  resource: 'Organization',
  context: 'organization',
  defaults: [
    'id',
    'assignedPlans',
    'businessPhones',
    'countryLetterCode',
    'createdDateTime',
    'displayName',
    'onPremisesSyncEnabled',
    'tenantType',
    'verifiedDomains',
  ],
  rules: {},
  read: (tenant) => (property) => organizationOf(tenant)[property],
};

const organizationOf = (tenant: Tenant): Json => ({
  id: tenant.id,
  displayName: tenant.config.displayName,
  createdDateTime: isoSeconds(tenant.config.createdAt),
  countryLetterCode: 'NL',
  tenantType: 'AAD',
  assignedPlans: skusOf(tenant)
    .flatMap((sku) => sku.servicePlans)
    .map(({ servicePlanId }) => ({
      assignedDateTime: isoSeconds(tenant.config.createdAt),
      capabilityStatus: 'Enabled',
      service: 'AADPremiumService',
      servicePlanId,
    })),
  verifiedDomains: tenant.config.domains
    .filter((domain) => domain.isVerified)
    .map(({ name, isDefault, isInitial, authenticationType }) => ({
      capabilities: 'Email, OfficeCommunicationsOnline',
      isDefault,
      isInitial,
      name,
      type: authenticationType,
    })),
});

function listOrganization(ctx: GraphContext): GraphReply {
  return list(ctx, organization, () => [ctx.tenant]);
}

function getOrganization(ctx: GraphContext): GraphReply {
  if (param(ctx, 'organization-id').toLowerCase() !== ctx.tenant.id)
    throw notFound(param(ctx, 'organization-id'));
  const { type, context, defaults, read } = organization;
  return ok(entity(ctx, { type, context, defaults, read: read(ctx.tenant, ctx) }));
}

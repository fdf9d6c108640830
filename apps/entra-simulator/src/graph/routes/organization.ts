import { isoSeconds } from '../../foundation/clock.js';
import { uuidFrom } from '../../foundation/ids.js';
import type { Json } from '../../foundation/json.js';
import type { Domain } from '../../state/model.js';
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
  { method: 'GET', path: '/domains', workload: 'directory', answer: listDomains },
  { method: 'GET', path: '/domains/{domain-id}', workload: 'directory', answer: getDomain },
  { method: 'GET', path: '/subscribedSkus', workload: 'directory', cost: 3, answer: listSkus },
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
  assignedPlans: plansOf(tenant).map((plan) => ({
    assignedDateTime: isoSeconds(tenant.config.createdAt),
    capabilityStatus: 'Enabled',
    service: 'AADPremiumService',
    servicePlanId: plan.servicePlanId,
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

const domains: Listing<Domain> = {
  type: 'domain',
  resource: 'Domain',
  context: 'domains',
  defaults: [
    'authenticationType',
    'availabilityStatus',
    'id',
    'isAdminManaged',
    'isDefault',
    'isInitial',
    'isRoot',
    'isVerified',
    'passwordNotificationWindowInDays',
    'passwordValidityPeriodInDays',
    'state',
    'supportedServices',
  ],
  rules: {},
  read: (domain) => (property) => domainOf(domain)[property],
  isUnpaged: true,
};

const domainOf = ({ name, isVerified, isDefault, isInitial, authenticationType }: Domain): Json => ({
  id: name,
  isVerified,
  isDefault,
  isInitial,
  authenticationType,
  isAdminManaged: true,
  isRoot: true,
  passwordValidityPeriodInDays: 2147483647,
  passwordNotificationWindowInDays: 14,
  supportedServices: isVerified ? ['Email', 'OfficeCommunicationsOnline'] : [],
});

function listDomains(ctx: GraphContext): GraphReply {
  return list(ctx, domains, () => [...ctx.tenant.config.domains]);
}

function getDomain(ctx: GraphContext): GraphReply {
  const name = param(ctx, 'domain-id').toLowerCase();
  const domain = ctx.tenant.config.domains.find((one) => one.name.toLowerCase() === name);
  if (domain === undefined) throw notFound(name);
  const { type, context, defaults, read } = domains;
  return ok(entity(ctx, { type, context, defaults, read: read(domain, ctx) }));
}

interface Plan {
  servicePlanId: string;
  servicePlanName: string;
}

const p1: Plan = { servicePlanId: '41781fb2-bc02-4b7c-bd55-b576c07bb09d', servicePlanName: 'AAD_PREMIUM' };
const p2: Plan = { servicePlanId: 'eec0eb4f-6444-4f95-aba0-50c24d67f998', servicePlanName: 'AAD_PREMIUM_P2' };
const plans = { free: [], P1: [p1], P2: [p1, p2] };

const plansOf = (tenant: Tenant): readonly Plan[] => plans[tenant.config.licence];

function listSkus(ctx: GraphContext): GraphReply {
  return list(ctx, skus, (): Json[] => {
    const held = plansOf(ctx.tenant);
    return held.length === 0 ? [] : [skuOf(ctx.tenant, held)];
  });
}

const skus: Listing<Json> = {
  type: 'subscribedSku',
  resource: 'SubscribedSku',
  context: 'subscribedSkus',
  defaults: [
    'accountName',
    'accountId',
    'appliesTo',
    'capabilityStatus',
    'consumedUnits',
    'id',
    'skuId',
    'skuPartNumber',
    'subscriptionIds',
    'prepaidUnits',
    'servicePlans',
  ],
  rules: {},
  read: (sku) => (property) => sku[property],
  isUnpaged: true,
};

function skuOf(tenant: Tenant, held: readonly Plan[]): Json {
  const name = held.at(-1)?.servicePlanName ?? '';
  const skuId = uuidFrom(`sku ${name}`);
  return {
    id: `${tenant.id}_${skuId}`,
    accountName: tenant.config.displayName,
    accountId: tenant.id,
    appliesTo: 'User',
    capabilityStatus: 'Enabled',
    consumedUnits: 1,
    skuId,
    skuPartNumber: name,
    subscriptionIds: [uuidFrom(`subscription ${tenant.id}`)],
    prepaidUnits: { enabled: 25, suspended: 0, warning: 0, lockedOut: 0 },
    servicePlans: held.map((plan) => ({ ...plan, provisioningStatus: 'Success', appliesTo: 'User' })),
  };
}

import {
  consumedUnits,
  licencesOf,
  setLicences,
  skuById,
  skusOf,
  type AssignedLicence,
} from '../../directory/licences.js';
import { asList, asObject, isText, type Json } from '../../foundation/json.js';
import { uuidFrom } from '../../foundation/ids.js';
import type { User } from '../../state/model.js';
import type { ServicePlan, Sku } from '../../state/model-directory.js';
import type { Tenant } from '../../state/tenant.js';
import {
  demand,
  liveUser,
  ok,
  seenUser,
  type GraphContext,
  type GraphReply,
  type Route,
} from '../context.js';
import { badRequest, type GraphError } from '../errors.js';
import { list, type Listing } from '../list.js';
import { pick } from '../select.js';
import { userDefaults, userReader } from './user-view.js';

export const licenceRoutes: readonly Route[] = [
  { method: 'GET', path: '/subscribedSkus', workload: 'directory', cost: 3, answer: listSkus },
  {
    method: 'GET',
    path: '/users/{user-id}/licenseDetails',
    workload: 'directory',
    cost: 2,
    answer: listDetails,
  },
  { method: 'POST', path: '/users/{user-id}/assignLicense', workload: 'directory', answer: assign },
];

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

function listSkus(ctx: GraphContext): GraphReply {
  return list(ctx, skus, () => skusOf(ctx.tenant).map((sku) => shownSku(ctx.tenant, sku)));
}

const shownSku = (tenant: Tenant, sku: Sku): Json => ({
  id: `${tenant.id}_${sku.skuId}`,
  accountName: tenant.config.displayName,
  accountId: tenant.id,
  appliesTo: 'User',
  capabilityStatus: 'Enabled',
  consumedUnits: consumedUnits(tenant, sku.skuId),
  skuId: sku.skuId,
  skuPartNumber: sku.skuPartNumber,
  subscriptionIds: [uuidFrom(`subscription ${tenant.id} ${sku.skuId}`)],
  prepaidUnits: { enabled: sku.units, suspended: 0, warning: 0, lockedOut: 0 },
  servicePlans: sku.servicePlans.map((plan) => shownPlan(plan, [])),
});

const shownPlan = (plan: ServicePlan, disabled: readonly string[]): Json => ({
  ...plan,
  provisioningStatus: disabled.includes(plan.servicePlanId) ? 'Disabled' : 'Success',
  appliesTo: 'User',
});

const details: Listing<Json> = {
  type: 'licenseDetails',
  resource: 'LicenseDetails',
  context: 'licenseDetails',
  defaults: ['id', 'servicePlans', 'skuId', 'skuPartNumber'],
  rules: {},
  read: (detail) => (property) => detail[property],
  isUnpaged: true,
};

function listDetails(ctx: GraphContext): GraphReply {
  const user = seenUser(ctx);
  const context = `users('${user.id}')/licenseDetails`;
  return list(ctx, { ...details, context }, () =>
    licencesOf(user).flatMap(({ skuId, disabledPlans }) => {
      const sku = skuById(ctx.tenant, skuId);
      if (sku === undefined) return [];
      return {
        id: uuidFrom(`licence ${user.id} ${skuId}`),
        skuId,
        skuPartNumber: sku.skuPartNumber,
        servicePlans: sku.servicePlans.map((plan) => shownPlan(plan, disabledPlans)),
      };
    }),
  );
}

/** All or nothing. The licence service knows a user as its own replica of the directory has him. */
function assign(ctx: GraphContext): GraphReply {
  const missing = ['addLicenses', 'removeLicenses'].find((name) => !Array.isArray(ctx.body[name]));
  if (missing !== undefined) throw missingParameter(missing);
  const user = liveUser(ctx);
  const added = asList(ctx.body['addLicenses']).map(licenceIn);
  const removed = asList(ctx.body['removeLicenses']).map((skuId) => String(skuId).toLowerCase());
  demand(added.length === 0 || hasLocation(seenUser(ctx)), invalidLocation);
  const held = licencesOf(user);
  for (const licence of added) checkAdded(ctx.tenant, licence, held);
  for (const skuId of removed) {
    demand(
      held.some((licence) => licence.skuId === skuId),
      () => badRequest('User does not have a corresponding license.'),
    );
  }
  const gone = new Set([...removed, ...added.map(({ skuId }) => skuId)]);
  const kept = held.filter(({ skuId }) => !gone.has(skuId));
  const changed = setLicences(ctx.writer, user, [...kept, ...added]);
  return ok({
    '@odata.context': `${ctx.root}/$metadata#users/$entity`,
    ...pick('user', [...userDefaults, 'assignedLicenses'], userReader(changed)),
  });
}

function licenceIn(entry: unknown): AssignedLicence {
  const { skuId, disabledPlans } = asObject(entry);
  return {
    skuId: String(skuId).toLowerCase(),
    disabledPlans: asList(disabledPlans).map((plan) => String(plan).toLowerCase()),
  };
}

const hasLocation = (user: User): boolean => {
  const location = user.properties['usageLocation'];
  return isText(location) && /^[A-Za-z]{2}$/.test(location);
};

function checkAdded(tenant: Tenant, licence: AssignedLicence, held: readonly AssignedLicence[]): void {
  const sku = skuById(tenant, licence.skuId);
  if (sku === undefined) {
    throw badRequest(`License ${licence.skuId} does not correspond to a valid company License.`);
  }
  const strange = licence.disabledPlans.find(
    (plan) => !sku.servicePlans.some(({ servicePlanId }) => servicePlanId === plan),
  );
  if (strange !== undefined) {
    throw badRequest(`Service plan ${strange} is not part of the license ${licence.skuId}.`);
  }
  const isNew = !held.some(({ skuId }) => skuId === licence.skuId);
  demand(!isNew || consumedUnits(tenant, sku.skuId) < sku.units, () =>
    badRequest(`Subscription with SKU ${sku.skuId} does not have any available licenses.`),
  );
}

const invalidLocation = (): GraphError =>
  badRequest('License assignment cannot be done for user with invalid usage location.');

const missingParameter = (name: string): GraphError =>
  badRequest(
    `One or more parameters of the operation 'assignLicense' are missing from the request payload. The missing parameters are: ${name}.`,
  );

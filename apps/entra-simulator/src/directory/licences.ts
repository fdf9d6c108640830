import { isoSeconds } from '../foundation/clock.js';
import { asList, asObject, isText, type Json } from '../foundation/json.js';
import type { User } from '../state/model.js';
import type { Sku } from '../state/model-directory.js';
import type { Tenant } from '../state/tenant.js';
import type { Writer } from '../state/writer.js';

const p1 = { servicePlanId: '41781fb2-bc02-4b7c-bd55-b576c07bb09d', servicePlanName: 'AAD_PREMIUM' };
const p2 = { servicePlanId: 'eec0eb4f-6444-4f95-aba0-50c24d67f998', servicePlanName: 'AAD_PREMIUM_P2' };
const usualUnits = 25;

/** What a tenant of that licence has bought unless its spec says otherwise. */
const broughtBy: Readonly<Record<'free' | 'P1' | 'P2', readonly Sku[]>> = {
  free: [],
  P1: [
    {
      skuId: '078d2b04-f1bd-4111-bbd4-b4b1b354cef4',
      skuPartNumber: 'AAD_PREMIUM',
      units: usualUnits,
      servicePlans: [p1],
    },
  ],
  P2: [
    {
      skuId: '84a661c4-e949-4bd2-a560-ed7766fcaf2b',
      skuPartNumber: 'AAD_PREMIUM_P2',
      units: usualUnits,
      servicePlans: [p1, p2],
    },
  ],
};

export const skusOf = ({ config }: Tenant): readonly Sku[] => config.skus ?? broughtBy[config.licence];

export const skuById = (tenant: Tenant, skuId: string): Sku | undefined =>
  skusOf(tenant).find((sku) => sku.skuId === skuId.toLowerCase());

export interface AssignedLicence {
  readonly skuId: string;
  readonly disabledPlans: readonly string[];
}

/** Licences are kept on the user, as Graph shows them there. */
export const licencesOf = (user: User): AssignedLicence[] =>
  asList(user.properties['assignedLicenses']).map((entry) => {
    const { skuId, disabledPlans } = asObject(entry);
    return { skuId: String(skuId), disabledPlans: asList(disabledPlans).filter(isText) };
  });

/** Deleted users hold no unit. */
export function consumedUnits(tenant: Tenant, skuId: string): number {
  let count = 0;
  for (const user of tenant.users.truths()) {
    if (licencesOf(user).some((licence) => licence.skuId === skuId)) count++;
  }
  return count;
}

export function setLicences(writer: Writer, user: User, licences: readonly AssignedLicence[]): User {
  const now = isoSeconds(writer.at);
  const changed: User = {
    ...user,
    properties: {
      ...user.properties,
      assignedLicenses: licences.map((licence) => ({ ...licence })),
      assignedPlans: licences.flatMap((licence) => plansOf(writer.tenant, licence, now)),
      licenseAssignmentStates: licences.map((licence) => ({
        ...licence,
        assignedByGroup: null,
        error: 'None',
        lastUpdatedDateTime: now,
        state: 'Active',
      })),
    },
  };
  writer.put('users', user.id, changed);
  writer.note('licences.changed', user, { skuIds: licences.map(({ skuId }) => skuId) });
  return changed;
}

function plansOf(
  tenant: Tenant,
  { skuId, disabledPlans }: AssignedLicence,
  assignedDateTime: string,
): Json[] {
  const plans = skuById(tenant, skuId)?.servicePlans ?? [];
  return plans
    .filter((plan) => !disabledPlans.includes(plan.servicePlanId))
    .map(({ servicePlanId }) => ({
      assignedDateTime,
      capabilityStatus: 'Enabled',
      service: 'AADPremiumService',
      servicePlanId,
    }));
}

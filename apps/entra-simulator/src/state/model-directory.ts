/** An administrative unit; a restricted one may be changed inside by its own administrators only. */
export interface Unit {
  readonly id: string;
  readonly displayName: string;
  readonly description: string | null;
  readonly visibility: string | null;
  readonly isMemberManagementRestricted: boolean;
}

export interface UnitMembership {
  /** `pairKey` of both. */
  readonly id: string;
  readonly unitId: string;
  readonly memberId: string;
}

export interface GroupOwnership {
  /** `pairKey` of both. */
  readonly id: string;
  readonly groupId: string;
  readonly ownerId: string;
}

export interface ServicePlan {
  readonly servicePlanId: string;
  readonly servicePlanName: string;
}

/** A product that the tenant has bought. */
export interface Sku {
  readonly skuId: string;
  readonly skuPartNumber: string;
  readonly units: number;
  readonly servicePlans: readonly ServicePlan[];
}

export const pairKey = (holderId: string, memberId: string): string => `${holderId}|${memberId}`;

import { assignRole } from '../directory/memberships.js';
import { isInUnit, isScopable, joinUnit, mayBeRestricted, putUnit, scopeOfUnit } from '../directory/units.js';
import { roleById } from '../directory/role-catalogue.js';
import { uuidFrom } from '../foundation/ids.js';
import type { TenantConfig } from '../state/model.js';
import type { Sku, Unit } from '../state/model-directory.js';
import type { Tenant } from '../state/tenant.js';
import type { Writer } from '../state/writer.js';
import type { AdministrativeUnitSpec, SkuSpec, TenantPatch, TenantSpec } from './contract.js';
import { ControlError } from './control-error.js';

const usualUnits = 25;

const skuIn = ({ skuPartNumber, skuId, units, servicePlans }: SkuSpec): Sku => ({
  skuId: (skuId ?? uuidFrom(`sku ${skuPartNumber}`)).toLowerCase(),
  skuPartNumber,
  units: units ?? usualUnits,
  servicePlans: servicePlans ?? [
    { servicePlanId: uuidFrom(`plan ${skuPartNumber}`), servicePlanName: skuPartNumber },
  ],
});

/** What a spec or a patch says of purchases and the quota; nothing where it says nothing. */
export const boughtIn = ({
  skus,
  quota,
}: Pick<TenantPatch, 'skus' | 'quota'>): Partial<Pick<TenantConfig, 'skus' | 'quota'>> => ({
  ...(skus === undefined ? {} : { skus: skus.map(skuIn) }),
  ...(quota === undefined ? {} : { quota: quota.objects }),
});

/** Makes the spec's units with their members and their own administrators; what Entra cannot have is refused. */
export function makeUnits(
  writer: Writer,
  { administrativeUnits = [] }: Pick<TenantSpec, 'administrativeUnits'>,
  roleIdOf: (name: string) => string,
): void {
  for (const unit of administrativeUnits) makeUnit(writer, unit, roleIdOf);
}

function makeUnit(writer: Writer, spec: AdministrativeUnitSpec, roleIdOf: (name: string) => string): void {
  const { tenant } = writer;
  const unit: Unit = {
    id: (spec.id ?? uuidFrom(`unit ${tenant.id} ${spec.displayName}`)).toLowerCase(),
    displayName: spec.displayName,
    description: null,
    visibility: null,
    isMemberManagementRestricted: spec.isMemberManagementRestricted ?? false,
  };
  putUnit(writer, unit, true);
  for (const member of spec.members ?? []) addToUnit(writer, unit, member);
  for (const { role, holder } of spec.scopedRoles ?? []) {
    const roleDefinitionId = roleIdOf(role);
    if (!isScopable(roleById(roleDefinitionId) ?? { displayName: role })) {
      throw new ControlError(400, `The role '${role}' cannot be held over a unit`);
    }
    assignRole(writer, {
      roleDefinitionId,
      principalId: holderOf(tenant, holder),
      directoryScopeId: scopeOfUnit(unit.id),
    });
  }
}

export function addToUnit(writer: Writer, unit: Unit, member: string): void {
  const id = memberOf(writer.tenant, unit, member);
  if (!isInUnit(writer.tenant, unit.id, id)) joinUnit(writer, unit, id);
}

export function unitOf(tenant: Tenant, nameOrId: string): Unit {
  const byId = tenant.units.truth(nameOrId.toLowerCase());
  const unit = byId ?? [...tenant.units.truths()].find((one) => one.displayName === nameOrId);
  if (unit === undefined) throw new ControlError(400, `There is no administrative unit '${nameOrId}'`);
  return unit;
}

function memberOf(tenant: Tenant, unit: Unit, name: string): string {
  const user = findUser(tenant, name);
  if (user !== undefined) return user;
  const byId = tenant.groups.truth(name.toLowerCase());
  const group = byId ?? [...tenant.groups.truths()].find((one) => one.displayName === name);
  if (group === undefined) throw new ControlError(400, `There is no user or group '${name}'`);
  if (unit.isMemberManagementRestricted && !mayBeRestricted(group)) {
    throw new ControlError(400, `The group '${name}' cannot be in a restricted unit`);
  }
  return group.id;
}

function holderOf(tenant: Tenant, name: string): string {
  const app = tenant.apps.get(name.toLowerCase());
  const id = app?.servicePrincipalId ?? findUser(tenant, name);
  if (id === undefined) throw new ControlError(400, `There is no app or user '${name}'`);
  return id;
}

function findUser(tenant: Tenant, name: string): string | undefined {
  const wanted = name.toLowerCase();
  return (tenant.users.truth(wanted) ?? tenant.users.lookUp('upn', wanted)[0])?.id;
}

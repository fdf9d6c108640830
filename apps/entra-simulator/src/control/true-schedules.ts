import { roleById } from '../directory/role-catalogue.js';
import { pimSettingsOf } from '../directory/role-policy.js';
import { graphInstant } from '../directory/schedule-rows.js';
import type { RoleSchedule } from '../state/model-pim.js';
import type { Tenant } from '../state/tenant.js';
import type { TenantTruth, TrueSchedule } from './contract.js';

export const trueSchedules = (tenant: Tenant, principalId: string): TrueSchedule[] =>
  tenant.roleSchedules.lookUp('principal', principalId).map(trueSchedule);

const trueSchedule = (schedule: RoleSchedule): TrueSchedule => ({
  id: schedule.id,
  kind: schedule.kind === 'assignment' ? 'active' : 'eligible',
  roleId: schedule.roleDefinitionId,
  roleName: roleById(schedule.roleDefinitionId)?.displayName ?? schedule.roleDefinitionId,
  directoryScopeId: schedule.directoryScopeId,
  startDateTime: graphInstant(schedule.startAt),
  endDateTime: schedule.endAt === null ? null : graphInstant(schedule.endAt),
  isInForce: schedule.activeSince !== null,
});

export const truePim = (tenant: Tenant): Pick<TenantTruth, 'pim' | 'rolePolicies'> => ({
  pim: pimSettingsOf(tenant),
  rolePolicies: [...(tenant.config.rolePolicies ?? [])],
});

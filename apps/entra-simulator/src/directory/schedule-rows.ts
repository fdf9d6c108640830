import { isoMillis } from '../foundation/clock.js';
import type { HistoryEvent } from '../control/contract.js';
import type { RoleAtScope, RoleSchedule, ScheduleKind } from '../state/model-pim.js';
import type { Tenant } from '../state/tenant.js';
import type { Writer } from '../state/writer.js';
import { roleById } from './role-catalogue.js';

export const graphInstant = (ms: number): string => isoMillis(ms).replace('.000Z', 'Z');

/** The schedules of one role of one principal at one scope, as they are. */
export const schedulesOf = (tenant: Tenant, kind: ScheduleKind, place: RoleAtScope): RoleSchedule[] =>
  tenant.roleSchedules
    .lookUp('principal', place.principalId)
    .filter((schedule) => schedule.kind === kind && isSamePlace(schedule, place));

export function putSchedule(
  writer: Writer,
  schedule: RoleSchedule,
  what: Extract<HistoryEvent, `schedule.${string}`>,
): void {
  writer.put('roleSchedules', schedule.id, schedule);
  note(writer, schedule, what);
}

/** Takes the schedule away; the role that it may have given is the caller's to remove. */
export function dropSchedule(writer: Writer, id: string): void {
  const schedule = writer.tenant.roleSchedules.truth(id);
  if (schedule === undefined) return;
  writer.put('roleSchedules', id, undefined);
  note(writer, schedule, 'schedule.ended');
}

const isSamePlace = (one: RoleAtScope, other: RoleAtScope): boolean =>
  one.principalId === other.principalId &&
  one.roleDefinitionId === other.roleDefinitionId &&
  one.directoryScopeId === other.directoryScopeId;

function note(writer: Writer, schedule: RoleSchedule, what: HistoryEvent): void {
  const { principalId, roleDefinitionId, startAt, endAt } = schedule;
  writer.note(what, writer.tenant.users.truth(principalId) ?? { id: principalId }, {
    scheduleId: schedule.id,
    kind: schedule.kind === 'assignment' ? 'active' : 'eligible',
    roleDefinitionId,
    roleName: roleById(roleDefinitionId)?.displayName ?? null,
    directoryScopeId: schedule.directoryScopeId,
    startDateTime: graphInstant(startAt),
    endDateTime: endAt === null ? null : graphInstant(endAt),
  });
}

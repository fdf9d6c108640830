import { roleAssignmentId } from '../foundation/ids.js';
import type { RoleAssignment } from '../state/model.js';
import type { Period, RoleAtScope, RoleRequest, RoleSchedule } from '../state/model-pim.js';
import type { Due } from '../state/agenda.js';
import type { Tenant } from '../state/tenant.js';
import type { World } from '../state/world.js';
import { Writer } from '../state/writer.js';
import { assignRole, removeRole } from './memberships.js';
import { purgeOverdue } from './retention.js';
import { dropSchedule, putSchedule } from './schedule-rows.js';
import { unitOfScope } from './units.js';

/** Makes a schedule and answers it; one whose time has come is in force at once. */
export function openSchedule(writer: Writer, schedule: RoleSchedule): RoleSchedule {
  putSchedule(writer, schedule, 'schedule.created');
  const isDue = schedule.dueAt !== null && schedule.dueAt <= writer.at;
  return isDue ? startSchedule(writer, schedule) : schedule;
}

/** Another period for a schedule; one in force stays in force. */
export function changeSchedule(writer: Writer, schedule: RoleSchedule, period: Period): RoleSchedule {
  const isInForce = schedule.activeSince !== null;
  const changed: RoleSchedule = {
    ...schedule,
    ...period,
    startAt: isInForce ? schedule.startAt : period.startAt,
    modifiedAt: writer.at,
    dueAt: isInForce ? period.endAt : Math.max(writer.at, period.startAt),
  };
  putSchedule(writer, changed, 'schedule.changed');
  return !isInForce && changed.startAt <= writer.at ? startSchedule(writer, changed) : changed;
}

/** Puts an assignment that was made outside of PIM under a schedule. */
export function adoptAssignment(writer: Writer, assignment: RoleAssignment, schedule: RoleSchedule): void {
  putSchedule(writer, schedule, 'schedule.created');
  writer.put('assignments', assignment.id, { ...assignment, scheduleId: schedule.id });
}

/** Ends it now, and with it the role that it gives. */
export function endSchedule(writer: Writer, schedule: RoleSchedule): void {
  const assignment = assignmentAt(writer.tenant, schedule);
  if (assignment?.scheduleId === schedule.id) removeRole(writer, assignment);
  else dropSchedule(writer, schedule.id);
}

/** Somebody who is there and can hold a role; deleted ones cannot. */
export const isPrincipal = (tenant: Tenant, id: string): boolean =>
  (tenant.users.truth(id) ?? tenant.groups.truth(id) ?? tenant.appOfPrincipal(id)) !== undefined;

export const assignmentAt = (tenant: Tenant, place: RoleAtScope): RoleAssignment | undefined =>
  tenant.assignments.truth(
    roleAssignmentId(place.roleDefinitionId, place.principalId, place.directoryScopeId),
  );

/**
 * Works off everything that has fallen due, each thing at its own instant. Called before anybody reads or writes a
 * tenant, so that nobody can tell that it was not done on the dot.
 */
export function workOff(world: World): void {
  const now = world.clock.now();
  for (let due = world.agenda.next(now); due !== undefined; due = world.agenda.next(now)) {
    const tenant = world.tenants.get(due.tenantId);
    if (tenant === undefined) continue;
    const by = due.table === 'roleSchedules' || due.table === 'roleRequests' ? 'pim' : 'entra';
    const writer = new Writer(world, tenant, { by, requestId: by, at: due.at });
    if (due.table === 'roleSchedules') workOffSchedule(writer, due);
    else if (due.table === 'roleRequests') purgeRequest(writer, due);
    else purgeOverdue(writer, due);
  }
}

function workOffSchedule(writer: Writer, due: Due): void {
  const schedule = writer.tenant.roleSchedules.truth(due.key);
  if (schedule?.dueAt !== due.at) return;
  if (schedule.activeSince === null) startSchedule(writer, schedule);
  else endSchedule(writer, schedule);
}

function purgeRequest(writer: Writer, due: Due): void {
  const request = writer.tenant.roleRequests.truth(due.key);
  if (request?.dueAt === due.at) writer.put('roleRequests', due.key, undefined);
}

function startSchedule(writer: Writer, schedule: RoleSchedule): RoleSchedule {
  const request = writer.tenant.roleRequests.truth(schedule.createdUsing);
  if (!mayStart(writer, schedule)) {
    dropSchedule(writer, schedule.id);
    completeRequest(writer, request, 'Failed');
    return schedule;
  }
  const started = { ...schedule, activeSince: writer.at, dueAt: schedule.endAt };
  putSchedule(writer, started, 'schedule.started');
  const { roleDefinitionId, principalId, directoryScopeId } = schedule;
  if (schedule.kind === 'assignment') {
    assignRole(writer, { roleDefinitionId, principalId, directoryScopeId, scheduleId: schedule.id });
  }
  completeRequest(writer, request, 'Provisioned');
  return started;
}

/** Not for somebody or over a unit that is gone, and not where the role was assigned outside of PIM meanwhile. */
function mayStart(writer: Writer, schedule: RoleSchedule): boolean {
  const { tenant } = writer;
  if (!isPrincipal(tenant, schedule.principalId) || !isScopeThere(tenant, schedule)) return false;
  if (schedule.kind === 'eligibility') return true;
  const held = assignmentAt(tenant, schedule);
  const before = held?.scheduleId === undefined ? undefined : tenant.roleSchedules.truth(held.scheduleId);
  // The one before ends at the very instant at which this one starts.
  if (before?.endAt != null && before.endAt <= writer.at) {
    endSchedule(writer, before);
    return true;
  }
  return held === undefined;
}

const isScopeThere = (tenant: Tenant, { directoryScopeId }: RoleSchedule): boolean =>
  directoryScopeId === '/' || tenant.units.truth(unitOfScope(directoryScopeId) ?? '') !== undefined;

function completeRequest(
  writer: Writer,
  request: RoleRequest | undefined,
  status: RoleRequest['status'],
): void {
  if (request === undefined || request.status === 'Provisioned') return;
  writer.put('roleRequests', request.id, { ...request, status, completedAt: writer.at });
}

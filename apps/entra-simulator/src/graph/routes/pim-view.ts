import { graphInstant } from '../../directory/schedule-rows.js';
import { isPrincipal } from '../../directory/schedules.js';
import type { Json } from '../../foundation/json.js';
import type { RoleAssignment } from '../../state/model.js';
import type { Period, RoleRequest, RoleSchedule, ScheduleKind } from '../../state/model-pim.js';
import type { GraphContext } from '../context.js';

/** How PIM shows its things. Everything is read from the replica of PIM that the request has come to. */

export const requestView = (request: RoleRequest): Json => ({
  id: request.id,
  status: request.status,
  createdDateTime: graphInstant(request.createdAt),
  completedDateTime: request.completedAt === null ? null : graphInstant(request.completedAt),
  approvalId: null,
  customData: request.customData,
  action: request.action,
  principalId: request.principalId,
  roleDefinitionId: request.roleDefinitionId,
  directoryScopeId: request.directoryScopeId,
  appScopeId: null,
  isValidationOnly: request.isValidationOnly,
  targetScheduleId: request.targetScheduleId,
  justification: request.justification,
  createdBy: { application: null, device: null, user: { displayName: null, id: request.createdBy } },
  scheduleInfo: request.period === null ? null : scheduleInfo(request.period),
  ticketInfo: { ticketNumber: request.ticketNumber, ticketSystem: request.ticketSystem },
});

export const requestDefaults: readonly string[] = [
  'id',
  'status',
  'createdDateTime',
  'completedDateTime',
  'approvalId',
  'customData',
  'action',
  'principalId',
  'roleDefinitionId',
  'directoryScopeId',
  'appScopeId',
  'isValidationOnly',
  'targetScheduleId',
  'justification',
  'createdBy',
  'scheduleInfo',
  'ticketInfo',
];

const scheduleInfo = ({ startAt, expiration }: Pick<Period, 'startAt' | 'expiration'>): Json => ({
  startDateTime: graphInstant(startAt),
  recurrence: null,
  expiration: { ...expiration },
});

const scheduleBase = [
  'id',
  'principalId',
  'roleDefinitionId',
  'directoryScopeId',
  'appScopeId',
  'createdUsing',
  'createdDateTime',
  'modifiedDateTime',
  'status',
];
export const scheduleDefaults: Readonly<Record<ScheduleKind, readonly string[]>> = {
  assignment: [...scheduleBase, 'assignmentType', 'memberType', 'scheduleInfo'],
  eligibility: [...scheduleBase, 'memberType', 'scheduleInfo'],
};

/** Not those that are still being carried out. */
export function seenSchedules(ctx: GraphContext, kind: ScheduleKind): Json[] {
  const scheduled = seenRows(ctx, kind)
    .filter(({ activeSince, startAt }) => activeSince !== null || startAt > ctx.now)
    .map(scheduleView);
  return kind === 'eligibility'
    ? scheduled
    : [...scheduled, ...seenOutside(ctx).map((assignment) => outsideView(assignment, ctx.now))];
}

const scheduleView = (schedule: RoleSchedule): Json => ({
  ...placeOf(schedule),
  id: schedule.id,
  createdUsing: schedule.createdUsing,
  createdDateTime: graphInstant(schedule.createdAt),
  modifiedDateTime: schedule.modifiedAt === null ? null : graphInstant(schedule.modifiedAt),
  status: schedule.activeSince === null ? 'Granted' : 'Provisioned',
  ...(schedule.kind === 'assignment' ? { assignmentType: 'Assigned' } : {}),
  memberType: 'Direct',
  scheduleInfo: scheduleInfo(schedule),
});

/** What was assigned past PIM shows as assigned for ever; its start is the moment at which it is asked for. */
const outsideView = (assignment: RoleAssignment, now: number): Json => ({
  ...placeOf(assignment),
  id: assignment.id,
  createdUsing: null,
  createdDateTime: null,
  modifiedDateTime: null,
  status: 'Provisioned',
  assignmentType: 'Assigned',
  memberType: 'Direct',
  scheduleInfo: scheduleInfo({ startAt: now, expiration: forEver }),
});

const forEver = { type: 'noExpiration', endDateTime: null, duration: null } as const;

export const instanceDefaults: readonly string[] = [
  'id',
  'principalId',
  'roleDefinitionId',
  'directoryScopeId',
  'appScopeId',
  'startDateTime',
  'endDateTime',
  'assignmentType',
  'memberType',
  'roleAssignmentOriginId',
  'roleAssignmentScheduleId',
];

/** What is in force at this moment. */
export function seenInstances(ctx: GraphContext): Json[] {
  const assignments = ctx.tenant.assignments.seeAll(ctx.pimView);
  return assignments
    .filter((assignment) => isShown(ctx, assignment.principalId))
    .flatMap((assignment) => {
      const { scheduleId } = assignment;
      if (scheduleId === undefined) return [instanceView(assignment, undefined)];
      const schedule = ctx.tenant.roleSchedules.see(scheduleId, ctx.pimView);
      return schedule === undefined ? [] : [instanceView(assignment, schedule)];
    });
}

const instanceView = (assignment: RoleAssignment, schedule: RoleSchedule | undefined): Json => ({
  ...placeOf(assignment),
  id: assignment.id,
  startDateTime: schedule === undefined ? null : graphInstant(schedule.startAt),
  endDateTime: schedule?.endAt == null ? null : graphInstant(schedule.endAt),
  assignmentType: 'Assigned',
  memberType: 'Direct',
  roleAssignmentOriginId: assignment.id,
  roleAssignmentScheduleId: schedule?.id ?? assignment.id,
});

const placeOf = ({
  principalId,
  roleDefinitionId,
  directoryScopeId,
}: RoleAssignment | RoleSchedule): Json => ({
  principalId,
  roleDefinitionId,
  directoryScopeId,
  appScopeId: null,
});

const seenRows = (ctx: GraphContext, kind: ScheduleKind): RoleSchedule[] =>
  ctx.tenant.roleSchedules
    .seeAll(ctx.pimView)
    .filter((schedule) => schedule.kind === kind && isShown(ctx, schedule.principalId));

const seenOutside = (ctx: GraphContext): RoleAssignment[] =>
  ctx.tenant.assignments
    .seeAll(ctx.pimView)
    .filter(({ scheduleId, principalId }) => scheduleId === undefined && isShown(ctx, principalId));

const lingersMs = 7 * 24 * 60 * 60_000;

/** What deleted users held lingers in PIM for a week. */
function isShown({ tenant, now }: GraphContext, principalId: string): boolean {
  const deletedAt = tenant.deletedUsers.truth(principalId)?.deletedAt;
  if (deletedAt !== undefined) return now - deletedAt <= lingersMs;
  return isPrincipal(tenant, principalId);
}

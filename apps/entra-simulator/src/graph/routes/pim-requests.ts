import { randomUUID } from 'node:crypto';
import { roleById } from '../../directory/role-catalogue.js';
import { brokenRules, pimSettingsOf, rulesFor } from '../../directory/role-policy.js';
import { schedulesOf } from '../../directory/schedule-rows.js';
import {
  adoptAssignment,
  assignmentAt,
  changeSchedule,
  endSchedule,
  openSchedule,
} from '../../directory/schedules.js';
import { removeRole } from '../../directory/memberships.js';
import { isScopable, unitOfScope } from '../../directory/units.js';
import type { RoleAssignment } from '../../state/model.js';
import type { AdminAction, Period, RoleRequest, RoleSchedule } from '../../state/model-pim.js';
import { demand, type GraphContext } from '../context.js';
import { badRequest, malformed } from '../errors.js';
import { principalIsThere } from './objects.js';
import { refusePrincipal } from './roles.js';
import type { Asked } from './pim-asked.js';
import {
  assignmentDoesNotExist,
  assignmentExists,
  durationTooShort,
  invalidScope,
  policyFailed,
  requestIsPending,
  roleNotFound,
  subjectNotFound,
} from './pim-errors.js';

const notScopable = 'The given built-in role is not supported to be assigned to a single resource scope.';
const minutes = 60_000;
const days = 24 * 60 * minutes;
const shortestMs = 5 * minutes;
const keptMs = 45 * days;
const canceledKeptMs = 30 * days;

/** What there is of this role already: by PIM, and past it. */
interface Held {
  readonly schedules: readonly RoleSchedule[];
  /** A permanent assignment that the roleAssignments API made. */
  readonly outside: RoleAssignment | undefined;
}

/** What a request came to. */
type Outcome = Pick<RoleRequest, 'status' | 'completedAt' | 'targetScheduleId'>;
type Handling = (ctx: GraphContext, request: Asked & { id: string }, held: Held) => Outcome;

/** Refuses the request or carries it out; one for validation alone leaves no trace. */
export function carryOutRequest(ctx: GraphContext, asked: Asked): RoleRequest {
  demandParties(ctx, asked);
  const held = heldAt(ctx, asked);
  checks[asked.action](ctx, asked, held);
  const id = randomUUID();
  const bare = requestOf(ctx, asked, id);
  if (asked.isValidationOnly) return bare;
  // The row comes first: carrying it out completes it.
  ctx.writer.put('roleRequests', id, bare);
  const done = { ...bare, ...handlings[asked.action](ctx, { ...asked, id }, held) };
  ctx.writer.put('roleRequests', id, done);
  return done;
}

/** Takes back a request that has not begun. */
export function cancelRequest(ctx: GraphContext, request: RoleRequest): void {
  const schedule = ctx.tenant.roleSchedules.truth(request.targetScheduleId ?? '');
  if (schedule !== undefined) endSchedule(ctx.writer, schedule);
  ctx.writer.put('roleRequests', request.id, {
    ...request,
    status: 'Canceled',
    completedAt: ctx.now,
    dueAt: ctx.now + canceledKeptMs,
  });
}

const requestOf = (ctx: GraphContext, asked: Asked, id: string): RoleRequest => {
  const { place, ...rest } = asked;
  return {
    id,
    ...rest,
    ...place,
    status: 'Granted',
    targetScheduleId: null,
    createdBy: ctx.caller.servicePrincipalId,
    createdAt: ctx.now,
    completedAt: null,
    dueAt: ctx.now + keptMs,
  };
};

function demandParties(ctx: GraphContext, { place }: Asked): void {
  const { directoryScopeId: scope } = place;
  demand(isScope(ctx, scope), invalidScope);
  const role = roleById(place.roleDefinitionId);
  if (role === undefined) throw roleNotFound();
  demand(scope === '/' || isScopable(role), () => badRequest(notScopable));
  demand(principalIsThere(ctx.tenant, place.principalId, ctx.pimView), subjectNotFound);
  refusePrincipal(ctx, place.principalId);
}

const isScope = ({ tenant, pimView }: GraphContext, scope: string): boolean =>
  scope === '/' || tenant.units.see(unitOfScope(scope) ?? '', pimView) !== undefined;

function heldAt({ tenant }: GraphContext, { kind, place }: Asked): Held {
  const assignment = kind === 'assignment' ? assignmentAt(tenant, place) : undefined;
  return {
    schedules: schedulesOf(tenant, kind, place),
    outside: assignment?.scheduleId === undefined ? assignment : undefined,
  };
}

type Check = (ctx: GraphContext, asked: Asked, held: Held) => void;

const checks: Record<AdminAction, Check> = {
  adminAssign: checkAssign,
  adminRenew: checkAssign,
  adminUpdate: checkChange,
  adminExtend: checkChange,
  adminRemove: checkRemove,
};

const handlings: Record<AdminAction, Handling> = {
  adminAssign: assign,
  adminRenew: assign,
  adminUpdate: change,
  adminExtend: change,
  adminRemove: remove,
};

function checkAssign(ctx: GraphContext, asked: Asked, { schedules, outside }: Held): void {
  const period = demandPeriod(asked);
  if (schedules.some((schedule) => schedule.activeSince === null)) throw requestIsPending();
  const isLaterAccepted = ctx.tenant.config.switches.pimLaterAssignment === 'accepted';
  const isInTheWay = schedules.some(
    ({ endAt }) => !isLaterAccepted || endAt === null || endAt > period.startAt,
  );
  demand(!isInTheWay && outside === undefined, assignmentExists);
  checkPolicy(ctx, asked, period);
}

function checkChange(ctx: GraphContext, asked: Asked, held: Held): void {
  const period = demandPeriod(asked);
  refuseWhilePending(ctx, held);
  demand(held.schedules.length > 0 || held.outside !== undefined, assignmentDoesNotExist);
  checkPolicy(ctx, asked, period);
}

function checkRemove(ctx: GraphContext, { kind }: Asked, held: Held): void {
  refuseWhilePending(ctx, held);
  demand(held.schedules.length > 0 || held.outside !== undefined, assignmentDoesNotExist);
  if (kind === 'eligibility' || !fiveMinutesCount(ctx)) return;
  const isYoung = held.schedules.some(
    ({ activeSince }) => activeSince !== null && ctx.now - activeSince < shortestMs,
  );
  demand(!isYoung, durationTooShort);
}

/** Older state lacks the switch. */
const fiveMinutesCount = ({ tenant }: GraphContext): boolean => {
  const { pimFiveMinutes = true } = tenant.config.switches;
  return pimFiveMinutes;
};

/** One that is being carried out this very moment; one that waits for its start can still be changed. */
function refuseWhilePending({ now }: GraphContext, { schedules }: Held): void {
  const isBeingDone = schedules.some(({ activeSince, startAt }) => activeSince === null && startAt <= now);
  demand(!isBeingDone, requestIsPending);
}

function demandPeriod({ period }: Asked): Period {
  if (period === null) throw malformed('The scheduleInfo of the request is required.');
  return period;
}

function checkPolicy({ tenant }: GraphContext, asked: Asked, { startAt, endAt }: Period): void {
  const isActive = asked.kind === 'assignment';
  demand(!isActive || endAt === null || endAt - startAt >= shortestMs, durationTooShort);
  const rules = rulesFor(tenant, asked.place.roleDefinitionId, asked.kind);
  const broken = brokenRules(tenant, rules, {
    startAt,
    endAt,
    hasJustification: (asked.justification ?? '').trim() !== '',
    hasTicket: asked.ticketNumber !== null && asked.ticketSystem !== null,
  });
  demand(broken.length === 0, () => policyFailed(broken));
}

function assign(ctx: GraphContext, asked: Asked & { id: string }): Outcome {
  const schedule = newSchedule(ctx, asked);
  return outcomeOf(ctx, openSchedule(ctx.writer, schedule));
}

function change(ctx: GraphContext, asked: Asked & { id: string }, { schedules, outside }: Held): Outcome {
  const period = demandPeriod(asked);
  const [schedule] = schedules;
  if (schedule !== undefined) {
    return outcomeOf(ctx, changeSchedule(ctx.writer, schedule, period));
  }
  const adopted = { ...newSchedule(ctx, asked), activeSince: ctx.now, dueAt: period.endAt };
  adoptAssignment(ctx.writer, outside!, adopted);
  return outcomeOf(ctx, adopted);
}

function remove(ctx: GraphContext, _asked: Asked & { id: string }, { schedules, outside }: Held): Outcome {
  for (const schedule of schedules) endSchedule(ctx.writer, schedule);
  if (outside !== undefined) removeRole(ctx.writer, outside);
  return { status: 'Revoked', completedAt: null, targetScheduleId: null };
}

function newSchedule(ctx: GraphContext, asked: Asked & { id: string }): RoleSchedule {
  const period = demandPeriod(asked);
  return {
    id: asked.id,
    kind: asked.kind,
    ...asked.place,
    ...period,
    createdUsing: asked.id,
    createdAt: ctx.now,
    modifiedAt: null,
    activeSince: null,
    dueAt: Math.max(period.startAt, ctx.now + pimSettingsOf(ctx.tenant).provisioningMs),
  };
}

function outcomeOf({ now }: GraphContext, { id, activeSince, startAt }: RoleSchedule): Outcome {
  if (activeSince !== null) return { status: 'Provisioned', completedAt: now, targetScheduleId: id };
  return startAt > now
    ? { status: 'Granted', completedAt: startAt, targetScheduleId: id }
    : { status: 'PendingProvisioning', completedAt: null, targetScheduleId: id };
}

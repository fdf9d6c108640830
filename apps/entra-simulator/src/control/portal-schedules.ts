import { randomUUID } from 'node:crypto';
import {
  adoptAssignment,
  assignmentAt,
  changeSchedule,
  endSchedule,
  openSchedule,
} from '../directory/schedules.js';
import { graphInstant, schedulesOf } from '../directory/schedule-rows.js';
import type { Expiration, Period, RoleAtScope, RoleSchedule, ScheduleKind } from '../state/model-pim.js';
import type { Writer } from '../state/writer.js';
import type { PortalAction } from './contract.js';
import { ControlError } from './control-error.js';

type Scheduling = Extract<PortalAction, { do: 'scheduleRole' }>;

/** The customer's admin gives a role for a time, or changes the time of one that is there. */
export function scheduleInPortal(writer: Writer, place: RoleAtScope, action: Scheduling): void {
  const kind = kindOf(action.kind);
  const period = periodOf(writer, action);
  const [held] = schedulesOf(writer.tenant, kind, place);
  if (held === undefined) scheduleAnew(writer, newSchedule(writer, { kind, place, period }));
  else changeSchedule(writer, held, period);
}

function scheduleAnew(writer: Writer, schedule: RoleSchedule): void {
  const outside = schedule.kind === 'assignment' ? assignmentAt(writer.tenant, schedule) : undefined;
  if (outside === undefined) openSchedule(writer, schedule);
  else adoptAssignment(writer, outside, { ...schedule, activeSince: writer.at, dueAt: schedule.endAt });
}

interface Planned {
  kind: ScheduleKind;
  place: RoleAtScope;
  period: Period;
}

function newSchedule(writer: Writer, { kind, place, period }: Planned): RoleSchedule {
  const id = randomUUID();
  return {
    id,
    kind,
    ...place,
    ...period,
    createdUsing: id,
    createdAt: writer.at,
    modifiedAt: null,
    activeSince: null,
    dueAt: period.startAt,
  };
}

export function unscheduleInPortal(writer: Writer, place: RoleAtScope, kind?: 'active' | 'eligible'): void {
  const held = schedulesOf(writer.tenant, kindOf(kind), place);
  if (held.length === 0) throw new ControlError(404, 'There is no such schedule');
  for (const schedule of held) endSchedule(writer, schedule);
}

const kindOf = (kind: 'active' | 'eligible' = 'active'): ScheduleKind =>
  kind === 'active' ? 'assignment' : 'eligibility';

function periodOf(writer: Writer, { startDateTime, endDateTime }: Scheduling): Period {
  const startAt = Math.max(writer.at, startDateTime === undefined ? writer.at : Date.parse(startDateTime));
  if (endDateTime === undefined) return { startAt, endAt: null, expiration: forEver };
  const endAt = Date.parse(endDateTime);
  if (endAt <= startAt)
    throw new ControlError(400, 'A schedule must end after it starts, and not in the past');
  return {
    startAt,
    endAt,
    expiration: { type: 'afterDateTime', endDateTime: graphInstant(endAt), duration: null },
  };
}

const forEver: Expiration = { type: 'noExpiration', endDateTime: null, duration: null };

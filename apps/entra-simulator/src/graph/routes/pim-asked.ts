import { graphInstant } from '../../directory/schedule-rows.js';
import { scopeOfUnit, unitOfScope } from '../../directory/units.js';
import { durationMs } from '../../foundation/duration.js';
import { asObject, isText, type Json } from '../../foundation/json.js';
import type { AdminAction, Expiration, Period, RoleAtScope, ScheduleKind } from '../../state/model-pim.js';
import { malformed } from '../errors.js';
import { invalidScope, onlyForUsers, roleNotFound, subjectNotFound } from './pim-errors.js';

/** A request's body, read and with every default filled in; nothing of the tenant has been looked at. */
export interface Asked {
  readonly kind: ScheduleKind;
  readonly action: AdminAction;
  readonly place: RoleAtScope;
  /** Null: the body has none, as in a removal. */
  readonly period: Period | null;
  readonly isValidationOnly: boolean;
  readonly justification: string | null;
  readonly ticketNumber: string | null;
  readonly ticketSystem: string | null;
  readonly customData: string | null;
}

export function readAsked(kind: ScheduleKind, body: Json, now: number): Asked {
  const ticket = asObject(body['ticketInfo']);
  const { scheduleInfo } = body;
  return {
    kind,
    action: readAction(body['action']),
    place: readPlace(body),
    period: scheduleInfo == null ? null : readPeriod(asObject(scheduleInfo), now),
    isValidationOnly: body['isValidationOnly'] === true,
    justification: textOrNull(body['justification']),
    ticketNumber: textOrNull(ticket['ticketNumber']),
    ticketSystem: textOrNull(ticket['ticketSystem']),
    customData: textOrNull(body['customData']),
  };
}

const textOrNull = (value: unknown): string | null => (isText(value) ? value : null);

const adminActions: readonly AdminAction[] = [
  'adminAssign',
  'adminUpdate',
  'adminRemove',
  'adminExtend',
  'adminRenew',
];

/** Enum members are compared without case, and shown in camelCase. */
function memberOf<T extends string>(members: readonly T[], value: unknown): T | undefined {
  return isText(value) ? members.find((member) => member.toLowerCase() === value.toLowerCase()) : undefined;
}

function readAction(value: unknown): AdminAction {
  const action = memberOf(adminActions, value);
  if (action !== undefined) return action;
  if (isText(value) && value.toLowerCase().startsWith('self')) throw onlyForUsers();
  throw malformed('The action of the request is missing or not known.');
}

function readPlace({ roleDefinitionId, principalId, directoryScopeId, appScopeId }: Json): RoleAtScope {
  if (!isText(principalId) || principalId === '') throw subjectNotFound();
  if (!isText(roleDefinitionId) || roleDefinitionId === '') throw roleNotFound();
  if (!isText(directoryScopeId) || appScopeId != null) throw invalidScope();
  const unit = unitOfScope(directoryScopeId);
  return {
    roleDefinitionId: roleDefinitionId.toLowerCase(),
    principalId: principalId.toLowerCase(),
    directoryScopeId: unit === undefined ? directoryScopeId : scopeOfUnit(unit),
  };
}

/** What lies in the past begins now, and a duration counts from there. */
function readPeriod({ startDateTime, expiration, recurrence }: Json, now: number): Period {
  if (recurrence != null) throw malformed('Recurring schedules are not supported.');
  const startAt = isText(startDateTime) ? Math.max(now, instantOf(startDateTime)) : now;
  const { type, endDateTime, duration } = asObject(expiration);
  switch (memberOf(['notSpecified', 'noExpiration', 'afterDateTime', 'afterDuration'], type)) {
    case 'noExpiration':
    case 'notSpecified':
      return { startAt, endAt: null, expiration: forEver };
    case 'afterDateTime':
      return untilInstant(startAt, endDateTime);
    case 'afterDuration':
      return forDuration(startAt, duration);
    case undefined:
      throw malformed('The type of the expiration is missing or not known.');
  }
}

const forEver: Expiration = { type: 'noExpiration', endDateTime: null, duration: null };

function untilInstant(startAt: number, endDateTime: unknown): Period {
  if (!isText(endDateTime)) throw malformed('The expiration lacks its endDateTime.');
  const endAt = instantOf(endDateTime);
  const expiration = { type: 'afterDateTime', endDateTime: graphInstant(endAt), duration: null } as const;
  return { startAt, endAt, expiration };
}

function forDuration(startAt: number, duration: unknown): Period {
  const ms = isText(duration) ? durationMs(duration) : undefined;
  if (!isText(duration) || ms === undefined) throw malformed('The expiration lacks its duration.');
  const expiration = { type: 'afterDuration', endDateTime: null, duration } as const;
  return { startAt, endAt: startAt + ms, expiration };
}

function instantOf(text: string): number {
  const instant = Date.parse(text);
  if (Number.isNaN(instant)) throw malformed(`'${text}' is no date and time.`);
  return instant;
}

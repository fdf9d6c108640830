import type { DirectoryAnswer, DirectoryCall, ObservedEligibility, ObservedSchedule } from '#core/accounts';
import { HOUR, MINUTE, SECOND, type Instant } from '#core/shared';
import { entraId, instant, must, text } from './answer-fields.js';
import { fieldsOf, textOf } from './graph-answer.js';

type Fields = Readonly<Record<string, unknown>>;
type Gives = Extract<DirectoryCall, { readonly do: 'assignRoleUntil' | 'changeTimedRole' | 'makeEligible' }>;

const GUID_AT_END = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Absent only for scopes of one app, which are not the whole tenant. The id in it in lower case, as all of Entra's. */
export const scopeIn = (fields: Fields): string => {
  const scope = textOf(fields['directoryScopeId']) ?? textOf(fields['appScopeId']) ?? '';
  return scope.replace(GUID_AT_END, (id) => id.toLowerCase());
};

/** Microsoft's enums come in either case: `NoExpiration` in its examples, `noExpiration` in its schema. */
const lower = (value: unknown): string => (textOf(value) ?? '').toLowerCase();

/** As far as Graph's schema goes: no years, months or weeks. */
const DURATION = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;
const UNITS = [24 * HOUR, HOUR, MINUTE, SECOND];

const durationMs = (value: unknown): number | null => {
  const parts = DURATION.exec(textOf(value) ?? '')?.slice(1);
  return parts === undefined
    ? null
    : parts.reduce((sum, part: string | undefined, at) => sum + Number(part ?? 0) * (UNITS[at] ?? 0), 0);
};

/** Null: for good, and so is what says nothing of an end. Throws `MalformedAnswer` for an end that can't be read. */
const endIn = (expiration: Fields, startsAt: Instant | null): Instant | null => {
  switch (lower(expiration['type'])) {
    case 'afterdatetime':
      return must(instant(expiration['endDateTime']), 'endDateTime');
    case 'afterduration': {
      const told = instant(expiration['endDateTime']);
      const lasts = durationMs(expiration['duration']);
      return told ?? must(startsAt === null || lasts === null ? null : startsAt + lasts, 'duration');
    }
    case 'noexpiration':
    case 'notspecified':
    case '':
      return null;
    default:
      return must(null, 'expiration type');
  }
};

/** One element of a list of schedules. Throws `MalformedAnswer`. */
export const eligibilityOf = (fields: Fields): ObservedEligibility => {
  const schedule = fieldsOf(fields['scheduleInfo']);
  const startsAt = instant(schedule['startDateTime']);
  return {
    scheduleId: text(fields, 'id'),
    roleId: entraId(fields, 'roleDefinitionId'),
    scope: scopeIn(fields),
    startsAt,
    endsAt: endIn(fieldsOf(schedule['expiration']), startsAt),
  };
};

/** The same of an assignment. Throws `MalformedAnswer`. */
export const scheduleOf = (fields: Fields): ObservedSchedule => ({
  ...eligibilityOf(fields),
  activated: lower(fields['assignmentType']) === 'activated',
});

/** In force, as far as the request goes; whatever else is neither refused nor one of these is on its way. */
const DONE = new Set(['provisioned', 'granted', 'schedulecreated']);
/** A 201 that gives nothing. `Revoked` is what a removal becomes. */
const REFUSED = new Set(['denied', 'failed', 'canceled', 'revoked']);

/** What a request that was taken came to. */
export const requestedOf = (did: Gives['do'], body: unknown): DirectoryAnswer => {
  const fields = fieldsOf(body);
  return {
    did,
    already: false,
    // The write was carried out: what is told beside that may be missing.
    status: DONE.has(lower(fields['status'])) ? 'done' : 'pending',
    requestId: textOf(fields['id']),
    scheduleId: textOf(fields['targetScheduleId']),
  };
};

const GIVES: ReadonlySet<DirectoryCall['do']> = new Set([
  'assignRoleUntil',
  'changeTimedRole',
  'makeEligible',
]);

/** The status of a request that was taken and came to nothing; null for any other answer. */
export const refusedStatus = (call: DirectoryCall, body: unknown): string | null => {
  const status = textOf(fieldsOf(body)['status']) ?? '';
  const gives = GIVES.has(call.do);
  const ends = call.do === 'endTimedRole' || call.do === 'endEligibility';
  if (!gives && !ends) return null;
  const isRefused = REFUSED.has(status.toLowerCase()) && !(ends && status.toLowerCase() === 'revoked');
  return isRefused ? status : null;
};

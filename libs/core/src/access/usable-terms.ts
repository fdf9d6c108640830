import { unitOf } from '#core/accounts';
import { isTimeZone, WEEKDAYS, type AllowedHours } from '#core/grants';
import type { CustomerId } from '#core/shared';
import type { PolicyTerms } from './access-policy.js';
import { accessErrors } from './access.errors.js';
import { usablePatterns } from './ticket-pattern.js';

/** Shortest and longest that any policy may give. */
export const SHORTEST_SECONDS = 30;
const LONGEST_SECONDS = 7 * 24 * 3600;

/** The terms, each role and group once. Throws `access_policy.…` when nobody could use them. */
export const usableTerms = (terms: PolicyTerms, customerId: CustomerId | null): PolicyTerms => {
  const { defaultDurationSeconds: usual, maximumDurationSeconds: most } = terms;
  const gives = { roles: [...new Set(terms.gives.roles)], groups: [...new Set(terms.gives.groups)] };
  if (gives.roles.length + gives.groups.length === 0)
    throw accessErrors.refuse('access_policy.gives_nothing');
  if (customerId === null && gives.roles.some((role) => unitOf(role) !== null))
    throw accessErrors.refuse('access_policy.unit_needs_customer');
  if (usual < SHORTEST_SECONDS || most > LONGEST_SECONDS)
    throw accessErrors.refuse('access_policy.duration_out_of_range');
  if (usual > most) throw accessErrors.refuse('access_policy.durations_invalid');
  if (terms.ticket === 'off' && terms.ticketPatterns.length > 0)
    throw accessErrors.refuse('access_policy.ticket_pattern_unused');
  return {
    ...terms,
    gives,
    ticketPatterns: usablePatterns(terms.ticketPatterns),
    allowedHours: terms.allowedHours === null ? null : usableHours(terms.allowedHours),
    technicianGroups: [...new Set(terms.technicianGroups)],
  };
};

/** Each day of a window once, in the order of the week. */
const usableHours = ({ timeZone, windows }: AllowedHours): AllowedHours => {
  if (!isTimeZone(timeZone)) throw accessErrors.refuse('access_policy.time_zone_unknown', { timeZone });
  if (windows.length === 0 || windows.some(({ days }) => days.length === 0))
    throw accessErrors.refuse('access_policy.hours_empty');
  const inOrder = windows.map((each) => ({
    ...each,
    days: WEEKDAYS.filter((day) => each.days.includes(day)),
  }));
  return { timeZone, windows: inOrder };
};

import type { DirectoryCall, DirectoryStep } from '#core/accounts';
import type { GraphRequest, ThrottlePriority } from './graph-answer.js';

/**
 * What takes access away. Microsoft's advice is to keep "high" for what a user waits for; here it is what must not be
 * refused as long as anything is answered: a throttled end is access that goes on.
 */
const TAKING: ReadonlySet<DirectoryCall['do']> = new Set([
  'disable',
  'revokeSessions',
  'unassignRole',
  'endTimedRole',
  'endEligibility',
  'removeFromGroup',
  'removeFromUnit',
  'deleteMethod',
  'deleteUser',
]);

const READS: ReadonlySet<DirectoryCall['do']> = new Set([
  'findUser',
  'readUser',
  'listRoleAssignments',
  'listGroups',
  'listMethods',
  'listRoleSchedules',
  'listEligibilities',
]);

export const isTakingCall = ({ do: kind }: DirectoryCall): boolean => TAKING.has(kind);
export const isGivingCall = ({ do: kind }: DirectoryCall): boolean => !TAKING.has(kind) && !READS.has(kind);

/** The request with its priority: high for what takes away, low for what nobody waits for, else Graph's default. */
export const prioritised = (
  of: { readonly takes: boolean; readonly unhurried: DirectoryStep['unhurried'] },
  request: GraphRequest,
): GraphRequest => {
  if (of.takes) return { ...request, priority: 'High' };
  return of.unhurried === true ? { ...request, priority: 'Low' } : request;
};

/**
 * The highest that its parts ask for; null when none asks. Graph's pages know the header for a request, and throttle each
 * part by itself: it stands on both, so that it counts whichever of them is read.
 */
export const envelopePriority = (parts: readonly GraphRequest[]): ThrottlePriority | null => {
  const asked = parts.map(({ priority }) => priority);
  if (asked.includes('High')) return 'High';
  return asked.length > 0 && asked.every((priority) => priority === 'Low') ? 'Low' : null;
};

/** A part that asks for nothing must not inherit the envelope's. */
export const partPriority = (request: GraphRequest, envelope: ThrottlePriority | null): GraphRequest =>
  request.priority === undefined && envelope !== null ? { ...request, priority: 'Normal' } : request;

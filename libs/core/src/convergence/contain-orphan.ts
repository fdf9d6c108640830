import {
  accountMarked,
  type Directory,
  type DirectoryCall,
  generatePassword,
  type ObservedUser,
  placeOf,
  roleKeyOf,
  type StepOutcome,
  type StrayUser,
} from '#core/accounts';
import { SECOND, type Ids, type ObjectId, type OrganizationId, type SecretBox } from '#core/shared';
import type { EntraApp } from '#core/tenancy';
import { bearsOwnMarker } from './hints.js';

const CALL_MS = 10 * SECOND;
const MOST_ELIGIBILITIES = 50;

/** By what a user is contained that no account knows. */
export interface OrphanPorts {
  readonly directory: Directory;
  readonly ids: Ids;
  readonly box: SecretBox;
}

/** Who is to be contained, and what is known of it besides. */
export interface Orphan {
  readonly organizationId: OrganizationId;
  readonly stray: StrayUser;
  /** The name under which the closed account was made whose object it is; null: there is none. */
  readonly madeAs: string | null;
  /** PIM may hold roles of it, and may let its owner activate others. */
  readonly licensed: boolean;
}

/** What came of it: nothing is left to do, something failed, or it turned out not to be ours beyond doubt. */
export type Containment = 'contained' | 'failed' | 'unproven';

/**
 * Disables a user of ours that no account knows, revokes its sessions and strips it. It has no row, so nothing gives it
 * anything and nobody else works on it; done twice it does no harm. Its marker is judged once more, from the user itself.
 */
export const containOrphan = async (
  ports: OrphanPorts,
  app: EntraApp,
  orphan: Orphan,
): Promise<Containment> => {
  const { directory } = ports;
  const user = orphan.stray.objectId;
  const [read] = await directory.perform(app, numbered([{ do: 'readUser', user }]), CALL_MS);
  const found = userIn(read);
  if (found === undefined) return 'failed';
  if (found === null) return 'contained';
  if (!isOurs(ports.box, app, { found, orphan })) return 'unproven';
  const firstOf: readonly DirectoryCall[] = [
    ...(found.enabled ? [{ do: 'disable', user } as const] : []),
    { do: 'revokeSessions', user },
    { do: 'setPassword', user, password: generatePassword(ports.ids) },
    { do: 'listRoleAssignments', user },
    { do: 'listGroups', user },
    { do: 'listMethods', user },
    ...(orphan.licensed ? [{ do: 'listEligibilities', user } as const] : []),
  ];
  const outcomes = await directory.perform(app, numbered(firstOf), CALL_MS);
  const rest = numbered(outcomes.flatMap((outcome) => takeAwayWhatIs(outcome, user)));
  const removed = rest.length === 0 ? [] : await directory.perform(app, rest, CALL_MS);
  const refused = rest.filter(({ ref }) => removed.every((each) => each.ref !== ref || !each.ok));
  const byPim = orphan.licensed ? numbered(refused.flatMap(({ call }) => throughPim(call))) : [];
  if (byPim.length > 0) await directory.perform(app, byPim, CALL_MS);
  // What PIM says of these proves nothing: the next pass finds whether they are gone.
  return [...outcomes, ...removed].every(isDone) ? 'contained' : 'failed';
};

/** A role that the directory does not let go may be PIM's. */
const throughPim = (call: DirectoryCall): readonly DirectoryCall[] =>
  call.do === 'unassignRole' ? [{ do: 'endTimedRole', user: call.user, ...placeOf(roleKeyOf(call)) }] : [];

/** There is nothing more of it to do, now or later. */
const isDone = (outcome: StepOutcome): boolean => {
  if (outcome.ok)
    return (
      outcome.answer.did !== 'listEligibilities' || outcome.answer.eligibilities.length <= MOST_ELIGIBILITIES
    );
  const { facts, reason } = outcome.error;
  // Where the tenant, or its consent, lets nobody ask, nobody of ours ever could make anybody eligible.
  const isRefused = facts.retry === 'never' || reason === 'licence_missing';
  return outcome.ref.endsWith('/listEligibilities') && isRefused;
};

const isOurs = (
  box: SecretBox,
  { tenantId }: EntraApp,
  { found: { marker, upn }, orphan }: { readonly found: ObservedUser; readonly orphan: Orphan },
): boolean => {
  const { madeAs, organizationId } = orphan;
  if (marker === null) return false;
  const of = { organizationId, tenantId, marker };
  return madeAs === null
    ? accountMarked(box, { ...of, upn }) !== null
    : bearsOwnMarker(box, { ...of, names: [upn, madeAs] });
};

/** Undefined: not read. */
const userIn = (outcome: StepOutcome | undefined): ObservedUser | null | undefined =>
  outcome?.ok === true && outcome.answer.did === 'readUser' ? outcome.answer.user : undefined;

const takeAwayWhatIs = (outcome: StepOutcome, user: ObjectId): readonly DirectoryCall[] => {
  if (!outcome.ok) return [];
  const { answer } = outcome;
  switch (answer.did) {
    case 'listRoleAssignments':
      return answer.roles.map(({ assignmentId, ...place }) => ({
        do: 'unassignRole',
        user,
        ...placeOf(roleKeyOf(place)),
        assignmentId,
      }));
    case 'listGroups':
      return answer.groups.map((groupId) => ({ do: 'removeFromGroup', user, groupId }));
    case 'listEligibilities':
      return answer.eligibilities
        .slice(0, MOST_ELIGIBILITIES)
        .map((each) => ({ do: 'endEligibility', user, ...placeOf(roleKeyOf(each)) }));
    case 'listMethods':
      return answer.methods.map((method) => ({ do: 'deleteMethod', user, method }));
    default:
      return [];
  }
};

const numbered = (calls: readonly DirectoryCall[]) =>
  calls.map((call, index) => ({ ref: `${index}/${call.do}`, call }));

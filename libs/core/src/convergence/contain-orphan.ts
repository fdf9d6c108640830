import {
  accountMarked,
  generatePassword,
  type Directory,
  type DirectoryCall,
  type ObservedUser,
  type StepOutcome,
  type StrayUser,
} from '#core/accounts';
import { SECOND, type Ids, type ObjectId, type SecretBox } from '#core/shared';
import type { EntraApp } from '#core/tenancy';

const CALL_MS = 10 * SECOND;

/** By what a user is contained that no account knows. */
export interface OrphanPorts {
  readonly directory: Directory;
  readonly ids: Ids;
  readonly box: SecretBox;
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
  { objectId: user }: StrayUser,
): Promise<Containment> => {
  const { directory } = ports;
  const [read] = await directory.perform(app, numbered([{ do: 'readUser', user }]), CALL_MS);
  const found = userIn(read);
  if (found === undefined) return 'failed';
  if (found === null) return 'contained';
  if (!isOurs(ports.box, app, found)) return 'unproven';
  const firstOf: readonly DirectoryCall[] = [
    ...(found.enabled ? [{ do: 'disable', user } as const] : []),
    { do: 'revokeSessions', user },
    { do: 'setPassword', user, password: generatePassword(ports.ids) },
    { do: 'listRoleAssignments', user },
    { do: 'listGroups', user },
    { do: 'listMethods', user },
  ];
  const outcomes = await directory.perform(app, numbered(firstOf), CALL_MS);
  const rest = numbered(outcomes.flatMap((outcome) => takeAwayWhatIs(outcome, user)));
  const removed = rest.length === 0 ? [] : await directory.perform(app, rest, CALL_MS);
  return [...outcomes, ...removed].every(({ ok }) => ok) ? 'contained' : 'failed';
};

const isOurs = (box: SecretBox, { tenantId }: EntraApp, { marker, upn }: ObservedUser): boolean =>
  marker !== null && accountMarked(box, { tenantId, marker, upn }) !== null;

/** Undefined: not read. */
const userIn = (outcome: StepOutcome | undefined): ObservedUser | null | undefined =>
  outcome?.ok === true && outcome.answer.did === 'readUser' ? outcome.answer.user : undefined;

const takeAwayWhatIs = (outcome: StepOutcome, user: ObjectId): readonly DirectoryCall[] => {
  if (!outcome.ok) return [];
  const { answer } = outcome;
  switch (answer.did) {
    case 'listRoleAssignments':
      return answer.roles.map(({ roleId, assignmentId }) => ({
        do: 'unassignRole',
        user,
        roleId,
        assignmentId,
      }));
    case 'listGroups':
      return answer.groups.map((groupId) => ({ do: 'removeFromGroup', user, groupId }));
    case 'listMethods':
      return answer.methods.map((method) => ({ do: 'deleteMethod', user, method }));
    default:
      return [];
  }
};

const numbered = (calls: readonly DirectoryCall[]) =>
  calls.map((call, index) => ({ ref: `${index}/${call.do}`, call }));

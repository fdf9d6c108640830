import type { Directory, DirectoryCall, StepOutcome } from '#core/accounts';
import { idOf, Secret, type ObjectId } from '#core/shared';
import type { EntraApp } from '#core/tenancy';
import { differs, held, type Finding } from '../check.js';
import { MARKER, newPassword } from './account.js';

/** What the walk works with. */
export interface WalkStage {
  readonly directory: Directory;
  readonly app: EntraApp;
  readonly upn: string;
  readonly roleId: string;
  readonly wait: (ms: number) => Promise<void>;
  /** Told the name of an account that could not be deleted. */
  readonly onLeft: (upn: string) => void;
}

const CALL_WITHIN_MS = 10_000;
const RETRY_EVERY_MS = 2_000;
const MOST_TRIES = 90;

/** A step that failed for good. */
class WalkEnded extends Error {}

/**
 * A grant's whole life through Curfew's own adapter: make, give, take away, read back, delete. Every step is repeated
 * while the adapter calls its failure healable. The account is deleted whatever fails, and is never enabled with a
 * credential that anybody knows.
 */
export const walkGrant = async (stage: WalkStage): Promise<Finding> => {
  const said: string[] = [];
  const perform = async (call: DirectoryCall): Promise<StepOutcome & { ok: true }> => {
    const { outcome, tries } = await persist(stage, call);
    said.push(
      `${call.do} ${outcome.ok ? 'ok' : `${outcome.error.reason} (${outcome.error.message})`} at try ${tries}`,
    );
    if (!outcome.ok) throw new WalkEnded();
    return outcome;
  };
  let user: ObjectId | null = null;
  try {
    user = await makeUser(stage, perform);
    await liveAndEnd(user, stage, perform);
    return held(said.join('; '));
  } catch (error) {
    if (!(error instanceof WalkEnded)) throw error;
    return differs(said.join('; '));
  } finally {
    if (!(await isDeleted(stage, user))) stage.onLeft(stage.upn);
  }
};

/** A create whose answer was lost may have made the account all the same: it is found by its name and our marker. */
const isDeleted = async (stage: WalkStage, known: ObjectId | null): Promise<boolean> => {
  const user = known ?? (await findOwn(stage));
  if (user === null) return true;
  const { outcome } = await persist(stage, { do: 'deleteUser', user });
  return outcome.ok;
};

const findOwn = async (stage: WalkStage): Promise<ObjectId | null> => {
  const { outcome } = await persist(stage, { do: 'findUser', upn: stage.upn });
  const found = outcome.ok && outcome.answer.did === 'findUser' ? outcome.answer.user : null;
  return found?.marker === MARKER ? found.objectId : null;
};

type Perform = (call: DirectoryCall) => Promise<StepOutcome & { ok: true }>;

const makeUser = async (stage: WalkStage, perform: Perform): Promise<ObjectId> => {
  const outcome = await perform({
    do: 'createUser',
    upn: stage.upn,
    displayName: 'Curfew live check (throw-away)',
    mailNickname: stage.upn.split('@')[0] ?? 'curfew-live-check',
    marker: MARKER,
    password: new Secret(newPassword()),
  });
  if (outcome.answer.did !== 'createUser') throw new WalkEnded();
  return outcome.answer.objectId;
};

const liveAndEnd = async (user: ObjectId, { roleId }: WalkStage, perform: Perform): Promise<void> => {
  const role = idOf<'entra role'>(roleId);
  await perform({ do: 'setPassword', user, password: new Secret(newPassword()) });
  const given = await perform({ do: 'assignRole', user, roleId: role });
  await perform({ do: 'enable', user });
  await perform({ do: 'disable', user });
  await perform({ do: 'revokeSessions', user });
  const assignmentId = given.answer.did === 'assignRole' ? given.answer.assignmentId : null;
  await perform({ do: 'unassignRole', user, roleId: role, assignmentId });
  await perform({ do: 'listRoleAssignments', user });
  await perform({ do: 'listMethods', user });
  await perform({ do: 'listGroups', user });
  await perform({ do: 'readUser', user });
};

const persist = async (
  { directory, app, wait }: WalkStage,
  call: DirectoryCall,
): Promise<{ readonly outcome: StepOutcome; readonly tries: number }> => {
  for (let tries = 1; ; tries += 1) {
    const [outcome] = await directory.perform(app, [{ ref: 'only', call }], CALL_WITHIN_MS);
    if (outcome === undefined) throw new Error('The adapter gave no outcome.');
    if (outcome.ok || !outcome.error.healable || tries >= MOST_TRIES) return { outcome, tries };
    await wait(Math.max(RETRY_EVERY_MS, (outcome.error.facts.retryAfterSeconds ?? 0) * 1_000));
  }
};

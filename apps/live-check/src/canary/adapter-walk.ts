import type { Directory, DirectoryCall, DirectoryErrorReason, StepOutcome } from '#core/accounts';
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
  /** Between the tries of a step; may reject, and ends the walk then. */
  readonly wait: (ms: number) => Promise<void>;
  /** Between the tries of deleting what was made. */
  readonly waitToDelete: (ms: number) => Promise<void>;
  /** Told the name of the account before it is made. */
  readonly onMade: ((upn: string) => void) | undefined;
  /** Told the name of an account that could not be deleted, or that may be there. */
  readonly onLeft: (upn: string) => void;
}

const CALL_WITHIN_MS = 10_000;
const RETRY_EVERY_MS = 2_000;
const MOST_TRIES = 90;

/** So often an account that was made, or may have been, is looked for. */
const MOST_LOOKS = 30;

/** A step that failed for good. */
class WalkEnded extends Error {
  constructor(readonly reason: DirectoryErrorReason) {
    super(reason);
  }
}

/** The account: its id, or none; open while it may be there all the same. */
interface Made {
  user: ObjectId | null;
  isOpen: boolean;
}

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
    if (!outcome.ok) throw new WalkEnded(outcome.error.reason);
    return outcome;
  };
  const made: Made = { user: null, isOpen: true };
  try {
    stage.onMade?.(stage.upn);
    made.user = await makeUser(stage, perform);
    await liveAndEnd(made.user, stage, perform);
    return held(said.join('; '));
  } catch (error) {
    if (!(error instanceof WalkEnded)) throw error;
    made.isOpen = !REFUSALS.has(error.reason);
    return differs(said.join('; '));
  } finally {
    if (!(await isDeleted({ ...stage, wait: stage.waitToDelete }, made))) stage.onLeft(stage.upn);
  }
};

/** False also when it can't be found out. */
const isDeleted = async (stage: WalkStage, { user: known, isOpen }: Made): Promise<boolean> => {
  const user = known ?? (await findOwn(stage, isOpen ? MOST_LOOKS : 1));
  if (user === null) return !isOpen;
  for (let look = 1; ; look += 1) {
    const { outcome } = await persist(stage, { do: 'deleteUser', user });
    // "It is gone already" is also said by a replica that has not heard of it yet.
    const isSure = !outcome.ok || (outcome.answer.did === 'deleteUser' && !outcome.answer.already);
    if (isSure || look >= MOST_LOOKS) return outcome.ok;
    await stage.wait(RETRY_EVERY_MS);
  }
};

/** A create whose answer was lost may have made the account all the same: it is found by its name and our marker. */
const findOwn = async (stage: WalkStage, looks: number): Promise<ObjectId | null> => {
  for (let look = 1; ; look += 1) {
    const { outcome } = await persist(stage, { do: 'findUser', upn: stage.upn });
    const found = outcome.ok && outcome.answer.did === 'findUser' ? outcome.answer.user : null;
    if (found?.marker === MARKER) return found.objectId;
    if (!outcome.ok || look >= looks) return null;
    await stage.wait(RETRY_EVERY_MS);
  }
};

/** What Graph plainly refused was not made. */
const REFUSALS: ReadonlySet<DirectoryErrorReason> = new Set([
  'consent_missing',
  'invalid',
  'quota',
  'credential_bad',
]);

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
  if (outcome.answer.did !== 'createUser') throw new WalkEnded('unknown');
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

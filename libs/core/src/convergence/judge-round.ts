import { type ManagedAccount, roleKeyOf } from '#core/accounts';
import type { Instant, RoleId } from '#core/shared';
import { isEligibilityRead, learnFromEligibilities } from './eligibilities.js';
import { triedAnew } from './failure.js';
import { judgeFound } from './judge-found.js';
import { learnFromLists } from './judge-lists.js';
import { judgeHalf, judgeReading } from './judge-reading.js';
import { learnFromSchedules, withoutMoot } from './judge-schedules.js';
import { isWhole } from './observation.js';
import { isRead } from './planned-step.js';
import type { Work } from './round.js';
import { hasNoUsualId } from './timed-roles.js';

/** What a round's readings mean, once all of them have come. */
export const judgeRound = (work: Work, now: Instant): Work => {
  const judged = judge(work, now);
  const { account } = judged;
  return { ...judged, account: { ...account, failure: withoutMoot(account.failure, account.mayHold) } };
};

const judge = (work: Work, now: Instant): Work => {
  const did = (name: string) => work.steps.some((step) => step.call.do === name);
  const read = work.observed?.user !== undefined;
  if (did('findUser') && read) return lookedUp(work, now);
  // Half a reading proves nothing; but of a user that isn't there nothing else can be read.
  const whole =
    work.observed?.user === null ||
    !work.failures.some(({ step }) => isRead(step) && !isEligibilityRead(step.call));
  if (did('readUser') && read && whole) return lookedAt(work, now);
  return learnedOnTheWay(did('readUser') ? halfLookedAt(work, now) : work, now);
};

/** What lists tell that were read beside what was taken, or before what is given. */
const learnedOnTheWay = (work: Work, now: Instant): Work => {
  const taking = new Set(
    work.steps.flatMap(({ call }) =>
      call.do === 'unassignRole' || call.do === 'endTimedRole' ? [roleKeyOf(call)] : [],
    ),
  );
  // What only a list can name is taken after it: one that is read for that, and not in a look at the whole of the account.
  const isLook = work.steps.some(({ call }) => call.do === 'listGroups');
  const isToBeNamed = (role: RoleId): boolean => {
    const held = work.account.mayHold.roles[role];
    return !isLook && held !== undefined && hasNoUsualId(held, role);
  };
  const isBeingTaken = (role: RoleId): boolean => taking.has(role) || isToBeNamed(role);
  const asked = work.steps.some(({ call }) => call.do === 'listRoleSchedules');
  const listed = learnFromLists(work, { isBeingTaken, now });
  const account = learnFromSchedules(listed, work.observed, { isBeingTaken, now, asked });
  if (!work.steps.some(({ call }) => isEligibilityRead(call))) return { ...work, account };
  const mayHold = learnFromEligibilities(account.mayHold, work.observed, now);
  return { ...work, account: { ...account, mayHold } };
};

const lookedAt = (work: Work, now: Instant): Work => {
  const { notes, proof, stopped, ...judged } = judgeReading(work, work.desired, now);
  const looked = work.look.ordered ? withoutNewProofs(judged.account, work) : judged.account;
  const account = holdsMore(looked, work.account)
    ? { ...looked, failure: looked.failure && triedAnew(looked.failure, now) }
    : looked;
  const observed = saysNothing(account, work.account) ? null : work.observed;
  const isDone = isWhole(observed) || observed?.user === null;
  const look = isDone ? { ...work.look, doneAt: now } : { ...work.look, failed: work.look.ordered };
  return { ...work, account, observed, proof, stopped, look, notes: [...work.notes, ...notes] };
};

/** What was too old to judge was not read, nor does an object that is gone say who has its name now. */
const saysNothing = ({ failure, objectId }: ManagedAccount, before: ManagedAccount): boolean =>
  (failure !== null && 'readUser' in failure.steps) || (objectId === null && before.objectId !== null);

/** What refused us may have been this: nothing waits any longer. */
const holdsMore = ({ mayHold }: ManagedAccount, { mayHold: before }: ManagedAccount): boolean =>
  Object.keys(mayHold.roles).some((role) => !(role in before.roles)) ||
  Object.keys(mayHold.groups).some((group) => !(group in before.groups));

/** A look that shows what was expected begins no new row of proofs. */
const withoutNewProofs = (account: ManagedAccount, { account: before }: Work): ManagedAccount =>
  account.verification === null || account.verification.proofs > 0
    ? { ...account, verification: before.verification }
    : account;

const halfLookedAt = (work: Work, now: Instant): Work => {
  const { account, notes } = judgeHalf(work, work.desired, now);
  return { ...work, account, notes: [...work.notes, ...notes], look: { ...work.look, failed: true } };
};

const lookedUp = (work: Work, now: Instant): Work => {
  // The look-up itself succeeded; for how long it has been looked up stands in what failed before.
  const account = { ...work.account, failure: work.account.failure ?? work.failedBefore };
  const found = judgeFound(account, work.observed?.user ?? null, { wanted: work.desired.enabled, now });
  switch (found.what) {
    case 'ours':
      // Adopted, but not yet read as a whole.
      return {
        ...work,
        account: found.account,
        observed: null,
        notes: [...work.notes, { action: 'account.adopted', details: { upn: found.account.upn } }],
      };
    case 'foreign':
      return { ...work, foreign: true, observed: null };
    case 'absent':
      return { ...work, account: found.account };
  }
};

import type { Instant } from '#core/shared';
import { judgeFound } from './judge-found.js';
import { learnFromLists } from './judge-lists.js';
import { judgeReading } from './judge-reading.js';
import { isRead } from './planned-step.js';
import type { Work } from './round.js';

/** What a round's readings mean, once all of them have come. */
export const judgeRound = (work: Work, now: Instant): Work => {
  const did = (name: string) => work.steps.some((step) => step.call.do === name);
  const read = work.observed?.user !== undefined;
  if (did('findUser') && read) return lookedUp(work, now);
  // Half a reading proves nothing; but of a user that isn't there nothing else can be read.
  const whole = work.observed?.user === null || !work.failures.some(({ step }) => isRead(step));
  if (did('readUser') && read && whole) {
    const { account, notes, proof } = judgeReading(work, work.desired, now);
    return { ...work, account, proof, notes: [...work.notes, ...notes] };
  }
  return { ...work, account: learnFromLists(work, work.desired) };
};

const lookedUp = (work: Work, now: Instant): Work => {
  const found = judgeFound(work.account, work.observed?.user ?? null, { wanted: work.desired.enabled, now });
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

// All conditions in turns, round after round, so that whatever disturbs the machine disturbs each of them.
import { endByCurfew, giveByCurfew, untilProven } from './curfew.mjs';
import { naiveScript } from './naive.mjs';

/** Rounds before the first that counts: processes, connections, tokens and prepared statements get warm. */
export const WARM_UP = 2;
/** The naive script is slow and steady: every second round is enough of it. */
const NAIVE_EVERY = 2;

/**
 * Round r makes a new account for technician r and gives the parked one of technician r - 2 again.
 * @returns {Promise<object[]>} one sample per grant
 */
export const playRounds = async ({ conditions, technicians, simulator }, { repeats, log }) => {
  const lanes = conditions.map((condition) => laneOf({ condition, technicians, simulator }));
  const samples = [];
  try {
    for (let round = 0; round < repeats + WARM_UP; round += 1) {
      // First this one first, then the other.
      for (const lane of round % 2 === 0 ? lanes : [...lanes].reverse()) {
        const taken = await lane.play(round);
        if (round >= WARM_UP) samples.push(...taken.map((sample) => ({ round, ...sample })));
      }
      log(`round ${round + 1} of ${repeats + WARM_UP}${round < WARM_UP ? ' (warm-up)' : ''}`);
    }
  } finally {
    for (const lane of lanes) lane.close();
  }
  return samples;
};

const laneOf = ({ condition, technicians, simulator }) => {
  const naive = naiveScript({ simulator, condition });
  const grants = [];
  const parked = [];
  const sample = (account, by, figures) => ({ lagMs: condition.lagMs, account, by, ...figures });

  const byCurfew = async (account, api) => {
    const { grantId, figures } = await giveByCurfew({ simulator, api, condition });
    return { grantId, sample: sample(account, 'curfew', figures) };
  };
  const byScript = async (account, give) => {
    const given = await give();
    await naive.park(given);
    parked.push(given);
    return sample(account, 'naive', given.figures);
  };
  const play = async (round) => {
    const taken = [];
    const fresh = await byCurfew('new', technicians[round]);
    await endByCurfew({ api: technicians[round], grantId: fresh.grantId });
    grants.push(fresh.grantId);
    taken.push(fresh.sample);
    if (round >= WARM_UP) {
      const [api, grantId] = [technicians[round - WARM_UP], grants[round - WARM_UP]];
      await untilProven({ api, grantId });
      // It runs on to the end of the bench: nobody needs this account again.
      taken.push((await byCurfew('parked', api)).sample);
    }
    if (round % NAIVE_EVERY !== 0) return taken;
    const upn = `naive${round}@${condition.domain}`;
    taken.push(await byScript('new', () => naive.giveNew(upn)));
    if (round >= WARM_UP) taken.push(await byScript('parked', () => naive.giveParked(parked[0])));
    return taken;
  };
  return { play, close: naive.close };
};

import { Pulse, PULSE_LIMITS } from './pulse.js';

const SECOND = 1_000;
const aPulse = (): Pulse => new Pulse(PULSE_LIMITS, 0);

describe('The pulse of a worker', () => {
  it('is well while its canaries are consumed', () => {
    const pulse = aPulse();

    for (let now = 5 * SECOND; now < 300 * SECOND; now += 5 * SECOND) {
      pulse.asked(now);
      expect(pulse.verdict(now)).toBe('well');
      pulse.took(now + 10);
    }
  });

  it('asks for a rebuild every 15 s of silence, and gives up after 60 s', () => {
    const pulse = aPulse();
    const verdicts: Record<number, string> = {};

    for (let second = 5; second <= 65; second += 5) {
      const now = second * SECOND;
      pulse.asked(now);
      const verdict = pulse.verdict(now);
      if (verdict === 'rebuild') pulse.rebuilt(now);
      if (verdict !== 'well') verdicts[second] = verdict;
    }

    expect(verdicts).toEqual({ 20: 'rebuild', 35: 'rebuild', 50: 'rebuild', 65: 'stuck' });
  });

  it('blames nobody while the server cannot be asked, however long that lasts', () => {
    const pulse = aPulse();
    pulse.asked(0);

    for (let now = 5 * SECOND; now < 600 * SECOND; now += 5 * SECOND) {
      pulse.unreachable(now);
      expect(pulse.verdict(now)).toBe('well');
    }
  });

  it('is rebuilt when others answer every canary and it takes nothing for a minute', () => {
    const pulse = aPulse();
    const verdicts: string[] = [];

    for (let now = 5 * SECOND; now <= 60 * SECOND; now += 5 * SECOND) {
      pulse.asked(now);
      pulse.answered();
      verdicts.push(pulse.verdict(now));
    }

    expect(verdicts.slice(0, -1).every((verdict) => verdict === 'well')).toBe(true);
    expect(verdicts.at(-1)).toBe('rebuild');
  });

  it('blames nobody for the time in which its own process was asleep', () => {
    const pulse = aPulse();
    pulse.asked(5 * SECOND);
    expect(pulse.verdict(5 * SECOND)).toBe('well');

    const awake = 7_205 * SECOND;
    expect(pulse.verdict(awake)).toBe('well');
    expect(pulse.verdict(awake + 10 * SECOND)).toBe('well');
    expect(pulse.verdict(awake + 15 * SECOND)).toBe('rebuild');
  });
});

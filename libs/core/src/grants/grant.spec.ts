import fc from 'fast-check';
import { endsAt, isFinal, isLive, isRunning, owesEnd, type GrantState } from './grant.js';

const STATES: readonly GrantState[] = ['scheduled', 'starting', 'active', 'failed', 'ending', 'ended'];
const GIVING: readonly GrantState[] = ['scheduled', 'starting', 'active'];
const span = { startsAt: 100, expiresAt: 200 };

describe('a running grant', () => {
  it.each(STATES)('when %s, runs from its start until just before its end if it gives at all', (state) => {
    const grant = { ...span, state };
    const runs = [99, 100, 199, 200].map((now) => isRunning(grant, now));
    expect(runs).toEqual(GIVING.includes(state) ? [false, true, true, false] : [false, false, false, false]);
  });
});

describe('a live grant', () => {
  it.each(STATES)('when %s, lives until its end, also before its start, if it may still give', (state) => {
    const lives = [0, 100, 199, 200].map((now) => isLive({ ...span, state }, now));
    expect(lives).toEqual(GIVING.includes(state) ? [true, true, true, false] : [false, false, false, false]);
  });
});

describe('an end', () => {
  it('is owed until everything is taken away, whatever the state', () => {
    for (const state of STATES) {
      expect(owesEnd({ state, takenAt: null })).toBe(state !== 'ended');
      expect(owesEnd({ state, takenAt: 150 })).toBe(false);
    }
  });

  it('comes at the time agreed, or when somebody asked for it earlier', () => {
    expect(endsAt({ expiresAt: 200, endingAt: null })).toBe(200);
    expect(endsAt({ expiresAt: 200, endingAt: 150 })).toBe(150);
    expect(endsAt({ expiresAt: 200, endingAt: 250 })).toBe(200);
  });
});

describe('the predicates of a grant, together', () => {
  const instant = fc.integer({ min: 0, max: 300 });
  const grant = fc.record({
    state: fc.constantFrom(...STATES),
    startsAt: instant,
    expiresAt: instant,
    endingAt: fc.option(instant),
  });

  it('run only what lives, and what lives is not final and ends later', () => {
    fc.assert(
      fc.property(grant, instant, (each, now) => {
        if (isRunning(each, now)) expect(isLive(each, now)).toBe(true);
        if (isLive(each, now)) expect(isFinal(each)).toBe(false);
        if (isLive(each, now)) expect(each.expiresAt).toBeGreaterThan(now);
        expect(endsAt(each)).toBeLessThanOrEqual(each.expiresAt);
      }),
    );
  });
});

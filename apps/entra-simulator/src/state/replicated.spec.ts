import { noLags, Replicated, type LagDomain, type Stamp } from './replicated.js';

const lags = (directoryMs: number, methodsMs = 0) => ({
  ...noLags,
  directory: { minMs: directoryMs, maxMs: directoryMs },
  methods: { minMs: methodsMs, maxMs: methodsMs },
});
const stamp = (at: number, lag = lags(10), seq = at): Stamp => ({ at, seq, lags: lag });
const view = (now: number, domain: LagDomain = 'directory', replica = 0) => ({ now, domain, replica });

describe('A replicated store', () => {
  it('is true at once and seen when the lag has passed', () => {
    const store = new Replicated<string>();
    store.write('k', 'v', stamp(100));

    expect(store.truth('k')).toBe('v');
    expect(store.see('k', view(109))).toBeUndefined();
    expect(store.see('k', view(110))).toBe('v');
  });

  it('shows older versions in the order in which they were written', () => {
    const store = new Replicated<string>();
    store.write('k', 'one', stamp(100));
    store.write('k', 'two', stamp(105));
    store.write('k', undefined, stamp(108));

    const seen = [109, 110, 115, 118].map((now) => store.see('k', view(now)));

    expect(seen).toEqual([undefined, 'one', 'two', undefined]);
  });

  it('lags in each domain on its own', () => {
    const store = new Replicated<string>();
    store.write('k', 'v', stamp(0, lags(5, 50)));

    expect(store.see('k', view(5))).toBe('v');
    expect(store.see('k', view(5, 'methods'))).toBeUndefined();
    expect(store.see('k', view(50, 'methods'))).toBe('v');
  });

  it('never takes back what a replica has shown', () => {
    const store = new Replicated<number>();
    const wide = { ...lags(0), directory: { minMs: 0, maxMs: 100, replicas: 4 } };
    for (let i = 1; i <= 20; i++) store.write('k', i, stamp(i, wide));

    for (let replica = 0; replica < 4; replica++) {
      const seen = Array.from(
        { length: 130 },
        (_, now) => store.see('k', view(now, 'directory', replica)) ?? 0,
      );
      expect([...seen].sort((a, b) => a - b)).toEqual(seen);
      expect(seen.at(-1)).toBe(20);
    }
  });

  it('lists what a view sees, deleted things included while it sees them', () => {
    const store = new Replicated<string>();
    store.write('a', 'a', stamp(0, lags(0)));
    store.write('b', 'b', stamp(0, lags(0)));
    store.write('a', undefined, stamp(10));

    expect(store.seeAll(view(15)).sort()).toEqual(['a', 'b']);
    expect(store.seeAll(view(20))).toEqual(['b']);
  });

  it('settles everything when asked to', () => {
    const store = new Replicated<string>();
    store.write('k', 'v', stamp(0, lags(1_000_000)));

    store.settle();

    expect(store.see('k', view(1))).toBe('v');
  });
});

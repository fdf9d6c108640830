import { Indexed } from './indexed.js';
import { everyLag, type Stamp } from './replicated.js';

interface Row {
  owner: string;
}
const lag = { minMs: 10, maxMs: 10 };
const stamp = (at: number): Stamp => ({
  at,
  seq: at,
  lags: everyLag(lag),
});
const view = (now: number) => ({ now, domain: 'directory' as const, replica: 0 });

describe('An indexed store', () => {
  it('finds by the key that a view sees, old or new', () => {
    const store = new Indexed<Row>({ owner: (row) => row.owner });
    store.write('k', { owner: 'old' }, stamp(0));
    store.write('k', { owner: 'new' }, stamp(100));

    expect(store.lookUp('owner', 'old', view(105))).toHaveLength(1);
    expect(store.lookUp('owner', 'new', view(105))).toHaveLength(0);
    expect(store.lookUp('owner', 'new')).toHaveLength(1);
    expect(store.lookUp('owner', 'old')).toHaveLength(0);
    expect(store.lookUp('owner', 'old', view(110))).toHaveLength(0);
    expect(store.lookUp('owner', 'new', view(110))).toHaveLength(1);
  });

  it('forgets entries only when no replica can see them any more', () => {
    const store = new Indexed<Row>({ owner: (row) => row.owner });
    store.write('k', { owner: 'o' }, stamp(0));
    store.write('k', undefined, stamp(50));

    expect(store.lookUp('owner', 'o', view(55))).toHaveLength(1);
    expect(store.lookUp('owner', 'o', view(60))).toHaveLength(0);
    store.write('k', { owner: 'o' }, stamp(70));
    expect(store.lookUp('owner', 'o', view(80))).toHaveLength(1);
  });
});

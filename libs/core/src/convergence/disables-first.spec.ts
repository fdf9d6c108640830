import { DisablesFirst } from './disables-first.js';

const setUp = () => {
  const first = new DisablesFirst();
  const gone: string[] = [];
  const waits: Promise<unknown>[] = [];
  const wait = (name: string): void => {
    waits.push(first.othersGone().then(() => gone.push(name)));
  };
  const settled = async (): Promise<readonly string[]> => {
    for (let turns = 0; turns < 5; turns += 1) await Promise.resolve();
    return gone;
  };
  return { first, wait, settled };
};

describe('DisablesFirst', () => {
  it('lets nobody go on before all that had set out have handed over', async () => {
    const { first, wait, settled } = setUp();
    const [one, other] = [first.setOut(), first.setOut()];
    one();
    wait('acme');
    expect(await settled()).toEqual([]);
    other();
    expect(await settled()).toEqual(['acme']);
  });

  it('waits for nobody that sets out later', async () => {
    const { first, wait, settled } = setUp();
    const one = first.setOut();
    wait('acme');
    const later = first.setOut();
    one();
    one();
    expect(await settled()).toEqual(['acme']);
    wait('other');
    expect(await settled()).toEqual(['acme']);
    later();
    expect(await settled()).toEqual(['acme', 'other']);
  });

  it('waits for nothing when nobody is under way', async () => {
    const { wait, settled } = setUp();
    wait('acme');
    expect(await settled()).toEqual(['acme']);
  });
});

import { Seldom } from './seldom.js';

const MINUTE = 60_000;

describe('Seldom', () => {
  it('lets the same be said once in five minutes', () => {
    let now = 0;
    const seldom = new Seldom(() => now);
    const said = [0, 1, 4, 5, 9, 10].map((minutes) => {
      now = minutes * MINUTE;
      return [seldom.isNews('a'), minutes === 1 ? seldom.isNews('b') : null];
    });

    expect(said.map(([a]) => a)).toEqual([true, false, false, true, false, true]);
    expect(said[1]).toEqual([false, true]);
  });

  it('remembers no more than so much: what is forgotten is said once too often', () => {
    const seldom = new Seldom(() => 0);
    for (let index = 0; index < 6_000; index += 1) seldom.isNews(`${index}`);

    expect([seldom.isNews('0'), seldom.isNews('5999')]).toEqual([true, false]);
  });
});

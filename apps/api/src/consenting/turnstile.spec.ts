import { Turnstile } from './turnstile.js';

describe('A turnstile', () => {
  it('lets many pass at once, then as many as come due', () => {
    let now = 0;
    const turnstile = new Turnstile(() => now);
    const passing = (tries: number): number =>
      Array.from({ length: tries }, () => turnstile.pass()).filter(Boolean).length;

    expect(passing(200)).toBe(50);
    now = 100;
    expect(passing(9)).toBe(1);
    now = 3_600_000;
    expect(passing(200)).toBe(50);
  });
});

import { FakeClock } from './fake-clock.js';

describe('FakeClock', () => {
  it('stands still until it is advanced', () => {
    const clock = new FakeClock(1_000);

    clock.advance(500);

    expect(clock.now()).toBe(1_500);
    expect(clock.now()).toBe(1_500);
  });

  it('refuses to go backwards, as the real one does', () => {
    expect(() => new FakeClock(1_000).set(999)).toThrow('never goes backwards');
  });
});

import fc from 'fast-check';
import { MINUTE } from '#core/shared';
import { FakeClock } from '../testing/fake-clock.js';
import { ShortMemory } from './short-memory.js';

const setUp = (bounds = { answers: 10, bytes: 1_000 }) => {
  const clock = new FakeClock();
  const memory = new ShortMemory<string>(clock, bounds);
  const asked: string[] = [];
  const ask = async (question: string, { fresh = false, bytes = 1, keepMs = MINUTE } = {}) => {
    const told = await memory.ask(question, fresh, () => {
      asked.push(question);
      return Promise.resolve({ value: `${question} ${asked.length}`, keepMs, bytes });
    });
    return told.value;
  };
  return { clock, memory, asked, ask };
};

describe('ShortMemory', () => {
  it('asks once for as long as an answer may be kept, and says when', async () => {
    const { clock, memory, ask, asked } = setUp();
    const startedAt = clock.now();
    await ask('a');
    clock.advance(MINUTE - 1);

    const told = await memory.ask('a', false, () => Promise.reject(new Error('asked')));

    expect(told).toMatchObject({ value: 'a 1', askedAt: startedAt });
    clock.advance(1);
    expect(await ask('a')).toBe('a 2');
    expect(asked).toEqual(['a', 'a']);
  });

  it('asks anew when it is told to, and remembers that', async () => {
    const { ask } = setUp();
    await ask('a');

    expect(await ask('a', { fresh: true })).toBe('a 2');
    expect(await ask('a')).toBe('a 2');
  });

  it('lets everybody who asks the same at once share one call, also who wants it fresh', async () => {
    const { asked, ask } = setUp();

    const told = await Promise.all([ask('a'), ask('a'), ask('a', { fresh: true }), ask('b')]);

    expect(told).toEqual(['a 1', 'a 1', 'a 1', 'b 2']);
    expect(asked).toEqual(['a', 'b']);
  });

  it('tells a failure to all who wait for it, and asks again for the next', async () => {
    const { memory, ask } = setUp();
    const failing = () => memory.ask('a', false, () => Promise.reject(new Error('away')));

    expect(await Promise.allSettled([failing(), failing()])).toMatchObject([
      { status: 'rejected' },
      { status: 'rejected' },
    ]);
    expect(await ask('a')).toBe('a 1');
  });

  it('keeps what it has when somebody asks anew and fails', async () => {
    const { memory, ask } = setUp();
    await ask('a');

    await expect(memory.ask('a', true, () => Promise.reject(new Error('away')))).rejects.toThrow('away');

    expect(await ask('a')).toBe('a 1');
  });

  it('forgets first what was not used for longest', async () => {
    const { asked, ask } = setUp({ answers: 2, bytes: 1_000 });
    for (const question of ['a', 'b', 'a', 'c', 'a', 'b']) await ask(question);

    expect(asked).toEqual(['a', 'b', 'c', 'b']);
  });

  it('keeps nothing that is larger than all it may keep, and throws nothing out for it', async () => {
    const { asked, ask } = setUp({ answers: 10, bytes: 100 });
    await ask('small', { bytes: 100 });
    await ask('large', { bytes: 101 });
    await ask('large', { bytes: 101 });
    await ask('small');

    expect(asked).toEqual(['small', 'large', 'large']);
  });

  it('never answers one question with the answer of another, and never keeps more than it may', async () => {
    const step = fc.record({
      question: fc.constantFrom('a', 'b', 'c', 'd'),
      bytes: fc.integer({ min: 0, max: 12 }),
      fresh: fc.boolean(),
      waitMs: fc.integer({ min: 0, max: 40 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const { clock, ask } = setUp({ answers: 2, bytes: 10 });
        let calls = 0;
        for (const { question, bytes, fresh, waitMs } of steps) {
          clock.advance(waitMs);
          expect((await ask(question, { bytes, fresh, keepMs: 30 })).startsWith(question)).toBe(true);
          calls += 1;
        }
        expect(calls).toBe(steps.length);
      }),
    );
  });
});

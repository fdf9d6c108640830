import { createLogger } from '#platform';
import { Watch } from './watch.js';

const EVERY_MS = 5;

/** A watch over looks that the test answers one by one. */
const setUp = () => {
  const lines: string[] = [];
  const logger = createLogger({
    name: 'revoker',
    level: 'info',
    destination: { write: (line: string) => void lines.push(line) },
  });
  const looks: { answer: (count: number) => void; fail: (error: Error) => void }[] = [];
  let arrived: () => void = () => undefined;
  const execute = (): Promise<number> =>
    new Promise((answer, fail) => {
      looks.push({ answer, fail });
      arrived();
    });
  const look = (number: number): Promise<void> =>
    looks.length >= number
      ? Promise.resolve()
      : new Promise((resolve) => {
          arrived = () => {
            if (looks.length >= number) resolve();
          };
        });
  return { watch: new Watch({ execute }, logger, EVERY_MS), looks, look, lines };
};

describe('Watch', () => {
  it('looks at once, and again after each look, one at a time', async () => {
    const { watch, looks, look } = setUp();

    watch.start();
    await look(1);
    expect(looks).toHaveLength(1);
    looks[0]?.answer(0);
    await look(2);

    looks[1]?.answer(0);
    await watch.stop();
  });

  it('outlives a look that failed, and tells of it', async () => {
    const { watch, looks, look, lines } = setUp();

    watch.start();
    looks[0]?.fail(new Error('the database is away'));
    await look(2);
    looks[1]?.answer(3);
    await watch.stop();

    expect(lines.join()).toContain('the revoker could not look');
    expect(lines.join()).toContain('the revoker took up overdue ends');
  });

  it('waits for the present look when it stops, and begins no other', async () => {
    const { watch, looks } = setUp();
    watch.start();
    let stopped = false;

    const stopping = watch.stop().then(() => {
      stopped = true;
    });
    await Promise.resolve();
    expect(stopped).toBe(false);
    looks[0]?.answer(0);
    await stopping;

    expect(looks).toHaveLength(1);
  });
});

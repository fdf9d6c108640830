import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LocalMarkFile } from './local-mark-file.js';

describe('A mark beside the key', () => {
  const folder = mkdtempSync(join(tmpdir(), 'curfew-mark-'));
  let count = 0;
  const aPath = (): string => join(folder, `${count++}.mark`);

  afterAll(() => rmSync(folder, { recursive: true }));

  it('is absent at first, kept for its owner alone, and read back', async () => {
    const path = aPath();
    const file = new LocalMarkFile(path);

    expect(await file.read()).toBe('absent');
    expect(await file.write({ mark: 7, generation: 1 })).toBe(true);

    expect(await new LocalMarkFile(path).read()).toEqual({ mark: 7, generation: 1 });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder).filter((name) => name.startsWith('0.mark'))).toEqual(['0.mark']);
  });

  it('is only ever raised', async () => {
    const file = new LocalMarkFile(aPath());
    await file.write({ mark: 7, generation: 1 });

    await file.write({ mark: 6, generation: 1 });
    expect(await file.read()).toEqual({ mark: 7, generation: 1 });

    await file.write({ mark: 2, generation: 2 });
    expect(await file.read()).toEqual({ mark: 2, generation: 2 });
  });

  it.each(['', '{"mark":', '{"mark":-1,"generation":0}', '[]', 'null'])(
    'of %j says as much as none',
    async (text) => {
      const path = aPath();
      writeFileSync(path, text);
      expect(await new LocalMarkFile(path).read()).toBe('absent');
    },
  );

  it('is not kept without a place, or where there is no folder', async () => {
    for (const path of [null, join(folder, 'nowhere', 'x.mark')]) {
      const file = new LocalMarkFile(path);
      expect([await file.read(), await file.write({ mark: 1, generation: 0 })]).toEqual(['unkept', false]);
    }
  });
});

import { constants } from 'node:fs';
import { access, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { KeptMark, MarkFile, RestoreMark } from '#core/restoring';

/** A mark in a file of this machine, replaced as a whole. Several processes may share it. */
export class LocalMarkFile implements MarkFile {
  /** Null: there is no place for one. */
  constructor(private readonly path: string | null) {}

  async read(): Promise<KeptMark> {
    if (this.path === null) return 'unkept';
    try {
      // One that nobody can make sense of says as much as none.
      return markIn(await readFile(this.path, 'utf8')) ?? 'absent';
    } catch (error) {
      if (!isAbsent(error)) return 'unkept';
      // Where none can ever be kept, its absence says nothing.
      return (await isWritable(dirname(this.path))) ? 'absent' : 'unkept';
    }
  }

  async write(mark: RestoreMark): Promise<boolean> {
    if (this.path === null) return false;
    const kept = await this.read();
    // Another process may have read the database after us and written before us.
    if (typeof kept !== 'string' && isHigher(kept, mark)) return true;
    const draft = `${this.path}.${process.pid}`;
    try {
      const file = await open(draft, 'w', 0o600);
      try {
        await file.writeFile(`${JSON.stringify({ mark: mark.mark, generation: mark.generation })}\n`);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(draft, this.path);
      return true;
    } catch {
      await rm(draft, { force: true }).catch(() => undefined);
      return false;
    }
  }
}

const markIn = (text: string): RestoreMark | null => {
  try {
    const { mark, generation } = JSON.parse(text) as Partial<Record<keyof RestoreMark, unknown>>;
    return isCount(mark) && isCount(generation) ? { mark, generation } : null;
  } catch {
    return null;
  }
};

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

const isHigher = (one: RestoreMark, other: RestoreMark): boolean =>
  one.generation > other.generation || (one.generation === other.generation && one.mark > other.mark);

const isAbsent = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT';

const isWritable = async (folder: string): Promise<boolean> => {
  try {
    await access(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
};

import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';

export type JournalLine = readonly unknown[];

/**
 * The state on disk: one append-only file of JSON lines. Lines gather while a request runs and are written by one
 * `flush` before it is answered, so what a caller was told survives kill -9; a torn last line is dropped.
 * At every start the file is rewritten from the live state (`compact`), so it does not grow for ever.
 */
export class Journal {
  private readonly file: string;
  private descriptor: number | undefined;
  private waiting: string[] = [];

  constructor(dataDir: string) {
    this.file = join(dataDir, 'state.jsonl');
  }

  read(): JournalLine[] {
    if (!existsSync(this.file)) return [];
    const text = readFileSync(this.file, 'utf8');
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    return whole
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as JournalLine);
  }

  compact(lines: Iterable<JournalLine>): void {
    const fresh = `${this.file}.new`;
    const descriptor = openSync(fresh, 'w', 0o600);
    for (const line of lines) writeSync(descriptor, `${JSON.stringify(line)}\n`);
    fsyncSync(descriptor);
    closeSync(descriptor);
    renameSync(fresh, this.file);
    this.descriptor = openSync(this.file, 'a');
  }

  append(line: JournalLine): void {
    this.waiting.push(JSON.stringify(line));
  }

  flush(): void {
    if (this.waiting.length === 0 || this.descriptor === undefined) return;
    writeSync(this.descriptor, `${this.waiting.join('\n')}\n`);
    this.waiting = [];
  }

  close(): void {
    this.flush();
    if (this.descriptor !== undefined) closeSync(this.descriptor);
    this.descriptor = undefined;
  }
}

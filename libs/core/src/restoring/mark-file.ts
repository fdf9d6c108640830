import type { KeptMark, RestoreMark } from './restore-mark.js';

/** Where a mark is kept that no restored database takes back. It never throws for what a file may be or lack. */
export interface MarkFile {
  read(): Promise<KeptMark>;
  /** Replaces it as a whole. False: it could not be written. */
  write(mark: RestoreMark): Promise<boolean>;
}

import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A directory for data that is thrown away. Others may walk through it: when we are root, PostgreSQL runs as somebody else
 * and keeps its data in there. What is secret in it has a mode of its own.
 */
export const scratchDirectory = (name) => {
  const directory = mkdtempSync(join(tmpdir(), `curfew-${name}-`));
  chmodSync(directory, 0o755);
  return directory;
};

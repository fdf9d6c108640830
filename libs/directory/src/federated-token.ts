import { readFile } from 'node:fs/promises';
import { Secret } from '#core/shared';
import { unusableCredential } from './sign-in-error.js';
import type { AssertionSupplier } from './token-request.js';

/** A JWT is a kilobyte or two. */
const LARGEST = 64 * 1_024;

/**
 * Takes the workload's token from the file into which its platform puts it (Kubernetes projects it, and so do others).
 * Read anew each time: the platform exchanges it long before its end. Throws `credential_bad`, without the path.
 */
export const assertionFile =
  (path: string): AssertionSupplier =>
  async () => {
    const token = (await contentOf(path)).trim();
    if (token === '') throw unusableCredential('the file with the workload token is empty.');
    if (token.length > LARGEST) throw unusableCredential('the file holds no workload token: it is too long.');
    return new Secret(token);
  };

const contentOf = async (path: string): Promise<string> => {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw unusableCredential(`the file with the workload token can't be read (${code ?? 'unknown'}).`);
  }
};

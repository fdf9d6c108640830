import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './paths.mjs';

/** Makes a key file of fresh keys unless it is there: without it nothing that is sealed can be opened again. */
export const createKeysOnce = async (file) => {
  if (!existsSync(file)) {
    const secrets = pathToFileURL(resolve(root, 'dist/libs/secrets/src/index.js')).href;
    const { createKeyFile } = await import(secrets);
    createKeyFile(file);
  }
  return file;
};

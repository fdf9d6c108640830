import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './paths.mjs';

/** docs/reference/graph-errors.md, from the table that the directory adapter classifies with. */
export const graphErrorsPage = async () => {
  const page = pathToFileURL(resolve(root, 'dist/libs/directory/src/error-table-page.js')).href;
  return (await import(page)).errorTablePage();
};

import { resolve } from 'node:path';

/** The checkout. */
export const root = resolve(import.meta.dirname, '../..');
/** Everything that `npm start` keeps: data, keys, logs. Never part of a commit. */
export const stateDirectory = resolve(process.env.CURFEW_STATE_DIR ?? resolve(root, '.curfew'));

import { DomainError } from './domain-error.js';

/**
 * The database could not be had, or takes no writes (its disk is full): that says nothing about any row, and without a write
 * there is no claim. A statement that took too long is something else: the database is there, and it may well be the row.
 */
export const isAway = (error: unknown): boolean =>
  error instanceof DomainError &&
  (error.code === 'database.unavailable' || error.code === 'database.unwritable');

import { DomainError } from '#core/shared';

/**
 * The database could not be had, or takes no writes (its disk is full): that says nothing about any row, and without a write
 * there is no claim. A statement that took too long is something else: the database is there, and it may well be the row.
 */
export const isAway = (error: unknown): boolean =>
  codeOf(error) === 'database.unavailable' || codeOf(error) === 'database.unwritable';

/** A grant was changed by somebody who didn't lock its account first: read everything again. */
export class ChangedMeanwhile extends Error {}

/** Others were at the same rows at the same moment: there is nothing wrong with them, and the next try may do. */
export const isContended = (error: unknown): boolean =>
  error instanceof ChangedMeanwhile ||
  codeOf(error) === 'database.contended' ||
  codeOf(error) === 'database.locked';

/** It took longer than anything should: to be tried later, and apart from everything else. */
export const isSlow = (error: unknown): boolean =>
  codeOf(error) === 'database.timed_out' || codeOf(error) === 'database.locked';

/** The code of what was refused; null for what is no refusal. */
export const codeOf = (error: unknown): string | null => (error instanceof DomainError ? error.code : null);

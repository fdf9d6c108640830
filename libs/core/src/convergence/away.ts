import { DomainError } from '#core/shared';

/** The database could not be had: that says nothing about any row. */
export const isAway = (error: unknown): boolean =>
  error instanceof DomainError && error.kind === 'unavailable';

/** A grant was changed by somebody who didn't lock its account first: read everything again. */
export class ChangedMeanwhile extends Error {}

/** Others were at the same rows at the same moment: there is nothing wrong with them, and the next try may do. */
export const isContended = (error: unknown): boolean =>
  error instanceof ChangedMeanwhile || (error instanceof DomainError && error.code === 'database.contended');

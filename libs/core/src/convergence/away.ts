import { DomainError } from '#core/shared';

/** The database could not be had: that says nothing about any row. */
export const isAway = (error: unknown): boolean =>
  error instanceof DomainError && error.kind === 'unavailable';

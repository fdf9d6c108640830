import { DomainError } from '#core/shared';

export { isAway } from '#core/shared';

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

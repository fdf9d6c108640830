import { directoryErrors, type CatalogueList, type DirectoryError } from '#core/accounts';
import type { DomainError } from '#core/shared';
import { inspectionRefused, refusalFacts } from './judge-inspection.js';

/** Why a list does not hold all that the tenant has. */
export interface CatalogueGap {
  /** `more_than_read`, or a code of the reference of errors. */
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

/** What a list is called, and the least permission that opens it. */
export interface ListTitle {
  readonly many: string;
  readonly permission: string;
  /** What to do when there are more than were read. */
  readonly narrow: string;
}

/** A list of a tenant that could not be read, in words for the admin. */
export const catalogueRefused = (error: DirectoryError, { permission }: ListTitle): DomainError => {
  const facts = refusalFacts(error);
  const { retryAfterSeconds } = error.facts;
  switch (error.reason) {
    case 'consent_missing':
      return directoryErrors.refuse('directory.consent_missing', {
        ...facts,
        missingPermissions: [permission],
      });
    case 'directory_role_missing':
      return directoryErrors.refuse('directory.directory_role_missing', facts);
    case 'licence_missing':
      return directoryErrors.refuse('directory.licence_missing', facts);
    case 'throttled':
      return directoryErrors.refuse('directory.unavailable', { ...facts, retryAfterSeconds });
    default:
      return inspectionRefused(error);
  }
};

/** Null: there is none, the list is whole. */
export const gapOf = (
  { complete, brokenOff, items }: CatalogueList<unknown>,
  title: ListTitle,
): CatalogueGap | null => {
  if (complete) return null;
  if (brokenOff === null) {
    const message = `The tenant has more ${title.many} than these ${items.length}: no more are read at once.`;
    return { code: 'more_than_read', message, remedy: title.narrow };
  }
  const { code, message, remedy } = catalogueRefused(brokenOff, title);
  return { code, message: `After ${items.length} ${title.many} the list broke off. ${message}`, remedy };
};

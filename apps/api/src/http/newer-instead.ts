import { DomainError } from '#core/shared';

/** A change refused because somebody else was faster, with what they have made: as its own route would answer it. */
export class NewerInstead extends DomainError {
  constructor(
    { code, kind, message: title, remedy, details }: DomainError,
    readonly newer: object,
  ) {
    super(code, { kind, title, remedy }, details);
  }
}

/** What the change answers; where it is refused with that code, the refusal carries what there is by now. */
export const orNewer = async <T>(
  change: Promise<T>,
  instead: { readonly code: string; readonly read: () => Promise<object> },
): Promise<T> => {
  try {
    return await change;
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== instead.code) throw error;
    throw new NewerInstead(error, await instead.read());
  }
};

/** How an error is to be taken, whatever carries it. */
export type ErrorKind = 'invalid' | 'forbidden' | 'not_found' | 'conflict' | 'unavailable';

/** Facts that help the reader mend it. Never a secret, never what the user typed as one. */
export type ErrorDetails = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;

/** What one code always means: declared once, in its feature's `…errors.ts`. */
export interface ErrorDefinition {
  readonly kind: ErrorKind;
  /** A plain sentence: what happened and why. */
  readonly title: string;
  /** What to do about it. */
  readonly remedy: string;
}

/** A refusal with a stable code. Decisions are values; this is for commands that can't be carried out. */
export class DomainError extends Error {
  override readonly name = 'DomainError';
  readonly code: string;
  readonly kind: ErrorKind;
  readonly remedy: string;
  readonly details: ErrorDetails;

  constructor(code: string, definition: ErrorDefinition, details: ErrorDetails = {}) {
    super(definition.title);
    this.code = code;
    this.kind = definition.kind;
    this.remedy = definition.remedy;
    this.details = details;
  }
}

/**
 * Declares a feature's errors: `const errors = defineErrors({...}); throw errors.refuse('grant.already_ended')`.
 * `definitions` feeds docs/reference/errors.md and the translator's proof that each code is known.
 */
export const defineErrors = <Code extends string>(definitions: Readonly<Record<Code, ErrorDefinition>>) => ({
  definitions,
  refuse: (code: Code, details?: ErrorDetails): DomainError =>
    new DomainError(code, definitions[code], details),
});

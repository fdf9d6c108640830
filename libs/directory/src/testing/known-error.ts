import type { CallKind, Evidence, FailureFacts } from '../error-row.js';

/** One refusal as Graph words it, and what it must be taken for. */
export interface KnownError {
  readonly call: CallKind;
  readonly status: number;
  readonly code: string | null;
  /** The message, and behind it the codes of its details. */
  readonly text: string;
  readonly facts?: Partial<FailureFacts>;
  readonly means: string;
  readonly source: Evidence;
}

/** Errors of one status and code: the text and where it is known from, what it means, and for which calls. */
export const row =
  (status: number, code: string | null) =>
  (text: string, source: Evidence) =>
  (means: string, ...calls: readonly CallKind[]): readonly KnownError[] =>
    calls.map((call) => ({ call, status, code, text, means, source }));

export const bad = row(400, 'Request_BadRequest');
export const missing = row(404, 'Request_ResourceNotFound');
export const denied = row(403, 'Authorization_RequestDenied');
/** The same under other circumstances. */
export const withFacts = (
  facts: Partial<FailureFacts>,
  errors: readonly KnownError[],
): readonly KnownError[] => errors.map((error) => ({ ...error, facts }));

export const NOT_THERE =
  "Resource 'x' does not exist or one of its queried reference-property objects are not present.";

import type { DirectoryCall, DirectoryErrorReason } from '#core/accounts';

export type CallKind = DirectoryCall['do'];

/** What is known about a call that was not answered as it was meant to be. */
export interface FailureFacts {
  readonly call: CallKind;
  /** 0: no answer. */
  readonly status: number;
  readonly code: string | null;
  readonly text: string;
  /** The token's roles hold a permission that is good for this call. */
  readonly permitted: boolean;
  /** The text names the group or unit of the call, so it isn't the user that is missing. */
  readonly namesTarget: boolean;
  /** It was a part of a batch, whose own token was accepted. */
  readonly inBatch: boolean;
  /** The answer was a page for people, not Graph's JSON. */
  readonly isPage: boolean;
}

export type Verdict =
  /** A refusal that says: it is so already. */
  'already' | { readonly reason: DirectoryErrorReason; readonly retry: 'later' | 'never' };

/**
 * Where a row is known from: D a Microsoft document, C the source of a client that lives with Graph, I an issue thread
 * or measured by others, ? our choice where nothing is known. Behind the mark the place.
 */
export type Evidence = `${'D' | 'C' | 'I' | '?'}: ${string}`;

/** A row applies when everything that it names fits. */
export interface ErrorRow {
  readonly status?: readonly number[];
  readonly calls?: readonly CallKind[];
  readonly code?: RegExp;
  readonly text?: RegExp;
  /** Code or text. */
  readonly words?: RegExp;
  readonly permitted?: boolean;
  readonly namesTarget?: boolean;
  readonly inBatch?: boolean;
  readonly isPage?: boolean;
  readonly means: Verdict;
  /** For people on call: what is behind it. */
  readonly why: string;
  readonly evidence: Evidence;
}

export const later = (reason: DirectoryErrorReason): Verdict => ({ reason, retry: 'later' });
export const never = (reason: DirectoryErrorReason): Verdict => ({ reason, retry: 'never' });

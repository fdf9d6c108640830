import { DirectoryError, type DirectoryErrorReason } from '#core/accounts';
import { fieldsOf, textOf } from './graph-answer.js';
import { retryAfterSeconds } from './retry-after.js';

/** The last thing that the sign-in service said while a token was asked for. */
export interface SignInAnswer {
  readonly status: number;
  readonly body: string;
  readonly retryAfter: string | undefined;
}

/** Entra's own words for "come back later"; everything else it refuses is about the credential or the consent. */
const TRANSIENT = new Set([90055, 90033, 90006, 90024]);
const THROTTLED = 90055;

const parsed = (body: string): Readonly<Record<string, unknown>> => {
  try {
    return fieldsOf(JSON.parse(body));
  } catch {
    return {};
  }
};

const codeOf = (fields: Readonly<Record<string, unknown>>, text: string): number | null => {
  const codes: readonly unknown[] = Array.isArray(fields['error_codes']) ? fields['error_codes'] : [];
  if (typeof codes[0] === 'number') return codes[0];
  const named = /AADSTS(\d+)/.exec(text)?.[1];
  return named === undefined ? null : Number(named);
};

const reasonOf = (status: number, code: number | null): DirectoryErrorReason => {
  if (status === 429 || code === THROTTLED) return 'throttled';
  // Without a code of Entra's it was some proxy that answered.
  if (status < 400 || status >= 500 || code === null || TRANSIENT.has(code)) return 'unanswered';
  return 'credential_bad';
};

/**
 * Why there is no token, told from Entra's answer (null: none came). Always worth coming back: a credential may be
 * renewed, a consent given; seconds after a consent Entra doesn't know the app yet either.
 * Source: entra/identity-platform/reference-error-codes.
 */
export const signInError = (answer: SignInAnswer | null, why: string, now: number): DirectoryError => {
  const { status, body, retryAfter } = answer ?? NO_ANSWER;
  const fields = parsed(body);
  const description = textOf(fields['error_description']) ?? why;
  const code = codeOf(fields, description);
  // The lines behind the first are trace id and time.
  const [text = ''] = description.split(/[\r\n]/);
  return new DirectoryError(reasonOf(status, code), `No token: ${text}`, {
    retry: 'later',
    workload: 'sign-in',
    status: answer?.status ?? null,
    code: code === null ? null : `AADSTS${code}`,
    retryAfterSeconds: retryAfterSeconds(retryAfter, now),
    requestId: textOf(fields['trace_id']),
  });
};

const NO_ANSWER: SignInAnswer = { status: 0, body: '', retryAfter: undefined };

/** A credential that can't even be presented: a PEM without a certificate or with another's key. */
export const unusableCredential = (why: string): DirectoryError =>
  new DirectoryError('credential_bad', `No token: ${why}`, {
    retry: 'later',
    workload: 'sign-in',
    status: null,
    code: null,
    retryAfterSeconds: null,
    requestId: null,
  });

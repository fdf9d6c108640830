import { DirectoryError, knownSignInMend, type DirectoryErrorReason } from '#core/accounts';
import { fieldsOf, textOf } from './graph-answer.js';
import { retryAfterSeconds } from './retry-after.js';

/** The last thing that the sign-in service said while a token was asked for. */
export interface SignInAnswer {
  readonly status: number;
  readonly body: string;
  readonly retryAfter: string | undefined;
  /** The answer's own Date. */
  readonly date?: string | undefined;
}

/** Entra's own words for "come back later"; everything else it refuses is about the credential or the consent. */
const TRANSIENT = new Set([90055, 90033, 90006, 90024]);
const THROTTLED = 90055;

/** The library's own word for a host that it got nothing from, with a link instead of a sentence. */
const UNREACHED = /^(endpoints_resolution_error|openid_config_error|network_error)\b/;
const UNREACHED_TEXT =
  "The sign-in service can't be reached: look at network, name resolution, firewall and certificates.";
/** Entra's texts are short; what is longer is some proxy's page. */
const LONGEST_TEXT = 500;
const LONGEST_ID = 200;

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
  const { status, body, retryAfter, date = '' } = answer ?? NO_ANSWER;
  const fields = parsed(body);
  const description = textOf(fields['error_description']) ?? why;
  const code = codeOf(fields, description);
  // The lines behind the first are trace id and time.
  const text = forPeople(description);
  const named = code === null ? null : `AADSTS${code}`;
  const reason = reasonOf(status, code);
  // Entra's own words leave an operator guessing.
  const remedy = reason === 'credential_bad' ? (knownSignInMend(named) ?? '') : '';
  const answeredAt = Date.parse(date);
  return new DirectoryError(reason, `No token: ${text} ${remedy}`.trimEnd(), {
    retry: 'later',
    workload: 'sign-in',
    status: answer === null ? null : status,
    code: named,
    retryAfterSeconds: retryAfterSeconds(retryAfter, answeredAt || now),
    requestId: traceIn(fields),
  });
};

const forPeople = (description: string): string => {
  const [line = ''] = description.split(/[\r\n]/, 1);
  return UNREACHED.test(line) ? UNREACHED_TEXT : line.slice(0, LONGEST_TEXT);
};

const traceIn = (fields: Readonly<Record<string, unknown>>): string | null =>
  textOf(fields['trace_id'])?.slice(0, LONGEST_ID) ?? null;

const NO_ANSWER: SignInAnswer = { status: 0, body: '', retryAfter: undefined };

/** A credential that can't even be presented: a PEM without its key, a workload token that can't be read. */
export const unusableCredential = (why: string): DirectoryError =>
  new DirectoryError('credential_bad', `No token: ${why}`, {
    retry: 'later',
    workload: 'sign-in',
    status: null,
    code: null,
    retryAfterSeconds: null,
    requestId: null,
  });

import { KNOWN_SIGN_IN_CODES } from '#core/accounts';
import { signInError } from './sign-in-error.js';

/** Source: entra/identity-platform/reference-error-codes; statuses as seen at the token endpoint. */
const CODES = [
  { code: 7000215, status: 401, error: 'invalid_client', means: 'credential_bad' },
  { code: 7000222, status: 401, error: 'invalid_client', means: 'credential_bad' },
  { code: 700016, status: 400, error: 'unauthorized_client', means: 'credential_bad' },
  { code: 90002, status: 400, error: 'invalid_request', means: 'credential_bad' },
  { code: 500011, status: 400, error: 'invalid_resource', means: 'credential_bad' },
  { code: 7000112, status: 401, error: 'unauthorized_client', means: 'credential_bad' },
  { code: 7000112, status: 400, error: 'unauthorized_client', means: 'credential_bad' },
  { code: 7000218, status: 401, error: 'invalid_client', means: 'credential_bad' },
  { code: 700027, status: 401, error: 'invalid_client', means: 'credential_bad' },
  { code: 70021, status: 400, error: 'invalid_request', means: 'credential_bad' },
  { code: 700211, status: 401, error: 'invalid_client', means: 'credential_bad' },
  { code: 700213, status: 401, error: 'invalid_client', means: 'credential_bad' },
  { code: 70011, status: 400, error: 'invalid_scope', means: 'credential_bad' },
  { code: 53003, status: 400, error: 'invalid_grant', means: 'credential_bad' },
  { code: 65004, status: 400, error: 'invalid_grant', means: 'credential_bad' },
  { code: 90094, status: 400, error: 'invalid_grant', means: 'credential_bad' },
  { code: 90055, status: 429, error: 'temporarily_unavailable', means: 'throttled' },
  { code: 90055, status: 400, error: 'temporarily_unavailable', means: 'throttled' },
  { code: 90033, status: 400, error: 'temporarily_unavailable', means: 'unanswered' },
  { code: 90006, status: 503, error: 'temporarily_unavailable', means: 'unanswered' },
  { code: 90024, status: 400, error: 'temporarily_unavailable', means: 'unanswered' },
];

describe('a refusal of the sign-in service', () => {
  it.each(CODES)(
    'AADSTS$code with $status is worth coming back for, and told by its code',
    ({ code, status, error, means }) => {
      const description = `AADSTS${code}: Words of Entra.\r\nTrace ID: t\r\nCorrelation ID: c`;
      const body = JSON.stringify({
        error,
        error_description: description,
        error_codes: [code],
        trace_id: 't',
      });

      const { reason, facts, message } = signInError({ status, body, retryAfter: undefined }, '', 0);

      expect([reason, facts.retry, facts.code, facts.workload]).toEqual([
        means,
        'later',
        `AADSTS${code}`,
        'sign-in',
      ]);
      expect(message).not.toContain('Trace ID');
      expect(KNOWN_SIGN_IN_CODES).toContain(`AADSTS${code}`);
    },
  );
});

import { signInError } from './sign-in-error.js';

const body = (code: number, words = 'words'): string =>
  JSON.stringify({
    error: 'invalid_client',
    error_codes: [code],
    error_description: `AADSTS${code}: ${words}\r\nTrace ID: abc\r\nTimestamp: now`,
    trace_id: 'abc',
  });
const meaning = (status: number, text: string): string => {
  const { reason, facts } = signInError({ status, body: text, retryAfter: undefined }, 'why', 0);
  return `${reason} ${facts.retry} ${facts.code}`;
};

describe('signInError', () => {
  it.each([
    [401, body(7000215), 'credential_bad later AADSTS7000215'],
    [401, body(7000222), 'credential_bad later AADSTS7000222'],
    [400, body(700016), 'credential_bad later AADSTS700016'],
    [400, body(90002), 'credential_bad later AADSTS90002'],
    [400, body(90055), 'throttled later AADSTS90055'],
    [400, body(90033), 'unanswered later AADSTS90033'],
    [429, '', 'throttled later null'],
    [503, '<html>', 'unanswered later null'],
    [403, '<html>a proxy</html>', 'unanswered later null'],
    [200, '', 'unanswered later null'],
  ])('tells what a %i means', (status, text, means) => {
    expect(meaning(status, text)).toBe(means);
  });

  it('tells the first line, the trace and how long to wait', () => {
    const error = signInError({ status: 429, body: body(90055, 'Too many.'), retryAfter: '12' }, 'why', 0);

    expect(error.message).toBe('No token: AADSTS90055: Too many.');
    expect(error.facts).toMatchObject({ workload: 'sign-in', retryAfterSeconds: 12, requestId: 'abc' });
  });

  it.each([
    [401, 70021, 'No federated credential'],
    [401, 700211, 'names the issuer'],
    [400, 700213, 'names the subject'],
    [401, 7000222, 'run out'],
    [401, 7000215, 'not its id'],
  ])('S003, S007: tells an operator what to look at: %i, AADSTS%i', (status, code, words) => {
    const { reason, message, facts } = signInError(
      { status, body: body(code), retryAfter: undefined },
      'why',
      0,
    );

    expect([reason, facts.retry, facts.code]).toEqual(['credential_bad', 'later', `AADSTS${code}`]);
    expect(message).toContain(words);
  });

  it('says what to look at when the service was not reached', () => {
    const why = 'endpoints_resolution_error: See https://aka.ms/msal.js.errors#endpoints_resolution_error';

    expect(signInError(null, why, 0).message).toMatch(/^No token: .*can't be reached: look at network/);
  });

  it('hands on no more of a text than people read', () => {
    const long = JSON.stringify({
      error_description: `AADSTS90002: ${'x'.repeat(1_000_000)}`,
      trace_id: 'y'.repeat(9_999),
    });
    const { message, facts } = signInError({ status: 400, body: long, retryAfter: undefined }, 'why', 0);

    expect(message.length).toBeLessThan(600);
    expect(facts.requestId).toHaveLength(200);
  });

  it('reckons a date to come back by the clock of the service', () => {
    const answer = { status: 429, body: '', retryAfter: 'Mon, 05 Jan 2026 12:01:30 GMT' };
    const date = 'Mon, 05 Jan 2026 12:00:00 GMT';

    expect(signInError({ ...answer, date }, 'why', 0).facts.retryAfterSeconds).toBe(90);
  });

  it('takes silence for silence', () => {
    expect(signInError(null, 'cut', 0)).toMatchObject({
      reason: 'unanswered',
      facts: { status: null, code: null },
    });
  });
});

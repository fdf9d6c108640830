import fc from 'fast-check';
import { consentAnswerIn } from './consent-answer.js';

const TENANT = '99999999-2222-4333-8444-555555555555';
const yes = { tenant: TENANT, adminConsent: 'True', error: undefined, errorDescription: undefined };

describe('What a redirect says', () => {
  it('is yes with a tenant, in whatever case', () => {
    expect(consentAnswerIn({ ...yes, tenant: TENANT.toUpperCase() })).toEqual({
      said: 'yes',
      tenantId: TENANT,
    });
  });

  it.each([
    [
      'access_denied',
      'AADSTS65004: User declined to consent to access the app.',
      'consent.declined',
      'AADSTS65004',
    ],
    ['access_denied', undefined, 'consent.declined', null],
    ['permission_denied', 'AADSTS90094: An administrator …', 'consent.not_permitted', 'AADSTS90094'],
    ['consent_required', 'AADSTS65001: …', 'consent.required', 'AADSTS65001'],
    ['consent_required', '', 'consent.required', null],
    ['server_error', 'AADSTS90033: transient', 'consent.refused', 'AADSTS90033'],
    [undefined, 'something else', 'consent.refused', null],
  ])('is no with %s and %s', (...[error, errorDescription, code, entraCode]) => {
    expect(consentAnswerIn({ ...yes, error, errorDescription })).toMatchObject({
      said: 'no',
      problem: { code, entraCode, mend: expect.any(String) as string },
    });
  });

  it.each([
    { ...yes, tenant: undefined },
    { ...yes, tenant: 'contoso.onmicrosoft.com' },
    { ...yes, tenant: 'common' },
    { ...yes, adminConsent: undefined },
    { ...yes, adminConsent: 'False' },
  ])('is no where it is no plain yes: %j', (says) => {
    expect(consentAnswerIn(says)).toMatchObject({ said: 'no', problem: { code: 'consent.unreadable' } });
  });

  it('brings none of its own words in', () => {
    const word = fc.string({ minLength: 12, maxLength: 60 }).map((text) => `<${text}>`);
    fc.assert(
      fc.property(word, word, (error, errorDescription) => {
        const kept = JSON.stringify(consentAnswerIn({ ...yes, error, errorDescription }));
        expect(kept).not.toContain(JSON.stringify(error).slice(1, -1));
        expect(kept).not.toContain(JSON.stringify(errorDescription).slice(1, -1));
      }),
    );
  });
});

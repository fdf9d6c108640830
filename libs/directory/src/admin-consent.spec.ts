import { adminConsentUrl, type ConsentPage } from './admin-consent.js';
import { MICROSOFT_CLOUDS } from './clouds.js';

const page: ConsentPage = {
  cloud: 'global',
  tenantId: '99999999-2222-4333-8444-555555555555',
  clientId: '33333333-3333-4333-8333-333333333333',
  redirectUri: 'https://curfew.example/api/v1/consent/callback',
  state: 'a secret&+',
};
const urlOf = (wish: Partial<ConsentPage>): URL =>
  new URL(adminConsentUrl(MICROSOFT_CLOUDS, { ...page, ...wish }) ?? '');

describe('The address at which an admin consents', () => {
  it('names app, scope, way back and state, at the tenant', () => {
    const url = urlOf({});

    expect(`${url.origin}${url.pathname}`).toBe(
      `https://login.microsoftonline.com/${page.tenantId}/v2.0/adminconsent`,
    );
    expect(Object.fromEntries(url.searchParams)).toEqual({
      client_id: page.clientId,
      scope: 'https://graph.microsoft.com/.default',
      redirect_uri: page.redirectUri,
      state: page.state,
    });
  });

  it.each([
    ['us-government', 'https://login.microsoftonline.us', 'https://graph.microsoft.us/.default'],
    ['china', 'https://login.partner.microsoftonline.cn', 'https://microsoftgraph.chinacloudapi.cn/.default'],
  ] as const)('is that of the cloud %s', (cloud, host, scope) => {
    const url = urlOf({ cloud, tenantId: null });

    expect(`${url.origin}${url.pathname}`).toBe(`${host}/organizations/v2.0/adminconsent`);
    expect(url.searchParams.get('scope')).toBe(scope);
  });

  it('is none in a cloud that is not here', () => {
    expect(adminConsentUrl(MICROSOFT_CLOUDS, { ...page, cloud: 'custom' })).toBeNull();
  });
});

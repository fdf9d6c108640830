import { decodeJwt } from 'jose';
import type { Switches, TestSimulator } from '../../../../test/support/simulator.js';
import { bodyOf, clientId, secret, setStage, startFrozen, tenantId } from '../testing/stage.js';

describe('A national cloud', () => {
  let simulator: TestSimulator;
  beforeAll(async () => {
    simulator = await startFrozen();
  });
  afterAll(() => simulator.stopSimulator());

  const clouds: [Switches['cloud'], string, string, string][] = [
    ['global', 'microsoftonline.com', 'login.microsoftonline.com', 'graph.microsoft.com'],
    ['usGov', 'microsoftonline.us', 'login.microsoftonline.us', 'graph.microsoft.us'],
    ['usDoD', 'microsoftonline.us', 'login.microsoftonline.us', 'dod-graph.microsoft.us'],
    [
      'china',
      'partner.microsoftonline.cn',
      'login.partner.microsoftonline.cn',
      'microsoftgraph.chinacloudapi.cn',
    ],
  ];
  it.each(clouds)('%s tells its own host names', async (...[cloud, instance, loginHost, graphHost]) => {
    await setStage(simulator, { switches: { cloud } });

    const metadata = await simulator.call('GET', `/${tenantId}/v2.0/.well-known/openid-configuration`);
    const endpoint = encodeURIComponent(`${simulator.url}/${tenantId}/oauth2/v2.0/authorize`);
    const found = await simulator.call(
      'GET',
      `/common/discovery/instance?api-version=1.1&authorization_endpoint=${endpoint}`,
    );

    expect(metadata.body).toMatchObject({
      cloud_instance_name: instance,
      msgraph_host: graphHost,
      token_endpoint: `${simulator.url}/${tenantId}/oauth2/v2.0/token`,
    });
    expect(bodyOf(found)['metadata']).toMatchObject([
      { preferred_network: new URL(simulator.url).host, aliases: [expect.anything(), loginHost] },
    ]);
  });

  it("gives tokens for its own Graph, which the simulator's Graph takes", async () => {
    await setStage(simulator, { switches: { cloud: 'usGov' } });

    const answer = await simulator.call('POST', `/${tenantId}/oauth2/v2.0/token`, {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: clientId,
        client_secret: secret,
        scope: 'https://graph.microsoft.us/.default',
      }).toString(),
    });

    const token = String(bodyOf(answer)['access_token']);
    expect(decodeJwt(token).aud).toBe('https://graph.microsoft.us');
    expect((await simulator.call('GET', '/v1.0/users', { token })).status).toBe(200);
  });
});

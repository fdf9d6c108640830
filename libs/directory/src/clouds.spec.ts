import { checkedClouds, MICROSOFT_CLOUDS } from './clouds.js';

describe('checkedClouds', () => {
  it("takes Microsoft's clouds, and one of the deployment's own", () => {
    const custom = { authorityHost: 'https://localhost:8443/', graphHost: 'https://localhost:8443' };

    const clouds = checkedClouds({ ...MICROSOFT_CLOUDS, custom });

    expect([...clouds.keys()]).toEqual(['global', 'us-government', 'china', 'custom']);
    expect(clouds.get('custom')?.authorityHost).toBe('https://localhost:8443');
  });

  it.each([
    'http://graph.example',
    'https://graph.example/v1.0',
    'https://user@graph.example',
    'graph.example',
    '',
  ])('refuses %j, which is not the https origin of a host', (graphHost) => {
    expect(() => checkedClouds({ custom: { authorityHost: 'https://ok.example', graphHost } })).toThrow(
      TypeError,
    );
  });
});

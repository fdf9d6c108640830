import { refusalOfOtherSites } from './other-sites.js';

const asked = (headers: Record<string, string>) =>
  refusalOfOtherSites(
    { method: 'POST', target: '/__control/faults', headers, text: '', requestId: 'r' },
    'devbox',
  );

describe('A page of another site whose name was made to mean this machine', () => {
  it.each([
    { host: 'evil.example', origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' },
    { host: 'evil.example:8443', origin: 'https://evil.example:8443' },
    { host: 'evil.example:8443', 'sec-fetch-site': 'same-origin' },
    { host: '127.0.0.1.evil.example', 'sec-fetch-site': 'same-origin' },
    { host: '', 'sec-fetch-site': 'same-origin' },
  ])('steers nothing: %j', (headers) => {
    expect(asked(headers)?.status).toBe(403);
  });

  it.each(['localhost:8443', '127.0.0.1:8443', '[::1]:8443', '192.168.7.9:8443', 'devbox:8443'])(
    'is not what is opened as %s',
    (host) => {
      expect(asked({ host, origin: `https://${host}`, 'sec-fetch-site': 'same-origin' })).toBeUndefined();
    },
  );

  it('is no program', () => {
    expect(asked({ host: 'host.docker.internal:8443' })).toBeUndefined();
  });
});

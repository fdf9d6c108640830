import { generate } from 'selfsigned';
import { Secret } from '#core/shared';
import { credentialEnd } from './credential-end.js';

const ENDS_AT = Date.UTC(2031, 4, 5, 9);

describe('The end of a credential', () => {
  it('is what the certificate says, whether the key stands before it or after', async () => {
    const pems = await generate([{ name: 'commonName', value: 'curfew' }], {
      notBeforeDate: new Date(ENDS_AT - 86_400_000),
      notAfterDate: new Date(ENDS_AT),
    });

    for (const pem of [`${pems.cert}\n${pems.private}`, `${pems.private}\n${pems.cert}`])
      expect(credentialEnd({ kind: 'certificate', value: new Secret(pem) })).toBe(ENDS_AT);
  });

  it.each(['secret', 'federated'] as const)('is not known of a %s', (kind) => {
    expect(credentialEnd({ kind, value: new Secret('anything') })).toBeNull();
  });

  it('is not known of what is no certificate', () => {
    expect(credentialEnd({ kind: 'certificate', value: new Secret('no certificate') })).toBeNull();
  });
});

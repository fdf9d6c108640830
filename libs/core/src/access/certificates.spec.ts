import { HOUR, MINUTE, Secret } from '#core/shared';
import { FakeCertificates, FakeClock, NOON } from '#core/testing';
import { judgeCertificate, type CertificateFacts } from './certificates.js';
import { readOffered } from './offered-credential.js';

const GOOD: CertificateFacts = {
  subject: 'CN=x',
  thumbprint: 'A',
  thumbprintSha256: 'B',
  startsAt: NOON - HOUR,
  endsAt: NOON + HOUR,
  key: { kind: 'rsa', bits: 2_048 },
};

describe('judgeCertificate', () => {
  it.each<[string | undefined, Partial<CertificateFacts>]>([
    [undefined, {}],
    [undefined, { startsAt: NOON + 5 * MINUTE }],
    ['certificate.not_yet_valid', { startsAt: NOON + 5 * MINUTE + 1 }],
    ['certificate.ended', { endsAt: NOON }],
    ['certificate.key_unsupported', { key: { kind: 'rsa', bits: 2_047 } }],
    ['certificate.key_unsupported', { key: { kind: 'rsa-pss', bits: 4_096 } }],
    ['certificate.key_unsupported', { key: { kind: 'ec', bits: null } }],
  ])('says %s of %j', (code, told) => {
    expect(judgeCertificate({ ...GOOD, ...told }, NOON)?.code).toBe(code);
  });
});

describe('readOffered', () => {
  const certificates = new FakeCertificates();
  const ports = { certificates, clock: new FakeClock(NOON) };
  const password = new Secret('p');

  it('makes of a PFX what is kept of any certificate', async () => {
    const pem = certificates.pem({ endsAt: NOON + HOUR });
    const value = new Secret(certificates.pfx(pem, 'p'));

    const kept = await readOffered({ kind: 'pfx', value, password }, ports);

    expect(kept.kind).toBe('certificate');
    expect(kept.value.expose()).toBe(pem);
    expect(kept.thumbprint).toMatch(/^[\dA-F]{40}$/);
  });

  it('takes a secret as it is', async () => {
    const value = new Secret('s');

    expect(await readOffered({ kind: 'secret', value }, ports)).toEqual({
      kind: 'secret',
      value,
      endsAt: null,
      thumbprint: null,
    });
  });

  it('refuses a certificate that Entra would refuse, before Entra is asked', async () => {
    const value = new Secret(certificates.pem({ endsAt: NOON - 1 }));

    await expect(readOffered({ kind: 'certificate', value }, ports)).rejects.toMatchObject({
      code: 'certificate.ended',
      details: { endsAt: new Date(NOON - 1).toISOString() },
    });
  });
});

import { createPrivateKey } from 'node:crypto';
import forge from 'node-forge';
import { generate } from 'selfsigned';
import { certificateErrors, MOST_PFX_ITERATIONS } from '#core/access';
import { Secret } from '#core/shared';
import { describeCertificates } from '#core/testing';
import { SAMPLE_PASSWORD, SAMPLES } from '../testing/pfx-samples.js';
import { LocalCertificates } from './local-certificates.js';

// A key of the length that the product takes needs a second or more.
const certificates = new LocalCertificates(2_048);

/** Null: without a password, its key in the clear; the check over the file alone takes iterations. */
const pfxOf = (pem: string, password: string | null, count = 2_048): string => {
  const [, text = ''] = pem.split(/(?=-----BEGIN PRIVATE KEY)/);
  const key = forge.pki.privateKeyFromPem(text);
  const pfx = forge.pkcs12.toPkcs12Asn1(key, forge.pki.certificateFromPem(pem), password, {
    algorithm: '3des',
    count,
  });
  return Buffer.from(forge.asn1.toDer(pfx).getBytes(), 'latin1').toString('base64');
};

describeCertificates('LocalCertificates', () => ({
  certificates,
  pfxOf: ({ pem }, password) => pfxOf(pem.expose(), password),
}));

const readPfx = (file: string, password = SAMPLE_PASSWORD) =>
  certificates.readPfx(new Secret(file), new Secret(password));
const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'read',
    (error: unknown) => (error as { readonly code?: string }).code,
  );

describe('A PFX', () => {
  it.each(['modern', 'legacy', 'nomac'] as const)('is read as others write it: %s', async (sample) => {
    const { facts, pem, certificate } = await readPfx(SAMPLES[sample]);

    expect(facts).toMatchObject({ subject: 'CN=Sample', key: { kind: 'rsa', bits: 1_024 } });
    expect(pem.expose()).toContain('-----BEGIN PRIVATE KEY-----');
    expect(certificate).not.toContain('PRIVATE KEY');
    expect((await certificates.readPem(pem)).facts).toEqual(facts);
  });

  it('without a password is read without one', async () => {
    expect(await codeOf(readPfx(SAMPLES.empty, ''))).toBe('read');
    expect(await codeOf(readPfx(SAMPLES.empty))).toBe('certificate.password_wrong');
  });

  it('with a key on a curve is read, and says what key it is', async () => {
    expect((await readPfx(SAMPLES.ec)).facts.key).toEqual({ kind: 'ec', bits: null });
  });

  it.each([
    ['modern', 'certificate.password_wrong'],
    ['legacy', 'certificate.password_wrong'],
    ['nomac', 'certificate.password_wrong'],
  ] as const)('under another password is refused: %s', async (sample, code) => {
    expect(await codeOf(readPfx(SAMPLES[sample], 'another'))).toBe(code);
    expect(await codeOf(readPfx(SAMPLES[sample], ''))).toBe(code);
  });

  it('without a private key is refused', async () => {
    expect(await codeOf(readPfx(SAMPLES.nokeys))).toBe('certificate.key_missing');
  });

  it('that would cost seconds to open is refused before they are spent', async () => {
    expect(await codeOf(readPfx(SAMPLES.dear))).toBe('certificate.pfx_unsupported');
  });

  it('without a password may cost no more, though it is tried in two ways', async () => {
    const { pem } = await certificates.make({ commonName: 'x', startsAt: 0, endsAt: 4_000_000_000_000 });
    const opened = (iterations: number) => codeOf(readPfx(pfxOf(pem.expose(), null, iterations), ''));

    expect(await opened(MOST_PFX_ITERATIONS / 2)).toBe('read');
    expect(await opened(MOST_PFX_ITERATIONS / 2 + 1)).toBe('certificate.pfx_unsupported');
  });

  it('of as many iterations as the refusal calls safe is read', async () => {
    const { remedy } = certificateErrors.definitions['certificate.pfx_unsupported'];
    const [most, safe] = [...remedy.matchAll(/[\d,]{4,}/g)].map(([count]) =>
      Number(count.replaceAll(',', '')),
    );
    const { pem } = await certificates.make({ commonName: 'x', startsAt: 0, endsAt: 4_000_000_000_000 });

    expect(most).toBe(MOST_PFX_ITERATIONS);
    expect(await codeOf(readPfx(pfxOf(pem.expose(), 'Zürich', safe), 'Zürich'))).toBe('read');
  });

  it('that is cut short, or bent, is refused with a code, wherever that is', async () => {
    const whole = Buffer.from(SAMPLES.modern, 'base64');
    const codes = new Set<unknown>();
    for (let at = 0; at < whole.length; at += 97) {
      const bent = Buffer.from(whole);
      bent[at] = (bent[at] ?? 0) ^ 0xff;
      codes.add(await codeOf(readPfx(whole.subarray(0, at).toString('base64'))));
      codes.add(await codeOf(readPfx(bent.toString('base64'))));
    }

    for (const code of codes) expect(code).toMatch(/^certificate\.(pfx_un|password_wrong)/);
  });
});

interface Made {
  readonly certificate: string;
  readonly key: string;
}

describe('A PEM', () => {
  const made = async (): Promise<Made> => {
    const pems = await generate([{ name: 'commonName', value: 'x' }], {
      algorithm: 'sha256',
      notAfterDate: new Date(Date.UTC(2030, 0, 1)),
    });
    return { certificate: pems.cert, key: pems.private };
  };
  const readPem = (pem: string) => certificates.readPem(new Secret(pem));

  let own: Made;
  let other: Made;

  beforeAll(async () => {
    own = await made();
    other = await made();
  });

  it('is read in either order, with its chain, and only the certificate of the key is kept', async () => {
    const one = await readPem(`${own.certificate}\n${own.key}\n${other.certificate}`);
    const chain = await readPem(`${own.key}\r\n${other.certificate}\r\n${own.certificate}\r\n`);

    expect(chain.facts).toEqual(one.facts);
    expect(chain.pem.expose().match(/BEGIN CERTIFICATE/g)).toHaveLength(1);
  });

  it('with the key of another is refused', async () => {
    expect(await codeOf(readPem(`${own.certificate}\n${other.key}`))).toBe('certificate.key_mismatch');
  });

  it('with a key alone, or an encrypted one, is refused', async () => {
    const cipher = { cipher: 'aes-256-cbc', passphrase: 'p' };
    const locked = createPrivateKey(own.key)
      .export({ format: 'pem', type: 'pkcs8', ...cipher })
      .toString();

    expect(await codeOf(readPem(own.key))).toBe('certificate.unreadable');
    expect(await codeOf(readPem(`${own.certificate}\n${locked}`))).toBe('certificate.key_missing');
  });
});

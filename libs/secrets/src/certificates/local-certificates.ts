import { createPrivateKey, webcrypto, X509Certificate, type KeyObject } from 'node:crypto';
import {
  certificateErrors,
  MOST_PFX_ITERATIONS,
  type Certificates,
  type CertificateWish,
  type KeyedCertificate,
} from '#core/access';
import { Secret } from '#core/shared';
import { openPfx, type PfxContent } from './open-pfx.js';
import { PfxError } from './pfx-nodes.js';

/** As long as certificates of apps live it is long enough, and twice as fast as one of 4096 bits. */
const KEY_BITS = 3_072;
const ALGORITHM = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', publicExponent: new Uint8Array([1, 0, 1]) };

const BLOCK = /-----BEGIN ([A-Z ]+)-----[A-Za-z0-9+/=\s]+-----END \1-----/g;
const CERTIFICATES = ['CERTIFICATE', 'X509 CERTIFICATE', 'TRUSTED CERTIFICATE'];

/** Certificates read and made in this process. */
export class LocalCertificates implements Certificates {
  constructor(private readonly keyBits = KEY_BITS) {}

  readPem(pem: Secret): Promise<KeyedCertificate> {
    const blocks = [...pem.expose().matchAll(BLOCK)].map(([text, label = '']) => ({ text, label }));
    const ofKind = (wanted: (label: string) => boolean): string[] =>
      blocks.filter(({ label }) => wanted(label)).map(({ text }) => text);
    const certificates = read(
      ofKind((label) => CERTIFICATES.includes(label)),
      (text) => new X509Certificate(text),
    );
    if (certificates.length === 0) return Promise.reject(certificateErrors.refuse('certificate.unreadable'));
    const keys = read(
      ofKind((label) => label.endsWith('PRIVATE KEY')),
      (text) => createPrivateKey(text),
    );
    return chosen(certificates, keys);
  }

  async readPfx(file: Secret, password: Secret): Promise<KeyedCertificate> {
    const { certificates, keys } = await opened(file, password);
    const readable = read(certificates, (der) => new X509Certificate(der));
    if (readable.length === 0) throw certificateErrors.refuse('certificate.pfx_unreadable');
    const format = { format: 'der', type: 'pkcs8' } as const;
    return chosen(
      readable,
      read(keys, (key) => createPrivateKey({ key, ...format })),
    );
  }

  async make({ commonName, startsAt, endsAt }: CertificateWish): Promise<KeyedCertificate> {
    // It asks for that at load, for a library of its own.
    await import('reflect-metadata');
    const { BasicConstraintsExtension, KeyUsageFlags, KeyUsagesExtension, Name, X509CertificateGenerator } =
      await import('@peculiar/x509');
    const asked = { ...ALGORITHM, modulusLength: this.keyBits };
    const pair = await webcrypto.subtle.generateKey(asked, true, ['sign', 'verify']);
    const certificate = await X509CertificateGenerator.createSelfSigned(
      {
        // As a value, not as text to be parsed: a name may hold commas and quotation marks.
        name: new Name([{ CN: [{ utf8String: commonName }] }]),
        notBefore: new Date(startsAt),
        notAfter: new Date(endsAt),
        keys: pair,
        signingAlgorithm: ALGORITHM,
        extensions: [
          new BasicConstraintsExtension(false, undefined, true),
          new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        ],
      },
      webcrypto as Parameters<typeof X509CertificateGenerator.createSelfSigned>[1],
    );
    const key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', pair.privateKey));
    const made = new X509Certificate(Buffer.from(certificate.rawData));
    return keyed(made, createPrivateKey({ key, format: 'der', type: 'pkcs8' }));
  }
}

const opened = async (file: Secret, password: Secret): Promise<PfxContent> => {
  const bytes = Buffer.from(file.expose(), 'base64');
  // Where there is no password, some tools take an empty one, and others none at all.
  const tries = password.expose() === '' ? ['', null] : [password.expose()];
  const budget = { left: MOST_PFX_ITERATIONS };
  let reason: PfxError['reason'] = 'unreadable';
  for (const each of tries)
    try {
      return await openPfx(bytes, each, budget);
    } catch (error) {
      if (!(error instanceof PfxError)) throw error;
      ({ reason } = error);
      if (reason !== 'password_wrong') break;
    }
  throw certificateErrors.refuse(REFUSALS[reason]);
};

const REFUSALS = {
  password_wrong: 'certificate.password_wrong',
  unsupported: 'certificate.pfx_unsupported',
  unreadable: 'certificate.pfx_unreadable',
} as const;

/** Those that can be read. */
const read = <From, To>(values: readonly From[], one: (value: From) => To): readonly To[] =>
  values.flatMap((value) => {
    try {
      return [one(value)];
    } catch {
      return [];
    }
  });

/** Of a chain the one to which there is a key: it signs. */
const chosen = (
  certificates: readonly X509Certificate[],
  keys: readonly KeyObject[],
): Promise<KeyedCertificate> => {
  if (keys.length === 0) return Promise.reject(certificateErrors.refuse('certificate.key_missing'));
  for (const certificate of certificates)
    for (const key of keys)
      if (certificate.checkPrivateKey(key)) return Promise.resolve(keyed(certificate, key));
  return Promise.reject(certificateErrors.refuse('certificate.key_mismatch'));
};

const keyed = (certificate: X509Certificate, key: KeyObject): KeyedCertificate => {
  const alone = certificate.toString();
  const { asymmetricKeyType, asymmetricKeyDetails } = key;
  return {
    facts: {
      subject: certificate.subject,
      thumbprint: plainHex(certificate.fingerprint),
      thumbprintSha256: plainHex(certificate.fingerprint256),
      startsAt: Date.parse(certificate.validFrom),
      endsAt: Date.parse(certificate.validTo),
      key: { kind: asymmetricKeyType ?? 'unknown', bits: asymmetricKeyDetails?.modulusLength ?? null },
    },
    certificate: alone,
    pem: new Secret(`${alone}${key.export({ format: 'pem', type: 'pkcs8' }).toString()}`),
  };
};

const plainHex = (fingerprint: string): string => fingerprint.replaceAll(':', '');

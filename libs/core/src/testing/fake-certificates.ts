import {
  certificateErrors,
  type CertificateFacts,
  type Certificates,
  type CertificateWish,
  type KeyedCertificate,
} from '../access/index.js';
import { Secret } from '../shared/index.js';

interface FakePem {
  readonly number: number;
  readonly facts: CertificateFacts;
  readonly key: boolean;
}

/** Certificates without cryptography: a PEM is JSON between PEM's lines, a PFX is that with its password. */
export class FakeCertificates implements Certificates {
  #made = 0;

  readPem(pem: Secret): Promise<KeyedCertificate> {
    return refusing(() => keyed(parsed(pem.expose(), 'certificate.unreadable')));
  }

  readPfx(file: Secret, password: Secret): Promise<KeyedCertificate> {
    return refusing(() => {
      const { pem, password: expected } = json<{ pem: string; password: string }>(
        file.expose(),
        'certificate.pfx_unreadable',
      );
      if (expected !== password.expose()) throw certificateErrors.refuse('certificate.password_wrong');
      return keyed(parsed(pem, 'certificate.pfx_unreadable'));
    });
  }

  make(wish: CertificateWish): Promise<KeyedCertificate> {
    return refusing(() => {
      // As every encoder of the real ones does: half a character is none.
      encodeURIComponent(wish.commonName);
      return keyed({ number: ++this.#made, facts: factsOf(wish, this.#made), key: true });
    });
  }

  /** A PEM in which a test says what it likes. */
  pem(told: Partial<CertificateFacts>, key = true): string {
    const wish = { commonName: 'told', startsAt: 0, endsAt: 4_000_000_000_000 };
    this.#made += 1;
    return spelled({ number: this.#made, facts: { ...factsOf(wish, this.#made), ...told }, key });
  }

  pfx(pem: string, password: string): string {
    return JSON.stringify({ pem, password });
  }
}

const factsOf = ({ commonName, startsAt, endsAt }: CertificateWish, number: number): CertificateFacts => ({
  subject: `CN=${commonName}`,
  thumbprint: number.toString(16).toUpperCase().padStart(40, '0'),
  thumbprintSha256: number.toString(16).toUpperCase().padStart(64, '0'),
  startsAt,
  endsAt,
  key: { kind: 'rsa', bits: 3_072 },
});

const spelled = (pem: FakePem): string =>
  `-----BEGIN CERTIFICATE-----\n${JSON.stringify(pem)}\n-----END CERTIFICATE-----\n`;

const keyed = (pem: FakePem): KeyedCertificate => {
  if (!pem.key) throw certificateErrors.refuse('certificate.key_missing');
  const certificate = spelled({ ...pem, key: false });
  return { facts: pem.facts, certificate, pem: new Secret(spelled(pem)) };
};

type Unreadable = 'certificate.unreadable' | 'certificate.pfx_unreadable';

const parsed = (text: string, code: Unreadable): FakePem => json(text.split('\n')[1] ?? '', code);

const json = <T>(text: string, code: Unreadable): T => {
  try {
    return JSON.parse(text) as T;
  } catch {
    throw certificateErrors.refuse(code);
  }
};

const refusing = <T>(work: () => T): Promise<T> => Promise.resolve().then(work);

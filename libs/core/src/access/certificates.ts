import { MINUTE, type DomainError, type Instant, type Secret } from '#core/shared';
import { certificateErrors } from './certificate.errors.js';

/** What a certificate says of itself. */
export interface CertificateFacts {
  readonly subject: string;
  /** SHA-1 in hexadecimal capitals: by it Entra's pages name a certificate. */
  readonly thumbprint: string;
  /** SHA-256 in hexadecimal capitals. */
  readonly thumbprintSha256: string;
  readonly startsAt: Instant;
  readonly endsAt: Instant;
  /** `rsa`, `ec`, …, and the bits of it where that means anything. */
  readonly key: { readonly kind: string; readonly bits: number | null };
}

/** A certificate with its private key. */
export interface KeyedCertificate {
  readonly facts: CertificateFacts;
  /** PEM of the certificate alone: nothing secret in it. */
  readonly certificate: string;
  /** PEM of certificate and private key, which is what signs us in. */
  readonly pem: Secret;
}

/** A self-signed certificate to be made. */
export interface CertificateWish {
  readonly commonName: string;
  readonly startsAt: Instant;
  readonly endsAt: Instant;
}

/**
 * Reads and makes certificates. Promised: whatever is read holds a certificate and the private key of that very
 * certificate; neither key nor password is in any error, and no password is kept. Reading takes a second at the most,
 * whatever was sent.
 */
export interface Certificates {
  /** Throws `certificate.unreadable`, `certificate.key_…`. */
  readPem(pem: Secret): Promise<KeyedCertificate>;
  /** Of a file in base64. Throws `certificate.pfx_…`, `certificate.password_wrong`, `certificate.key_…`. */
  readPfx(file: Secret, password: Secret): Promise<KeyedCertificate>;
  /** With a key of its own: RSA, signed with SHA-256. */
  make(wish: CertificateWish): Promise<KeyedCertificate>;
}

const LEAST_BITS = 2_048;
/** Whoever made it a moment ago may have a clock that is ahead of ours. */
const AHEAD_MS = 5 * MINUTE;

/** Why Entra would not let anybody in by it; null: nothing speaks against it. */
export const judgeCertificate = (
  { key, startsAt, endsAt }: CertificateFacts,
  now: Instant,
): DomainError | null => {
  if (key.kind !== 'rsa' || (key.bits ?? 0) < LEAST_BITS) {
    const told = key.bits === null ? key.kind : `${key.kind} ${key.bits}`;
    return certificateErrors.refuse('certificate.key_unsupported', { key: told });
  }
  if (endsAt <= now) return certificateErrors.refuse('certificate.ended', { endsAt: iso(endsAt) });
  if (startsAt > now + AHEAD_MS)
    return certificateErrors.refuse('certificate.not_yet_valid', { startsAt: iso(startsAt) });
  return null;
};

const iso = (at: Instant): string => new Date(at).toISOString();

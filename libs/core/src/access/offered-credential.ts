import type { Clock, Instant, Secret } from '#core/shared';
import type { CredentialKind } from '#core/tenancy';
import { judgeCertificate, type Certificates } from './certificates.js';

/** A credential in the form in which somebody hands it over. */
export type OfferedCredential =
  | { readonly kind: 'secret'; readonly value: Secret }
  /** A PEM with certificate and private key. */
  | { readonly kind: 'certificate'; readonly value: Secret }
  /** A PFX file in base64; without a password the empty one is tried. */
  | { readonly kind: 'pfx'; readonly value: Secret; readonly password: Secret };

/** A credential in the form in which it is kept. */
export interface KeptCredential {
  readonly kind: CredentialKind;
  readonly value: Secret;
  /** When it ends, where it says so itself. */
  readonly endsAt: Instant | null;
  /** Of a certificate, by which Entra's portal names it; null: it is none. */
  readonly thumbprint: string | null;
}

/** What the audit log is told of a credential that is kept: which certificate, where it is one. */
export const toldOf = ({
  thumbprint,
}: Pick<KeptCredential, 'thumbprint'>): { readonly thumbprint?: string } =>
  thumbprint === null ? {} : { thumbprint };

export interface ReadingPorts {
  readonly certificates: Certificates;
  readonly clock: Clock;
}

/** Reads what was handed over, before Entra is asked about it. Throws `certificate.…`. */
export const readOffered = async (
  offered: OfferedCredential,
  { certificates, clock }: ReadingPorts,
): Promise<KeptCredential> => {
  switch (offered.kind) {
    case 'secret':
      return { kind: 'secret', value: offered.value, endsAt: null, thumbprint: null };
    case 'certificate':
    case 'pfx': {
      const { value } = offered;
      const read =
        offered.kind === 'pfx'
          ? await certificates.readPfx(value, offered.password)
          : await certificates.readPem(value);
      const refusal = judgeCertificate(read.facts, clock.now());
      if (refusal !== null) throw refusal;
      const { endsAt, thumbprint } = read.facts;
      return { kind: 'certificate', value: read.pem, endsAt, thumbprint };
    }
  }
};

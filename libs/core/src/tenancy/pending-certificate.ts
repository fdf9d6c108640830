import type {
  CertificateId,
  CustomerId,
  Instant,
  OrganizationId,
  SealedPlace,
  Secret,
  SecretBox,
} from '#core/shared';

/** A certificate that Curfew made for a customer's app. It gets nobody in before it is activated. */
export interface PendingCertificate {
  readonly id: CertificateId;
  readonly organizationId: OrganizationId;
  readonly customerId: CustomerId;
  /** PEM of the certificate alone, for the app registration. */
  readonly certificate: string;
  readonly subject: string;
  readonly thumbprint: string;
  readonly thumbprintSha256: string;
  readonly startsAt: Instant;
  readonly endsAt: Instant;
  /** PEM of certificate and private key. */
  readonly sealedCredential: string;
  readonly createdAt: Instant;
}

/** The place to which the private key is sealed; of each id there is one version. */
export const pendingCertificatePlace = ({
  organizationId,
  id,
}: Pick<PendingCertificate, 'organizationId' | 'id'>): SealedPlace => ({
  organizationId,
  table: 'entra_pending_certificate',
  column: 'sealed_credential',
  rowId: id,
  version: 1,
});

/** PEM of certificate and private key. Throws `secret.unreadable`. */
export const openPending = (pending: PendingCertificate, box: SecretBox): Secret =>
  box.open(pending.sealedCredential, pendingCertificatePlace(pending));

export interface PendingCertificateStore {
  ofCustomer(customerId: CustomerId): Promise<PendingCertificate | null>;
  /** False when the customer has one. */
  insert(pending: PendingCertificate): Promise<boolean>;
  /** False when it is gone. */
  remove(id: CertificateId): Promise<boolean>;
}

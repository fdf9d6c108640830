import { Secret, type CustomerId, type OrganizationId, type SecretBox, type UnitOfWork } from '#core/shared';
import { openPending, type PendingCertificate, type TenancyStores } from '#core/tenancy';
import { accessErrors } from './access.errors.js';
import {
  readOffered,
  type KeptCredential,
  type OfferedCredential,
  type ReadingPorts,
} from './offered-credential.js';
import { pendingOf } from './pending-certificate.js';

/** A credential that is handed over for a customer's app, or one of which nothing need be handed over. */
export type CustomerCredential =
  | OfferedCredential
  /** The certificate that was made here for it. */
  | { readonly kind: 'pending-certificate' }
  /** The workload identity of this deployment. */
  | { readonly kind: 'federated' };

/** As it is kept, and the pending certificate that it was, to be spent when it is. */
export interface ReadCredential {
  readonly credential: KeptCredential;
  readonly pending: PendingCertificate | null;
}

export interface CustomerCredentialPorts extends ReadingPorts {
  readonly unitOfWork: UnitOfWork<TenancyStores>;
  readonly box: SecretBox;
  /** The slug of the one organization for which this deployment's workload identity vouches; null: for none (ADR 37). */
  readonly federatedOrganization: string | null;
}

const FEDERATED: KeptCredential = {
  kind: 'federated',
  value: new Secret(''),
  endsAt: null,
  thumbprint: null,
};

interface At {
  readonly organizationId: OrganizationId;
  readonly customerId: CustomerId;
}

/** Reads what was offered. Throws `certificate.…`, `entra_connection.federation_unavailable`, `secret.unreadable`. */
export const readCustomerCredential = async (
  offered: CustomerCredential,
  at: At,
  ports: CustomerCredentialPorts,
): Promise<ReadCredential> => {
  switch (offered.kind) {
    case 'pending-certificate':
      return readPending(at, ports);
    case 'federated':
      await requireFederation(at, ports);
      return { credential: FEDERATED, pending: null };
    case 'secret':
    case 'certificate':
    case 'pfx':
      return { credential: await readOffered(offered, ports), pending: null };
  }
};

const readPending = async (
  { organizationId, customerId }: At,
  ports: CustomerCredentialPorts,
): Promise<ReadCredential> => {
  const pending = await ports.unitOfWork.inOrganization(organizationId, (stores) =>
    pendingOf(stores, customerId),
  );
  const value = openPending(pending, ports.box);
  return { credential: await readOffered({ kind: 'certificate', value }, ports), pending };
};

/** The identity is the deployment's: with it any organization could enter what trusts it, by naming two ids that are no secrets. */
const requireFederation = async (
  { organizationId }: At,
  { unitOfWork, federatedOrganization }: CustomerCredentialPorts,
): Promise<void> => {
  const organization = await unitOfWork.inOrganization(organizationId, ({ organizations }) =>
    organizations.get(),
  );
  if (federatedOrganization === null || organization?.slug !== federatedOrganization)
    throw accessErrors.refuse('entra_connection.federation_unavailable');
};

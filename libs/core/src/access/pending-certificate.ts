import type { AuditAction, AuditActor, AuditEvent, AuditStores } from '#core/audit';
import {
  HOUR,
  idOf,
  MINUTE,
  type Clock,
  type CustomerId,
  type Ids,
  type Instant,
  type OrganizationId,
  type SecretBox,
  type UnitOfWork,
} from '#core/shared';
import {
  pendingCertificatePlace,
  type Customer,
  type PendingCertificate,
  type TenancyStores,
} from '#core/tenancy';
import { accessErrors } from './access.errors.js';
import { certificateName } from './certificate-name.js';
import { certificateErrors } from './certificate.errors.js';
import type { Certificates, KeyedCertificate } from './certificates.js';

/** At which customer, and who asks. */
export interface PendingCertificateCommand {
  readonly organizationId: OrganizationId;
  readonly customerId: CustomerId;
  readonly actor: AuditActor;
}

export interface MakeCertificateCommand extends PendingCertificateCommand {
  readonly validDays: number;
}

type Stores = AuditStores & TenancyStores;

export interface PendingCertificatePorts {
  readonly unitOfWork: UnitOfWork<Stores>;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly box: SecretBox;
  readonly certificates: Certificates;
}

/** Entra's clock may be behind ours. */
const BEFORE_MS = 5 * MINUTE;
const DAY = 24 * HOUR;

/**
 * Makes a certificate for a customer's app. The private key is sealed at once and never leaves; the public part is for the
 * app registration. Whatever is in use stays in use until this one has proven itself.
 */
export class MakeCertificate {
  constructor(private readonly ports: PendingCertificatePorts) {}

  /** Throws `customer.…`, `entra_connection.removing`, `certificate.pending_exists`. */
  async execute(command: MakeCertificateCommand): Promise<PendingCertificate> {
    const { unitOfWork, certificates } = this.ports;
    const { organizationId } = command;
    const { name } = await unitOfWork.inOrganization(organizationId, (stores) => free(stores, command));
    const startsAt = this.ports.clock.now() - BEFORE_MS;
    const made = await certificates.make({
      commonName: certificateName(name),
      startsAt,
      endsAt: startsAt + command.validDays * DAY,
    });
    const pending = this.sealed(command, made);
    await unitOfWork.inOrganization(organizationId, async (stores) => {
      await free(stores, command);
      if (!(await stores.pendingCertificates.insert(pending)))
        throw certificateErrors.refuse('certificate.pending_exists');
      await stores.audit.append([eventOf(command, pending, 'certificate.made')]);
    });
    return pending;
  }

  private sealed(
    { organizationId, customerId }: PendingCertificateCommand,
    { facts, certificate, pem }: KeyedCertificate,
  ): PendingCertificate {
    const { ids, box, clock } = this.ports;
    const place = { organizationId, id: idOf<'certificate'>(ids.uuid()) };
    const { subject, thumbprint, thumbprintSha256, startsAt, endsAt } = facts;
    return {
      ...place,
      customerId,
      certificate,
      ...{ subject, thumbprint, thumbprintSha256, startsAt, endsAt },
      sealedCredential: box.seal(pem, pendingCertificatePlace(place)),
      createdAt: clock.now(),
    };
  }
}

/** Throws a certificate away that was made and not activated, its private key with it. */
export class DiscardCertificate {
  constructor(private readonly ports: Pick<PendingCertificatePorts, 'unitOfWork' | 'clock'>) {}

  /** Throws `certificate.pending_not_found`. */
  execute(command: PendingCertificateCommand): Promise<PendingCertificate> {
    const { unitOfWork, clock } = this.ports;
    return unitOfWork.inOrganization(command.organizationId, async (stores) => {
      const pending = await pendingOf(stores, command.customerId);
      await spendPending(stores, pending);
      await stores.audit.append([{ ...eventOf(command, pending, 'certificate.discarded'), at: clock.now() }]);
      return pending;
    });
  }
}

/** The customer, where a certificate may be made for it. */
const free = async (
  { customers, connections, pendingCertificates }: TenancyStores,
  { customerId }: PendingCertificateCommand,
): Promise<Customer> => {
  const customer = await customers.steady(customerId);
  if (customer === null) throw accessErrors.refuse('customer.not_found');
  if (customer.state !== 'active') throw accessErrors.refuse('customer.removed');
  if ((await connections.ofCustomer(customerId))?.state === 'removing')
    throw accessErrors.refuse('entra_connection.removing');
  if ((await pendingCertificates.ofCustomer(customerId)) !== null)
    throw certificateErrors.refuse('certificate.pending_exists');
  return customer;
};

/** Throws `certificate.pending_not_found`. */
export const pendingOf = async (
  { pendingCertificates }: Pick<TenancyStores, 'pendingCertificates'>,
  customerId: CustomerId,
): Promise<PendingCertificate> => {
  const pending = await pendingCertificates.ofCustomer(customerId);
  if (pending === null) throw certificateErrors.refuse('certificate.pending_not_found');
  return pending;
};

/** It is pending no longer. Throws `certificate.pending_not_found` when somebody was faster. */
export const spendPending = async (
  { pendingCertificates }: Pick<TenancyStores, 'pendingCertificates'>,
  { id }: Pick<PendingCertificate, 'id'>,
): Promise<void> => {
  if (!(await pendingCertificates.remove(id)))
    throw certificateErrors.refuse('certificate.pending_not_found');
};

const eventOf = (
  { organizationId, customerId, actor }: PendingCertificateCommand,
  { id, thumbprint, endsAt, createdAt }: PendingCertificate,
  action: AuditAction,
): AuditEvent => ({
  organizationId,
  at: createdAt,
  actor,
  action,
  subject: { kind: 'certificate', id },
  customerId,
  details: { thumbprint, endsAt: iso(endsAt) },
});

const iso = (at: Instant): string => new Date(at).toISOString();

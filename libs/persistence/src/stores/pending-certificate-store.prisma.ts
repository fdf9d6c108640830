import { idOf, type CertificateId, type CustomerId } from '#core/shared';
import type { PendingCertificate, PendingCertificateStore } from '#core/tenancy';
import { dateOf, instantOf } from '../reading.js';
import type { Session } from '../session.js';

/** Certificates that were made and not activated yet. */
export class PrismaPendingCertificateStore implements PendingCertificateStore {
  constructor(private readonly session: Session) {}

  ofCustomer(customerId: CustomerId): Promise<PendingCertificate | null> {
    const { organizationId } = this.session;
    return this.session.run(async (tx) => {
      const row = await tx.entraPendingCertificate.findUnique({
        where: { organizationId_customerId: { organizationId, customerId } },
      });
      if (row === null) return null;
      return {
        ...row,
        id: idOf(row.id),
        organizationId: idOf(row.organizationId),
        customerId: idOf(row.customerId),
        startsAt: instantOf(row.startsAt),
        endsAt: instantOf(row.endsAt),
        createdAt: instantOf(row.createdAt),
      };
    });
  }

  insert(pending: PendingCertificate): Promise<boolean> {
    const { startsAt, endsAt, createdAt } = pending;
    const instants = { startsAt: dateOf(startsAt), endsAt: dateOf(endsAt), createdAt: dateOf(createdAt) };
    return this.session.run(async (tx) => {
      const { count } = await tx.entraPendingCertificate.createMany({
        data: { ...pending, ...instants },
        skipDuplicates: true,
      });
      return count === 1;
    });
  }

  remove(id: CertificateId): Promise<boolean> {
    return this.session.run(async (tx) => {
      const { count } = await tx.entraPendingCertificate.deleteMany({
        where: { organizationId: this.session.organizationId, id },
      });
      return count === 1;
    });
  }
}

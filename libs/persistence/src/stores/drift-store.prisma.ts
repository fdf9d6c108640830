import type { CustomerDrift, DriftStore, StrayUser, StrayVerdict } from '#core/accounts';
import { idOf, type CustomerId, type DriftClaim, type Instant, type ObjectId } from '#core/shared';
import type { CustomerDriftModel, StrayUserModel } from '../generated/models.js';
import { dateOf, dateOrNull, instantOf, instantOrNull, oneOf } from '../reading.js';
import type { Session } from '../session.js';

const verdict = oneOf<StrayVerdict>('orphan', 'second_bearer', 'unproven');

export class PrismaDriftStore implements DriftStore {
  constructor(private readonly session: Session) {}

  ofCustomer(customerId: CustomerId): Promise<CustomerDrift | null> {
    const { organizationId } = this.session;
    return this.session.run(async (tx) => {
      const row = await tx.customerDrift.findUnique({
        where: { organizationId_customerId: { organizationId, customerId } },
      });
      return row === null ? null : driftFromRow(row);
    });
  }

  advance(
    { customerId, epoch }: DriftClaim,
    { tenantId, cursor, toldAt }: Omit<CustomerDrift, 'customerId'>,
  ): Promise<boolean> {
    const { organizationId } = this.session;
    return this.session.run(async (tx) => {
      const { count } = await tx.customerDrift.updateMany({
        where: { organizationId, customerId, epoch },
        data: { tenantId, cursor, toldAt: dateOrNull(toldAt) },
      });
      return count === 1;
    });
  }

  finish({ customerId, epoch }: DriftClaim, dueAt: Instant): Promise<void> {
    const { organizationId } = this.session;
    return this.session.run(async (tx) => {
      await tx.customerDrift.updateMany({
        where: { organizationId, customerId, epoch },
        data: { dueAt: dateOf(dueAt), claimedUntil: null },
      });
    });
  }

  rereadFor(customerId: CustomerId): Promise<Instant | null> {
    const { organizationId } = this.session;
    return this.session.run(async (tx) => {
      const row = await tx.customerDrift.findUnique({
        where: { organizationId_customerId: { organizationId, customerId } },
        select: { rereadFor: true },
      });
      return instantOrNull(row?.rereadFor ?? null);
    });
  }

  beginAgain({ customerId, epoch }: DriftClaim, since: Instant): Promise<boolean> {
    const { organizationId } = this.session;
    return this.session.run(async (tx) => {
      const { count } = await tx.customerDrift.updateMany({
        where: { organizationId, customerId, epoch },
        data: { cursor: null, rereadFor: dateOf(since) },
      });
      return count === 1;
    });
  }

  closeRestoration(customerId: CustomerId, since: Instant): Promise<boolean> {
    const { organizationId } = this.session;
    const wholeFor = dateOf(since);
    return this.session.run(async (tx) => {
      const { count } = await tx.customerDrift.updateMany({
        where: { organizationId, customerId, OR: [{ wholeFor: null }, { wholeFor: { not: wholeFor } }] },
        data: { wholeFor, rereadFor: wholeFor },
      });
      return count === 1;
    });
  }

  strays(customerId: CustomerId, objectIds: readonly ObjectId[]): Promise<readonly StrayUser[]> {
    const { organizationId } = this.session;
    return this.session.run(async (tx) => {
      const rows = await tx.strayUser.findMany({
        where: { organizationId, customerId, objectId: { in: [...objectIds] } },
      });
      return rows.map(strayFromRow);
    });
  }

  openOrphans(customerId: CustomerId, limit: number): Promise<readonly StrayUser[]> {
    const { organizationId } = this.session;
    return this.session.run(async (tx) => {
      const rows = await tx.strayUser.findMany({
        where: { organizationId, customerId, verdict: 'orphan', containedAt: null },
        orderBy: [{ foundAt: 'asc' }, { objectId: 'asc' }],
        take: limit,
      });
      return rows.map(strayFromRow);
    });
  }

  keepStray(stray: StrayUser): Promise<void> {
    const { organizationId } = this.session;
    const { customerId, objectId } = stray;
    const rest = {
      upn: stray.upn,
      verdict: stray.verdict,
      accountId: stray.accountId,
      foundAt: dateOf(stray.foundAt),
      containedAt: dateOrNull(stray.containedAt),
    };
    return this.session.run(async (tx) => {
      await tx.strayUser.upsert({
        where: { organizationId_customerId_objectId: { organizationId, customerId, objectId } },
        create: { organizationId, customerId, objectId, ...rest },
        update: rest,
      });
    });
  }
}

const driftFromRow = (row: CustomerDriftModel): CustomerDrift => ({
  customerId: idOf(row.customerId),
  tenantId: row.tenantId,
  cursor: row.cursor,
  toldAt: instantOrNull(row.toldAt),
});

const strayFromRow = (row: StrayUserModel): StrayUser => ({
  customerId: idOf(row.customerId),
  objectId: idOf(row.objectId),
  upn: row.upn,
  verdict: verdict(row.verdict, 'stray_user.verdict'),
  accountId: row.accountId === null ? null : idOf(row.accountId),
  foundAt: instantOf(row.foundAt),
  containedAt: instantOrNull(row.containedAt),
});

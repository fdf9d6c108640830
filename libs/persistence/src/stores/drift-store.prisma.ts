import type { CustomerDrift, DriftStore, PassEnd, StrayUser, StrayVerdict } from '#core/accounts';
import { idOf, type CustomerId, type DriftClaim, type Instant, type ObjectId } from '#core/shared';
import type { CustomerDriftModel, StrayUserModel } from '../generated/models.js';
import { dateOf, dateOrNull, instantOf, instantOrNull, isoOf, oneOf } from '../reading.js';
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
    { tenantId, cursor, toldAt, unkept, unkeptAt }: Omit<CustomerDrift, 'customerId'>,
  ): Promise<boolean> {
    const { organizationId } = this.session;
    return this.session.run(async (tx) => {
      const { count } = await tx.customerDrift.updateMany({
        where: { organizationId, customerId, epoch },
        data: { tenantId, cursor, toldAt: dateOrNull(toldAt), unkept, unkeptAt: dateOrNull(unkeptAt) },
      });
      return count === 1;
    });
  }

  finish({ customerId, epoch }: DriftClaim, { dueAt, comparedAt }: PassEnd): Promise<void> {
    const { organizationId } = this.session;
    return this.session.run(async (tx) => {
      await tx.customerDrift.updateMany({
        where: { organizationId, customerId, epoch },
        data: {
          dueAt: dateOf(dueAt),
          claimedUntil: null,
          ...(comparedAt === null ? {} : { comparedAt: dateOf(comparedAt) }),
        },
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

  othersKept(customerId: CustomerId, atMost: number): Promise<number> {
    const { organizationId } = this.session;
    return this.session.run(async (tx) => {
      const [row] = await tx.$queryRaw<{ kept: number }[]>`
        SELECT count(*)::int AS kept FROM (
          SELECT FROM stray_user
           WHERE organization_id = ${organizationId}::uuid AND customer_id = ${customerId}::uuid AND verdict <> 'orphan'
           LIMIT ${atMost}) counted`;
      return row?.kept ?? 0;
    });
  }

  openOrphans(customerId: CustomerId, limit: number): Promise<readonly StrayUser[]> {
    const { organizationId } = this.session;
    return this.session.run(async (tx) => {
      const rows = await tx.strayUser.findMany({
        where: { organizationId, customerId, verdict: 'orphan', containedAt: null },
        orderBy: [{ triedAt: { sort: 'asc', nulls: 'first' } }, { foundAt: 'asc' }, { objectId: 'asc' }],
        take: limit,
      });
      return rows.map(strayFromRow);
    });
  }

  keepStrays(strays: readonly StrayUser[]): Promise<void> {
    if (strays.length === 0) return Promise.resolve();
    const { organizationId } = this.session;
    const rows = JSON.stringify(strays.map(rowOf));
    return this.session.run(async (tx) => {
      await tx.$executeRaw`
        INSERT INTO stray_user (organization_id, customer_id, object_id, upn, verdict, account_id,
                                found_at, contained_at, tried_at)
        SELECT ${organizationId}::uuid, s.* FROM jsonb_to_recordset(${rows}::jsonb) AS s (
          customer_id uuid, object_id text, upn text, verdict text, account_id uuid,
          found_at timestamptz, contained_at timestamptz, tried_at timestamptz)
        ORDER BY s.object_id
        ON CONFLICT (organization_id, customer_id, object_id) DO UPDATE SET
          upn = excluded.upn, verdict = excluded.verdict, account_id = excluded.account_id,
          found_at = excluded.found_at, contained_at = excluded.contained_at, tried_at = excluded.tried_at`;
    });
  }
}

const rowOf = (stray: StrayUser) => ({
  customer_id: stray.customerId,
  object_id: stray.objectId,
  upn: stray.upn,
  verdict: stray.verdict,
  account_id: stray.accountId,
  found_at: isoOf(stray.foundAt),
  contained_at: isoOrNull(stray.containedAt),
  tried_at: isoOrNull(stray.triedAt),
});

const isoOrNull = (at: Instant | null): string | null => (at === null ? null : isoOf(at));

const driftFromRow = (row: CustomerDriftModel): CustomerDrift => ({
  customerId: idOf(row.customerId),
  tenantId: row.tenantId,
  cursor: row.cursor,
  toldAt: instantOrNull(row.toldAt),
  unkept: row.unkept,
  unkeptAt: instantOrNull(row.unkeptAt),
});

const strayFromRow = (row: StrayUserModel): StrayUser => ({
  customerId: idOf(row.customerId),
  objectId: idOf(row.objectId),
  upn: row.upn,
  verdict: verdict(row.verdict, 'stray_user.verdict'),
  accountId: row.accountId === null ? null : idOf(row.accountId),
  foundAt: instantOf(row.foundAt),
  containedAt: instantOrNull(row.containedAt),
  triedAt: instantOrNull(row.triedAt),
});

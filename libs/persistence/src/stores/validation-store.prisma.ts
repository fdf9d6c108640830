import { idOf, type CustomerId } from '#core/shared';
import type { ValidateLine, Validation, ValidationStore, Verdict } from '#core/tenancy';
import type { Session } from '../session.js';
import { isoOf } from '../reading.js';

/** What the last Validate at each customer found. */
export class PrismaValidationStore implements ValidationStore {
  constructor(private readonly session: Session) {}

  ofCustomer(customerId: CustomerId): Promise<Validation | null> {
    const { organizationId } = this.session;
    return this.session.run(async (tx) => {
      const row = await tx.customerValidation.findUnique({
        where: { organizationId_customerId: { organizationId, customerId } },
      });
      if (row === null) return null;
      return {
        organizationId: idOf(row.organizationId),
        customerId: idOf(row.customerId),
        connectionVersion: row.connectionVersion,
        at: row.at.getTime(),
        verdict: row.verdict as Verdict,
        lines: row.lines as unknown as readonly ValidateLine[],
      };
    });
  }

  save({ customerId, connectionVersion, at, verdict, lines }: Validation): Promise<void> {
    const { organizationId } = this.session;
    return this.session.run(async (tx) => {
      await tx.$executeRaw`
        INSERT INTO customer_validation AS known
          (organization_id, customer_id, connection_version, at, verdict, lines)
        VALUES (${organizationId}::uuid, ${customerId}::uuid, ${connectionVersion}, ${isoOf(at)}::timestamptz,
                ${verdict}, ${JSON.stringify(lines)}::jsonb)
        ON CONFLICT (organization_id, customer_id) DO UPDATE
          SET connection_version = excluded.connection_version, at = excluded.at, verdict = excluded.verdict,
              lines = excluded.lines
          WHERE known.at <= excluded.at`;
    });
  }
}

import { idOf, type CustomerId } from '#core/shared';
import {
  LINE_IDS,
  type ValidateLine,
  type Validation,
  type ValidationStore,
  type Verdict,
} from '#core/tenancy';
import type { Session } from '../session.js';
import { instantOf, isoOf, listOf, oneOf, orNull, shape, text } from '../reading.js';

export const verdict = oneOf<Verdict>('pass', 'warn', 'fail');
const lines = listOf(
  shape<ValidateLine>({ id: oneOf(...LINE_IDS), verdict, says: text, mend: orNull(text) }),
);

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
        at: instantOf(row.at),
        verdict: verdict(row.verdict, 'customer_validation.verdict'),
        lines: lines(row.lines, 'customer_validation.lines'),
      };
    });
  }

  save({ customerId, connectionVersion, at, verdict: found, lines: told }: Validation): Promise<void> {
    const { organizationId } = this.session;
    return this.session.run(async (tx) => {
      await tx.$executeRaw`
        INSERT INTO customer_validation AS known
          (organization_id, customer_id, connection_version, at, verdict, lines)
        VALUES (${organizationId}::uuid, ${customerId}::uuid, ${connectionVersion}, ${isoOf(at)}::timestamptz,
                ${found}, ${JSON.stringify(told)}::jsonb)
        ON CONFLICT (organization_id, customer_id) DO UPDATE
          SET connection_version = excluded.connection_version, at = excluded.at, verdict = excluded.verdict,
              lines = excluded.lines
          WHERE known.at <= excluded.at`;
    });
  }
}

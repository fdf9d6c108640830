import {
  ROLE_TIERS,
  type CanaryRun,
  type ProvenApp,
  type RoleTier,
  type TakeBackCause,
  type TakeBackOrder,
  type TakeBackProof,
  type TakeBackStore,
  type TakeBackVerdict,
} from '#core/proving';
import { idOf, type AccountId, type CustomerId, type RoleId } from '#core/shared';
import type { TakeBackProofModel } from '../generated/models.js';
import {
  instantOrNull,
  isoOrNull,
  listOf,
  oneOf,
  orNull,
  shape,
  text,
  whole,
  type Reader,
} from '../reading.js';
import type { Session } from '../session.js';
import { cloud } from './entra-connection-store.prisma.js';

const tier = oneOf<RoleTier>(...ROLE_TIERS);
const verdict = orNull(oneOf<TakeBackVerdict>('proven', 'failed', 'lost'));
const app = shape<ProvenApp>({ cloud, tenantId: text, clientId: text });
const cause = orNull(shape<TakeBackCause>({ code: text, says: text, mend: text }));
const accountId: Reader<AccountId> = (value, place) => idOf(text(value, place));
const roleId: Reader<RoleId> = (value, place) => idOf(text(value, place));
const run = orNull(
  shape<CanaryRun>({
    startedAt: whole,
    app,
    role: roleId,
    canaries: listOf(
      shape<CanaryRun['canaries'][number]>({
        id: accountId,
        order: oneOf<TakeBackOrder>('disable_first', 'roles_first'),
      }),
    ),
  }),
);

/** Names the lock among others: "tbck" in ASCII. */
const TAKE_BACK = 0x7462636b;

/** Whether Curfew can take back what it gives, tier by tier. */
export class PrismaTakeBackStore implements TakeBackStore {
  constructor(private readonly session: Session) {}

  ofCustomer(customerId: CustomerId): Promise<readonly TakeBackProof[]> {
    const { organizationId } = this.session;
    return this.session.run(async (tx) => {
      const rows = await tx.takeBackProof.findMany({
        where: { organizationId, customerId },
        orderBy: { tier: 'asc' },
      });
      return rows.map(fromRow);
    });
  }

  /** An advisory lock: there may be no row yet. */
  async lock(customerId: CustomerId): Promise<readonly TakeBackProof[]> {
    await this.session.run(async (tx) => {
      await tx.$executeRaw`SELECT pg_advisory_xact_lock(${TAKE_BACK}::int, hashtext(${customerId}))`;
    });
    return this.ofCustomer(customerId);
  }

  save(proof: TakeBackProof): Promise<void> {
    const { organizationId } = this.session;
    const json = (value: object | null): string | null => (value === null ? null : JSON.stringify(value));
    return this.session.run(async (tx) => {
      await tx.$executeRaw`
        INSERT INTO take_back_proof (organization_id, customer_id, tier, verdict, at, app, cause, run, due_at, reread_at)
        VALUES (${organizationId}::uuid, ${proof.customerId}::uuid, ${proof.tier}, ${proof.verdict},
                ${isoOrNull(proof.at)}::timestamptz, ${json(proof.app)}::jsonb, ${json(proof.cause)}::jsonb,
                ${json(proof.run)}::jsonb, ${isoOrNull(proof.dueAt)}::timestamptz, ${isoOrNull(proof.rereadAt)}::timestamptz)
        ON CONFLICT (organization_id, customer_id, tier) DO UPDATE
          SET verdict = excluded.verdict, at = excluded.at, app = excluded.app, cause = excluded.cause,
              run = excluded.run, due_at = excluded.due_at, reread_at = excluded.reread_at`;
    });
  }
}

const fromRow = (row: TakeBackProofModel): TakeBackProof => ({
  organizationId: idOf(row.organizationId),
  customerId: idOf(row.customerId),
  tier: tier(row.tier, 'take_back_proof.tier'),
  verdict: verdict(row.verdict, 'take_back_proof.verdict'),
  at: instantOrNull(row.at),
  app: orNull(app)(row.app, 'take_back_proof.app'),
  cause: cause(row.cause, 'take_back_proof.cause'),
  run: run(row.run, 'take_back_proof.run'),
  dueAt: instantOrNull(row.dueAt),
  rereadAt: instantOrNull(row.rereadAt),
});

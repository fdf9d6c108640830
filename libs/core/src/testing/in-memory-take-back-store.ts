import { accessErrors } from '#core/access';
import type { LostTakeBack } from '#core/alarms';
import { verdictFor, type TakeBackProof, type TakeBackStore } from '#core/proving';
import type { CustomerId, CustomerRef, Instant } from '#core/shared';
import type { EntraConnection } from '#core/tenancy';
import type { InMemoryDatabase } from './in-memory-database.js';
import type { InMemoryTransaction } from './in-memory-transaction.js';

/** Transactions go one after the other here: who locks waits for nobody. */
export class InMemoryTakeBackStore implements TakeBackStore {
  constructor(private readonly tx: InMemoryTransaction) {}

  ofCustomer(customerId: CustomerId): Promise<readonly TakeBackProof[]> {
    return this.tx.run(() =>
      this.tx.database.takeBack
        .of(this.tx.organizationId)
        .filter((proof) => proof.customerId === customerId)
        .sort((one, other) => one.tier.localeCompare(other.tier)),
    );
  }

  lock(customerId: CustomerId): Promise<readonly TakeBackProof[]> {
    return this.ofCustomer(customerId);
  }

  save(proof: TakeBackProof): Promise<void> {
    return this.tx.run(() => {
      this.tx.own(proof);
      const { customers, takeBack } = this.tx.database;
      this.tx.mustExist(customers, proof.customerId, accessErrors.refuse('customer.not_found'));
      if ((proof.run === null) !== (proof.dueAt === null)) throw new Error('What is under way is due.');
      takeBack.put(this.tx.organizationId, `${proof.customerId} ${proof.tier}`, proof);
    });
  }
}

/** Each customer once, the longest-waiting first. */
export const canariesDue = (
  { takeBack }: Pick<InMemoryDatabase, 'takeBack'>,
  now: Instant,
  limit: number,
): readonly CustomerRef[] => {
  const due = takeBack
    .everything()
    .filter(({ dueAt }) => dueAt !== null && dueAt <= now)
    .sort((a, b) => (a.dueAt ?? 0) - (b.dueAt ?? 0));
  const refs = due.map(({ organizationId, customerId }) => ({ organizationId, customerId }));
  return [...new Map(refs.map((ref) => [ref.customerId, ref])).values()].slice(0, limit);
};

/** Tiers that are closed for the app that is connected. */
export const closedTiersOf = (
  proofs: readonly TakeBackProof[],
  connection: EntraConnection | undefined,
): readonly { readonly tier: string; readonly verdict: 'failed' | 'lost' }[] =>
  proofs
    .flatMap((proof) => {
      const verdict = connection === undefined ? null : verdictFor([proof], proof.tier, connection);
      return verdict === 'failed' || verdict === 'lost' ? [{ tier: proof.tier, verdict }] : [];
    })
    .sort((one, other) => one.tier.localeCompare(other.tier));

/** Connected customers at which tiers are lost, the longest first. */
export const lostIn = (
  { connections, takeBack }: Pick<InMemoryDatabase, 'connections' | 'takeBack'>,
  isOurs: (row: TakeBackProof) => boolean,
): readonly LostTakeBack[] => {
  const lost = takeBack
    .everything()
    .filter((row) => row.verdict === 'lost' && isOurs(row))
    .filter((row) => connections.get(row.organizationId, row.customerId) !== undefined);
  const refs = [...new Map(lost.map((row) => [row.customerId, row])).values()];
  return refs
    .map(({ organizationId, customerId }) => {
      const rows = lost.filter((row) => row.customerId === customerId);
      const sinceAt = Math.min(...rows.map(({ at }) => at ?? 0));
      return { organizationId, customerId, sinceAt, tiers: rows.map(({ tier }) => tier).sort() };
    })
    .sort((a, b) => a.sinceAt - b.sinceAt);
};

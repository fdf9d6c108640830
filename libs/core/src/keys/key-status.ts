import {
  MINUTE,
  SEALED_COLUMNS,
  type Clock,
  type KeyHolder,
  type SealedStores,
  type UnitOfWork,
} from '#core/shared';
import { eachOrganization } from './each-organization.js';
import type { RingKeeper, RingKey } from './ring-keeper.js';

export interface KeyStatusPorts {
  readonly ring: RingKeeper;
  readonly sealed: UnitOfWork<SealedStores>;
  readonly unitOfWork: Pick<UnitOfWork<unknown>, 'clockwork'>;
  readonly clock: Clock;
}

/** What stands under each key, and who works with which. */
export interface KeyStatus {
  readonly keys: readonly (RingKey & { readonly values: number })[];
  /** Values that name a key which the ring doesn't hold: nobody can open them. */
  readonly lost: number;
  readonly holders: readonly KeyHolder[];
}

/** A process that has said nothing for longer has ended, or hangs and will say so before it does anything. */
export const HOLDER_COUNTS_MS = 2 * MINUTE;

/** Counts what is sealed. Reads no value. */
export const keyStatus = async (ports: KeyStatusPorts): Promise<KeyStatus> => {
  const { ring, clock, unitOfWork } = ports;
  const keys = await ring.keys();
  const counts = await countsByKey(ports);
  const known = keys.map((key) => ({ ...key, values: counts.get(key.id) ?? 0 }));
  const all = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return {
    keys: known,
    lost: all - known.reduce((sum, { values }) => sum + values, 0),
    holders: await unitOfWork.clockwork.keyHolders.since(clock.now() - HOLDER_COUNTS_MS),
  };
};

const countsByKey = async ({
  sealed: work,
  unitOfWork,
}: KeyStatusPorts): Promise<ReadonlyMap<string, number>> => {
  const counts = new Map<string, number>();
  for await (const organizationId of eachOrganization(unitOfWork.clockwork))
    for (const column of SEALED_COLUMNS) {
      const found = await work.inOrganization(organizationId, ({ sealed }) => sealed.countByKey(column));
      for (const [key, count] of found) counts.set(key, (counts.get(key) ?? 0) + count);
    }
  return counts;
};

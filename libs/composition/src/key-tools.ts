import type { RingKeeper } from '#core/keys';
import type { SealedStores, UnitOfWork } from '#core/shared';
import { openDatabase } from '#persistence';
import type { ConsoleConfig } from '#platform';
import type { Adapters } from './adapters.js';
import type { Ports } from './ports.js';

/** What `curfew keys …` works with. */
export interface KeyTools {
  readonly ports: Ports;
  readonly ring: RingKeeper;
  /** By the role that seals anew. */
  readonly sealed: UnitOfWork<SealedStores>;
}

/** Connects as the role that seals anew for as long as `work` takes. Throws when no such role is configured. */
export const keyTools = async (
  { database, keysDatabase }: Pick<ConsoleConfig, 'database' | 'keysDatabase'>,
  { ports, keys }: Pick<Adapters, 'ports' | 'keys'>,
  work: (tools: KeyTools) => Promise<void>,
): Promise<void> => {
  if (keysDatabase.url === null)
    throw new Error(
      'KEYS_DATABASE_URL (or KEYS_DATABASE_URL_FILE) is missing: it is needed for this command.',
    );
  const own = openDatabase({
    appUrl: keysDatabase.url.expose(),
    appRole: 'curfew_keys',
    clockworkUrl: database.clockworkUrl.expose(),
  });
  try {
    await own.requireRoles();
    await work({ ports, ring: keys, sealed: own.unitOfWork });
  } finally {
    await own.close();
  }
};

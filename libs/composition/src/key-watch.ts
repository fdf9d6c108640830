import { KeyWatch, type Logger } from '#platform';
import type { Adapters } from './adapters.js';

/** The key watch of one process; to be started before anything is sealed. */
export const keyWatchOf = ({ keys, ports }: Adapters, instance: string, logger: Logger): KeyWatch =>
  new KeyWatch({
    instance,
    keys,
    holders: ports.unitOfWork.clockwork.keyHolders,
    clock: ports.clock,
    logger,
  });

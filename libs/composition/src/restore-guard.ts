import { RestoreGuard } from '#core/restoring';
import { GuardWatch, LocalMarkFile, type Logger, type WorkerConfig } from '#platform';
import type { Ports } from './ports.js';

/** Where the mark is kept: where the deployment says, else beside the key file. */
export const markFilePath = ({ restoring, keys }: Pick<WorkerConfig, 'restoring' | 'keys'>): string | null =>
  restoring.markFile ?? ('file' in keys ? `${keys.file}.mark` : null);

/** The restore guard of one process; to be started before anything is given. */
export const restoreGuardOf = (
  config: Pick<WorkerConfig, 'restoring' | 'keys'>,
  { unitOfWork, clock }: Pick<Ports, 'unitOfWork' | 'clock'>,
  logger: Logger,
): GuardWatch => {
  const marks = new LocalMarkFile(markFilePath(config));
  return new GuardWatch(new RestoreGuard({ unitOfWork, clock, marks }), logger);
};

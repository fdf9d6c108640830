import type { JobEvent } from '#jobs';
import { logFailure, type Logger } from '#platform';

/** One line for each run of a job and for what befalls the workers. */
export const logJobEvent = (logger: Logger, event: JobEvent): void => {
  switch (event.type) {
    case 'run.ended': {
      const { name, id, attempt, durationMs } = event;
      logger.debug({ job: name, jobId: id, attempt, durationMs }, 'job ended');
      return;
    }
    case 'run.failed': {
      const { name, id, attempt, durationMs, error } = event;
      logFailure(logger.child({ job: name, jobId: id, attempt, durationMs }), error, 'job failed');
      return;
    }
    case 'run.redelivered':
      logger.warn({ queue: event.queue, jobId: event.id }, 'job was taken over from a worker that died');
      return;
    case 'worker.failed':
      logger.warn(
        { queue: event.queue, err: event.error },
        'the queue is in trouble: sweeps go on without it',
      );
      return;
    case 'worker.rebuilt':
      logger.warn({ queue: event.queue }, 'a worker took no jobs any more and was rebuilt');
      return;
    case 'queue.evicts':
      logger.warn(
        { queue: event.queue, policy: event.policy },
        'the Redis of the queue may throw bells away: set its maxmemory-policy to noeviction',
      );
      return;
  }
};

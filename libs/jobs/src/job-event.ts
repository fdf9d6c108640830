import type { JobRequest } from '#core/shared';
import type { JobName, QueueName } from './catalog.js';

/** A bell that could not be rung: the sweep makes up for it. */
export interface RefusedBell {
  readonly job: JobRequest;
  /** How many this process has refused so far. */
  readonly count: number;
  readonly error: unknown;
}

/** What the log and the metrics of a worker are told. */
export type JobEvent =
  | {
      readonly type: 'run.ended' | 'run.failed';
      readonly queue: QueueName;
      readonly name: string;
      /** The job's id: what it is about and the instant it is for. */
      readonly id: string;
      /** How often it was started: more than once after a worker that died under it. */
      readonly attempt: number;
      readonly durationMs: number;
      readonly error?: unknown;
    }
  | { readonly type: 'run.redelivered'; readonly queue: QueueName; readonly id: string }
  | { readonly type: 'worker.failed'; readonly queue: QueueName; readonly error: unknown }
  | { readonly type: 'worker.rebuilt'; readonly queue: QueueName }
  /** What is in the queue may be thrown away when its server is full. */
  | { readonly type: 'queue.evicts'; readonly queue: QueueName; readonly policy: string };

/** A run that took longer than its entry in the catalog allows. */
export class RunTimedOut extends Error {
  override readonly name = 'RunTimedOut';

  constructor(job: JobName, timeoutMs: number) {
    super(`${job} ran for longer than ${timeoutMs} ms.`);
  }
}

/** A job that this version has no entry for, left by another one. */
export class UnknownJob extends Error {
  override readonly name = 'UnknownJob';

  constructor(name: string) {
    super(`There is no job ${JSON.stringify(name.slice(0, 64))} in the catalog of this version.`);
  }
}

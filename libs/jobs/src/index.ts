export { BullJobQueue, type BullJobQueueOptions } from './bull-job-queue.js';
export { catalog, type Handlers, type JobName, type PayloadOf, type QueueName } from './catalog.js';
export { RunTimedOut, UnknownJob, type JobEvent, type RefusedBell } from './job-event.js';
export { migrateQueue, type QueueConnection } from './queue-server.js';
export { startWorkers, type Workers, type WorkersOptions } from './workers.js';

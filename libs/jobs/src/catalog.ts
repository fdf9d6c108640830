import { z } from 'zod';
import { idOf, type JobRequest } from '#core/shared';

interface JobEntry<Payload> {
  /** A queue is a class of resource with its own concurrency: taking access away stands behind nothing else. */
  readonly queue: 'convergence';
  /** A version and ids. No name, token, reason or time: the row is read when the job runs. */
  readonly payload: z.ZodType<Payload>;
  /** What the job is about; with its instant it makes the id that keeps a bell from being armed twice. */
  readonly key: (payload: Payload) => string;
  /** After this long a run counts as failed; what it left undone is still due on its row. */
  readonly timeoutMs: number;
}

const job = <Payload>(entry: JobEntry<Payload>): JobEntry<Payload> => entry;

/** Every job there is. The core's JobRequest names them; a name without an entry doesn't compile. */
export const catalog = {
  'customer.converge': job({
    queue: 'convergence',
    payload: z.strictObject({
      v: z.literal(1),
      organizationId: z.uuid().transform((id) => idOf<'organization'>(id)),
      customerId: z.uuid().transform((id) => idOf<'customer'>(id)),
    }),
    key: ({ customerId }) => customerId,
    timeoutMs: 60_000,
  }),
} satisfies { readonly [Name in JobRequest['name']]: unknown };

export type JobName = keyof typeof catalog;
export type QueueName = (typeof catalog)[JobName]['queue'];
/** What the handler of a job is given. */
export type PayloadOf<Name extends JobName> = z.output<(typeof catalog)[Name]['payload']>;

/** The map job → use case. A missing job doesn't compile. Handlers throw what fails: they never swallow. */
export type Handlers = {
  readonly [Name in JobName]: (
    payload: PayloadOf<Name>,
    run: { readonly signal: AbortSignal },
  ) => Promise<void>;
};

export const queueNames: readonly QueueName[] = [
  ...new Set(Object.values(catalog).map((entry) => entry.queue)),
];

/** Whether a name that came out of a queue is one of ours. */
export const isJobName = (name: string): name is JobName => Object.hasOwn(catalog, name);

import { catalog, isJobName, type Handlers, type JobName, type PayloadOf } from './catalog.js';
import { RunTimedOut, UnknownJob } from './job-event.js';

/**
 * One run of a job that arrived: payload parsed, handler called, time bounded. Whatever fails is thrown, so the queue
 * records it; what is undone stays due on its row.
 */
export const runJob = (handlers: Handlers, name: string, payload: unknown): Promise<void> => {
  if (!isJobName(name)) return Promise.reject(new UnknownJob(name));
  return runNamed(handlers, name, payload);
};

const runNamed = async <Name extends JobName>(
  handlers: Handlers,
  name: Name,
  payload: unknown,
): Promise<void> => {
  const { timeoutMs, payload: schema } = catalog[name];
  const parsed = schema.parse(payload) as PayloadOf<Name>;
  const timeout = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = new RunTimedOut(name, timeoutMs);
      timeout.abort(error);
      reject(error);
    }, timeoutMs);
    // A run that was given up with its worker keeps no process from ending.
    timer.unref();
  });
  try {
    await Promise.race([handlers[name](parsed, { signal: timeout.signal }), late]);
  } finally {
    clearTimeout(timer);
  }
};

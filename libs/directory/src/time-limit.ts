import { setMaxListeners } from 'node:events';

/** A signal that comes when the time is over. Dozens of requests may listen to it, which is no leak. */
export const deadlineIn = (ms: number): AbortSignal => {
  const signal = AbortSignal.timeout(ms);
  setMaxListeners(0, signal);
  return signal;
};

/** The work's result, or a rejection when the signal comes first; the work itself goes on for those who share it. */
export const within = async <T>(work: Promise<T>, signal: AbortSignal): Promise<T> => {
  signal.throwIfAborted();
  let stop = (): void => undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    stop = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
};

/** Works on all items, at most `atOnce` at a time, in order of their start. */
export const eachAtMost = async <T>(
  atOnce: number,
  items: readonly T[],
  work: (item: T) => Promise<void>,
): Promise<void> => {
  const waiting = [...items];
  const worker = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
};

/** A promise that took longer than it may. */
export class DeadlinePassed extends Error {
  override readonly name = 'DeadlinePassed';

  constructor(ms: number) {
    super(`No answer within ${ms} ms.`);
  }
}

/** Waits for work at most this long. Work that ends later is forgotten, also when it fails. */
export const within = async <T>(ms: number, work: Promise<T>): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new DeadlinePassed(ms)), ms);
  });
  work.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
};

/** The same for work whose failure changes nothing, as closing what may be dead already: whether it ended in time. */
export const attempt = (ms: number, work: Promise<unknown>): Promise<boolean> =>
  within(ms, work).then(
    () => true,
    (error: unknown) => !(error instanceof DeadlinePassed),
  );

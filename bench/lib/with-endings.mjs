/**
 * Does the work, then whatever it registered as an ending, last first; also when it fails, or is interrupted.
 * @param {(atEnd: (ending: () => unknown) => void) => Promise<T>} work
 * @returns {Promise<T>}
 * @template T
 */
export const withEndings = async (work) => {
  const endings = [];
  let ended = null;
  const endAll = async () => {
    for (const ending of endings.reverse()) await ending();
  };
  const end = () => (ended ??= endAll());
  const interrupted = () => end().finally(() => process.exit(130));
  const signals = ['SIGINT', 'SIGTERM'];
  for (const signal of signals) process.once(signal, interrupted);
  try {
    return await work((ending) => endings.push(ending));
  } finally {
    await end();
    for (const signal of signals) process.off(signal, interrupted);
  }
};

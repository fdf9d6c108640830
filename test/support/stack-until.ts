const LOOK_EVERY_MS = 100;

/** Looks until it is so, and says what it saw last when it never was. */
export const until = async <T>(
  look: () => T | Promise<T>,
  isSo: (seen: T) => boolean,
  { what, timeoutMs }: { readonly what: string; readonly timeoutMs: number },
): Promise<T> => {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const seen = await look();
    if (isSo(seen)) return seen;
    if (Date.now() > deadline) {
      throw new Error(`Not within ${timeoutMs} ms: ${what}. Last seen: ${JSON.stringify(seen)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
};

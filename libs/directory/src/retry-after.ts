/** Longer than any wait that was seen of Graph: what asks for more is a slip, and would stop a customer's ends. */
export const LONGEST_SECONDS = 600;

/**
 * Whole seconds to wait from a Retry-After header: seconds, a fraction (Graph's own sample has `2.128`), which is
 * rounded up, or an HTTP date. `answeredAt` is the answer's own Date, so that our clock doesn't matter. Null when there
 * is none or it can't be read; never negative and never more than ten minutes.
 */
export const retryAfterSeconds = (header: string | undefined, answeredAt: number): number | null => {
  const text = header?.trim() ?? '';
  if (text === '') return null;
  const seconds = Number(text);
  if (Number.isFinite(seconds)) return bounded(seconds);
  // Date.parse takes "5, 7" for a day in May.
  const at = /\d\d:\d\d:\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? null : bounded((at - answeredAt) / 1_000);
};

const bounded = (seconds: number): number => Math.min(LONGEST_SECONDS, Math.max(0, Math.ceil(seconds)));

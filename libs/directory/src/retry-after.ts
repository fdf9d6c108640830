/** Longer than any wait that was seen of Graph: what asks for more is a slip, and would stop a customer's ends. */
const LONGEST_SECONDS = 600;

/**
 * Seconds to wait from a Retry-After header: whole seconds, a fraction (Graph's own sample has `2.128`) or an HTTP
 * date. Null when there is none or it can't be read; never
 * negative and never more than ten minutes.
 */
export const retryAfterSeconds = (header: string | undefined, now: number): number | null => {
  const text = header?.trim() ?? '';
  if (text === '') return null;
  const seconds = Number(text);
  if (Number.isFinite(seconds)) return bounded(seconds);
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : bounded((at - now) / 1_000);
};

const bounded = (seconds: number): number => Math.min(LONGEST_SECONDS, Math.max(0, seconds));

/**
 * Seconds to wait from a Retry-After header: whole seconds, a fraction (Graph's own sample has `2.128`) or an HTTP
 * date. Null when there is none or it can't be read; never negative.
 */
export const retryAfterSeconds = (header: string | undefined, now: number): number | null => {
  const text = header?.trim() ?? '';
  if (text === '') return null;
  const seconds = Number(text);
  if (Number.isFinite(seconds)) return Math.max(0, seconds);
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.max(0, (at - now) / 1_000);
};

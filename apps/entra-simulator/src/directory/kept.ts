/** How long what was deleted can be restored. */
export const keptMs = 30 * 24 * 60 * 60 * 1000;

export const isKept = (item: { deletedAt?: number }, now: number): boolean =>
  (item.deletedAt ?? 0) + keptMs > now;

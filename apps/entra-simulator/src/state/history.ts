import type { HistoryEntry, HistoryQuery } from '../control/contract.js';

/** What was true when, in order; the evidence that outside checkers read. */
export class History {
  private readonly entries: HistoryEntry[] = [];

  add(entry: Omit<HistoryEntry, 'seq'>): HistoryEntry {
    const whole = { seq: (this.entries.at(-1)?.seq ?? 0) + 1, ...entry };
    this.entries.push(whole);
    return whole;
  }

  restore(entry: HistoryEntry): void {
    this.entries.push(entry);
  }

  all(): readonly HistoryEntry[] {
    return this.entries;
  }

  query({ tenantId, userId, since = 0 }: HistoryQuery): HistoryEntry[] {
    const first = this.entries[0]?.seq ?? 1;
    return this.entries
      .slice(Math.max(0, since - first + 1))
      .filter((entry) => tenantId === undefined || entry.tenantId === tenantId)
      .filter((entry) => userId === undefined || entry.objectId === userId);
  }
}

import type { TableName } from './tenant.js';

/** A row to which something happens by itself at an instant. */
export interface Due {
  readonly at: number;
  readonly tenantId: string;
  readonly table: TableName;
  readonly key: string;
}

/**
 * What falls due without anybody asking, the earliest first. Entries are never taken back: whoever works one off
 * looks whether its row still has that due time. Holds no more than was ever written with one that is still ahead.
 */
export class Agenda {
  /** A binary heap by `at`. */
  private readonly heap: Due[] = [];

  add(due: Due): void {
    let at = this.heap.push(due) - 1;
    for (let above = (at - 1) >> 1; at > 0 && this.isBefore(at, above); above = (at - 1) >> 1) {
      this.swap(at, above);
      at = above;
    }
  }

  /** Takes the earliest entry that is due; undefined: nothing is. */
  next(now: number): Due | undefined {
    const [first] = this.heap;
    if (first === undefined || first.at > now) return undefined;
    const last = this.heap.pop()!;
    if (this.heap.length > 0) {
      this.heap[0] = last;
      this.sink();
    }
    return first;
  }

  private sink(): void {
    for (let at = 0, child = 1; child < this.heap.length; child = 2 * at + 1) {
      const right = child + 1;
      if (right < this.heap.length && this.isBefore(right, child)) child = right;
      if (!this.isBefore(child, at)) return;
      this.swap(at, child);
      at = child;
    }
  }

  private isBefore(one: number, other: number): boolean {
    return this.heap[one]!.at < this.heap[other]!.at;
  }

  private swap(one: number, other: number): void {
    const held = this.heap[one]!;
    this.heap[one] = this.heap[other]!;
    this.heap[other] = held;
  }
}

/** When something happens to a row by itself, if ever. */
export function dueAtOf(row: unknown): number | null {
  const { dueAt } = (row ?? {}) as { dueAt?: unknown };
  return typeof dueAt === 'number' ? dueAt : null;
}

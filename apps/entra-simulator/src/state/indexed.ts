import { Replicated, type Stamp, type View } from './replicated.js';

type KeyOf<T> = (value: T) => string;

/**
 * A replicated store with look-ups by further keys. The indexes hold more than a view may see: every entry is
 * read through the view and dropped when nothing in it matches any more.
 */
export class Indexed<T> {
  private readonly rows = new Replicated<T>();
  private readonly indexes = new Map<string, { keyOf: KeyOf<T>; entries: Map<string, Set<string>> }>();

  constructor(indexes: Record<string, KeyOf<T>> = {}) {
    for (const [name, keyOf] of Object.entries(indexes))
      this.indexes.set(name, { keyOf, entries: new Map() });
  }

  write(key: string, value: T | undefined, stamp: Stamp): void {
    this.rows.write(key, value, stamp);
    if (value === undefined) return;
    for (const { keyOf, entries } of this.indexes.values()) {
      const at = keyOf(value);
      const keys = entries.get(at);
      if (keys === undefined) entries.set(at, new Set([key]));
      else keys.add(key);
    }
  }

  truth(key: string): T | undefined {
    return this.rows.truth(key);
  }

  truths(): IterableIterator<T> {
    return this.rows.truths();
  }

  get size(): number {
    return this.rows.size;
  }

  see(key: string, view: View): T | undefined {
    return this.rows.see(key, view);
  }

  seeAll(view: View): T[] {
    return this.rows.seeAll(view);
  }

  settle(): void {
    this.rows.settle();
  }

  /** With a view: what that replica sees; without: the truth. */
  lookUp(index: string, indexKey: string, view?: View): T[] {
    const { keyOf, entries } = this.indexOf(index);
    const keys = entries.get(indexKey);
    if (keys === undefined) return [];
    const found: T[] = [];
    for (const key of keys) {
      const value = view === undefined ? this.rows.truth(key) : this.rows.see(key, view);
      if (value !== undefined && keyOf(value) === indexKey) found.push(value);
      else if (view !== undefined && this.rows.isGone(key, view.now)) keys.delete(key);
    }
    if (keys.size === 0) entries.delete(indexKey);
    return found;
  }

  private indexOf(name: string): { keyOf: KeyOf<T>; entries: Map<string, Set<string>> } {
    const index = this.indexes.get(name);
    if (index === undefined) throw new Error(`No index ${name}`);
    return index;
  }
}

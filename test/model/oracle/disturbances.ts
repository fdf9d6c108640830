import type { Instant } from '#core/shared';

export interface Span {
  readonly from: Instant;
  readonly to: Instant;
}

interface Disturbance extends Span {
  /** Null: everybody. */
  readonly customerId: string | null;
  /** The database was away: the mirror may make up for it. */
  readonly isDatabase: boolean;
}

/** The time in which something was declared broken: in between, and after it, the promise holds. */
export class Disturbances {
  readonly #all: Disturbance[] = [];

  add(span: Span, of: { readonly customerId?: string; readonly isDatabase?: boolean } = {}): void {
    this.#all.push({ ...span, customerId: of.customerId ?? null, isDatabase: of.isDatabase ?? false });
  }

  /** What is left of a span without the disturbances of that customer. */
  quiet(span: Span, of: { readonly customerId: string; readonly mirrored?: boolean }): readonly Span[] {
    const concerned = this.#all
      .filter(({ customerId }) => customerId === null || customerId === of.customerId)
      .filter(({ isDatabase }) => !(isDatabase && of.mirrored === true))
      .filter(({ from, to }) => from <= span.to && to >= span.from)
      .sort((a, b) => a.from - b.from);
    const pieces: Span[] = [];
    let from = span.from;
    for (const each of concerned) {
      if (each.from > from) pieces.push({ from, to: each.from });
      from = Math.max(from, each.to);
    }
    if (from < span.to) pieces.push({ from, to: span.to });
    return pieces;
  }

  isQuiet(span: Span, customerId: string): boolean {
    const [only, ...more] = this.quiet(span, { customerId });
    return only?.from === span.from && only.to === span.to && more.length === 0;
  }

  /** Databases that were away in that span, from when to when. */
  databaseAway(span: Span): readonly Span[] {
    return this.#all.filter((each) => each.isDatabase && each.from <= span.to && each.to >= span.from);
  }
}

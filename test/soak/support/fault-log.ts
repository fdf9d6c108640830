/** What the promise stands on, as docs/promise.md names it; a fault may take one of them away. */
export type Condition = 'database' | 'worker' | 'revoker' | 'graph';

export interface FaultSpan {
  readonly kind: string;
  readonly from: number;
  /** Null: it lasts. */
  readonly to: number | null;
  readonly breaks: readonly Condition[];
  /** Null: it befalls everybody. */
  readonly tenants: ReadonlySet<string> | null;
}

export interface JudgedEnd {
  readonly tenantId: string;
  /** Since when this end has stood in the database. */
  readonly knownAt: number;
  readonly from: number;
  readonly to: number;
}

/** The mirror is read anew every five seconds, and on a busy machine somewhat later. */
const MIRRORED_MS = 10_000;
const STEP_MS = 100;

/** Which faults there were, and when the promise's own conditions did not hold because of them. */
export class FaultLog {
  readonly #spans: FaultSpan[] = [];

  get spans(): readonly FaultSpan[] {
    return this.#spans;
  }

  /** Answers how its end is noted; what it leaves behind may last a while longer. */
  begin(span: Omit<FaultSpan, 'from' | 'to'>): (lingersMs?: number) => void {
    const at = this.#spans.push({ ...span, from: Date.now(), to: null }) - 1;
    return (lingersMs = 0) => {
      const begun = this.#spans[at];
      if (begun !== undefined) this.#spans[at] = { ...begun, to: Date.now() + lingersMs };
    };
  }

  /** Whether there was no fault at all between two instants. */
  isCalm(from: number, to: number): boolean {
    return this.#during(from, to).length === 0;
  }

  kindsDuring(from: number, to: number): readonly string[] {
    return this.#during(from, to).map(({ kind }) => kind);
  }

  /** For how long, between two instants, the promise does not speak of this end: its D. */
  brokenMs({ tenantId, knownAt, from, to }: JudgedEnd): number {
    let broken = 0;
    for (let at = from; at < to; at += STEP_MS)
      if (this.#isBroken(at, { tenantId, knownAt })) broken += STEP_MS;
    return broken;
  }

  #isBroken(at: number, { tenantId, knownAt }: Pick<JudgedEnd, 'tenantId' | 'knownAt'>): boolean {
    const now = this.#during(at, at).filter(({ tenants }) => tenants?.has(tenantId) !== false);
    const isBroken = (condition: Condition): boolean => now.some(({ breaks }) => breaks.includes(condition));
    if (isBroken('graph') || (isBroken('worker') && isBroken('revoker'))) return true;
    const away = now.find(({ breaks }) => breaks.includes('database'));
    return away !== undefined && !this.#isMirrored(knownAt, away.from, at);
  }

  /** Whether the revoker had read of it before the database went, and has lived since. */
  #isMirrored(knownAt: number, awayFrom: number, at: number): boolean {
    const read = awayFrom - MIRRORED_MS;
    return knownAt < read && !this.#during(read, at).some(({ breaks }) => breaks.includes('revoker'));
  }

  #during(from: number, to: number): readonly FaultSpan[] {
    return this.#spans.filter((span) => span.from <= to && endOf(span) >= from);
  }
}

const endOf = ({ to }: FaultSpan): number => to ?? Infinity;

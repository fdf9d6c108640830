import type { FaultGround } from '../../faults/support/ground.js';
import type { Grant } from '../../support/stack-api.js';

export interface Promised {
  readonly grantId: string;
  readonly tenantId: string;
  readonly upn: string;
  readonly from: number;
  readonly until: number;
  /** Since when `until` has stood in the database, at the latest. */
  readonly knownAt: number;
}

/** The API tells milliseconds, and clocks are read one after the other. */
const EQUAL_MS = 1_000;

/** Everything that was promised over the API, as it was answered. */
export class Ledger {
  readonly #promised = new Map<string, Promised>();
  readonly #moves = new Map<string, (until: number) => void>();

  constructor(private readonly ground: FaultGround) {}

  get all(): readonly Promised[] {
    return [...this.#promised.values()];
  }

  add(grant: Grant, tenantId: string, askedAt: number): void {
    const { id: grantId, upn } = grant;
    const until = Date.parse(grant.expiresAt);
    const promised = { grantId, tenantId, upn, from: askedAt, until, knownAt: Date.now() };
    this.#moves.set(grantId, this.ground.promise({ tenantId, upn }, askedAt, until));
    this.#promised.set(grantId, promised);
  }

  /** Its end is another one by now: later when it was extended, earlier when somebody ended it. */
  move(grantId: string, until: number): void {
    const promised = this.#promised.get(grantId);
    if (promised === undefined || promised.until === until) return;
    // From an end that was commanded on, it is owed; an extension is known when it is answered.
    const knownAt = until < promised.until ? until : Date.now();
    this.#promised.set(grantId, { ...promised, until, knownAt });
    this.#moves.get(grantId)?.(until);
  }

  /** What the API says at last; answers what is wrong with it (I3). */
  close(grant: Grant): readonly string[] {
    const promised = this.#promised.get(grant.id);
    if (promised === undefined) return [`${grant.id} is nobody's`];
    const until = endOf(grant);
    if (until > promised.until + EQUAL_MS)
      return [`${grant.id} ends ${until - promised.until} ms later than it was promised`];
    this.move(grant.id, until);
    return [];
  }
}

/** When a grant's rights end, or ended. */
export const endOf = ({ expiresAt, endingAt }: Pick<Grant, 'expiresAt' | 'endingAt'>): number =>
  Math.min(Date.parse(expiresAt), endingAt === null ? Infinity : Date.parse(endingAt));

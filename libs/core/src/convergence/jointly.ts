import { SECOND, type Clock, type CustomerId, type Instant, type WorkLimits } from '#core/shared';
import { isAway } from './away.js';

/** Whatever takes longer is not worth waiting for: there are others in it. */
const LIMITS: WorkLimits = { statementMs: 2 * SECOND };
/** With whom the others could not be done is done apart from them for so long. */
const APART_MS = 60 * SECOND;
const MOST_APART = 1_000;

/** How many at once, and how. */
export interface Joint<In, Out> {
  readonly clock: Clock;
  /** Under way at the same time; what is asked for meanwhile waits, and is done together. */
  readonly lanes: number;
  /** Customers in one of them. */
  readonly most: number;
  /** Answers in the order of what was asked. No customer is in it twice, and those who are are in the order of their ids. */
  readonly work: (asked: readonly In[], limits?: WorkLimits) => Promise<readonly Out[]>;
}

interface Waiting<In, Out> {
  readonly asked: In;
  readonly customerId: CustomerId;
  readonly rank: number;
  readonly resolve: (done: Out) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Does together what is asked for one by one while others are under way: a statement for twenty customers takes little more than
 * one for one, and a thousand ends in the same second would be nothing but waiting for statements. Who is alone waits for
 * nobody. What fails together is done again one by one, so that nobody suffers from another's row, and whoever it was is kept
 * apart for a minute.
 */
export class Jointly<In, Out> {
  #waiting: readonly Waiting<In, Out>[] = [];
  #busy = 0;
  /** Until when. */
  readonly #apart = new Map<CustomerId, Instant>();

  constructor(private readonly joint: Joint<In, Out>) {}

  /** Lower ranks go first. */
  ask(customerId: CustomerId, asked: In, rank: number): Promise<Out> {
    if ((this.#apart.get(customerId) ?? 0) > this.joint.clock.now()) return this.alone(asked);
    return new Promise((resolve, reject) => {
      this.#waiting = [...this.#waiting, { asked, customerId, rank, resolve, reject }];
      // Those that are asked for in the same breath go together.
      queueMicrotask(() => this.begin());
    });
  }

  async alone(asked: In): Promise<Out> {
    const [done] = await this.joint.work([asked]);
    if (done === undefined) throw new Error('What was asked for was not answered.');
    return done;
  }

  private begin(): void {
    const { lanes, most } = this.joint;
    while (this.#busy < lanes && this.#waiting.length > 0) {
      const share = Math.ceil(this.#waiting.length / (lanes - this.#busy));
      const chosen = chosenFrom(this.#waiting, Math.min(share, most));
      this.#waiting = this.#waiting.filter((each) => !chosen.includes(each));
      this.#busy += 1;
      const goOn = (): void => {
        this.#busy -= 1;
        this.begin();
      };
      this.together(chosen).then(goOn, goOn);
    }
  }

  /** Never throws: each is told for itself. */
  private async together(all: readonly Waiting<In, Out>[]): Promise<void> {
    try {
      const done = await this.joint.work(
        all.map(({ asked }) => asked),
        all.length > 1 ? LIMITS : undefined,
      );
      for (const [index, { resolve, reject }] of all.entries()) {
        const own = done[index];
        if (own === undefined) reject(new Error('What was asked for was not answered.'));
        else resolve(own);
      }
    } catch (error) {
      if (all.length > 1 && !isAway(error)) await Promise.all(all.map((each) => this.again(each)));
      else for (const { reject } of all) reject(error);
    }
  }

  private async again({ asked, customerId, resolve, reject }: Waiting<In, Out>): Promise<void> {
    const { clock } = this.joint;
    const began = clock.now();
    try {
      resolve(await this.alone(asked));
      if (clock.now() - began > LIMITS.statementMs) this.keepApart(customerId);
    } catch (error) {
      this.keepApart(customerId);
      reject(error);
    }
  }

  private keepApart(customer: CustomerId): void {
    const now = this.joint.clock.now();
    for (const [id, until] of this.#apart) if (until <= now) this.#apart.delete(id);
    if (this.#apart.size < MOST_APART) this.#apart.set(customer, now + APART_MS);
  }
}

/** First those of lowest rank; of a customer no more than one, so that no account is in two of them. */
const chosenFrom = <In, Out>(
  waiting: readonly Waiting<In, Out>[],
  most: number,
): readonly Waiting<In, Out>[] => {
  const chosen = new Map<CustomerId, Waiting<In, Out>>();
  for (const each of [...waiting].sort((a, b) => a.rank - b.rank)) {
    if (chosen.size === most) break;
    if (!chosen.has(each.customerId)) chosen.set(each.customerId, each);
  }
  // What they lock beside their accounts they don't lock crosswise.
  return [...chosen.values()].sort((a, b) => (a.customerId < b.customerId ? -1 : 1));
};

import { SECOND, type Clock, type CustomerId, type Instant, type WorkLimits } from '#core/shared';
import { isAway } from './away.js';

/** Whatever takes longer is not worth waiting for: there are others in it, or behind it. */
const LIMITS: WorkLimits = { statementMs: 2 * SECOND };
/** With whom the others could not be done is done apart from them for so long. */
const APART_MS = 60 * SECOND;
const MOST_APART = 1_000;
/** Under way apart, one by one, for as long as each takes. */
const APART_AT_ONCE = 4;
/** Of one customer, so that one with a hundred odd rows leaves room for others. */
const APART_OF_ONE = 2;

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

/** Who asks, and before whom. */
export interface Asking {
  readonly customerId: CustomerId;
  /** Only those of one group go together. */
  readonly group: string;
  /** Lower ranks go first. */
  readonly rank: number;
}

interface Waiting<In, Out> extends Asking {
  readonly asked: In;
  readonly resolve: (done: Out) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Does together what is asked for one by one while others are under way: a statement for twenty customers takes little more than
 * one for one, and a thousand ends in the same second would be nothing but waiting for statements. Who is alone waits for
 * nobody. What fails together, or takes too long, is done again one by one and beside the others, so that nobody suffers from
 * another's row; whoever it was is kept apart for a minute.
 */
export class Jointly<In, Out> {
  #waiting: readonly Waiting<In, Out>[] = [];
  #busy = 0;
  #waitingApart: readonly Waiting<In, Out>[] = [];
  readonly #busyApart: CustomerId[] = [];
  /** Until when. */
  readonly #apart = new Map<CustomerId, Instant>();

  constructor(private readonly joint: Joint<In, Out>) {}

  ask(by: Asking, asked: In): Promise<Out> {
    return new Promise((resolve, reject) => {
      this.#waiting = [...this.#waiting, { ...by, asked, resolve, reject }];
      // Those that are asked for in the same breath go together.
      queueMicrotask(() => this.begin());
    });
  }

  async alone(asked: In): Promise<Out> {
    const [done] = await this.joint.work([asked]);
    if (done === undefined) throw unanswered();
    return done;
  }

  private begin(): void {
    const { lanes, most } = this.joint;
    this.setApart(this.#waiting.filter(({ customerId }) => this.isApart(customerId)));
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
    const began = this.joint.clock.now();
    try {
      const done = await this.joint.work(
        all.map(({ asked }) => asked),
        LIMITS,
      );
      for (const [index, { resolve, reject }] of all.entries()) {
        const own = done[index];
        if (own === undefined) reject(unanswered());
        else resolve(own);
      }
      if (all.length === 1) this.keepApartWhere(all, began);
    } catch (error) {
      if (isAway(error)) for (const { reject } of all) reject(error);
      else this.setApart(all);
    }
  }

  private setApart(all: readonly Waiting<In, Out>[]): void {
    if (all.length === 0) return;
    this.#waiting = this.#waiting.filter((each) => !all.includes(each));
    this.#waitingApart = [...this.#waitingApart, ...all];
    this.beginApart();
  }

  private beginApart(): void {
    while (this.#busyApart.length < APART_AT_ONCE) {
      const next = this.#waitingApart.find(({ customerId }) => this.hasRoomApart(customerId));
      if (next === undefined) return;
      this.#waitingApart = this.#waitingApart.filter((each) => each !== next);
      this.#busyApart.push(next.customerId);
      const goOn = (): void => {
        this.#busyApart.splice(this.#busyApart.indexOf(next.customerId), 1);
        this.beginApart();
      };
      this.again(next).then(goOn, goOn);
    }
  }

  private hasRoomApart(customer: CustomerId): boolean {
    return this.#busyApart.filter((id) => id === customer).length < APART_OF_ONE;
  }

  private async again(each: Waiting<In, Out>): Promise<void> {
    const began = this.joint.clock.now();
    try {
      each.resolve(await this.alone(each.asked));
      this.keepApartWhere([each], began);
    } catch (error) {
      // That nobody could be reached says nothing of this customer.
      if (!isAway(error)) this.keepApart(each.customerId);
      each.reject(error);
    }
  }

  private isApart(customer: CustomerId): boolean {
    return (this.#apart.get(customer) ?? 0) > this.joint.clock.now();
  }

  /** Where it took too long. */
  private keepApartWhere(all: readonly Waiting<In, Out>[], began: Instant): void {
    if (this.joint.clock.now() - began <= LIMITS.statementMs) return;
    for (const { customerId } of all) this.keepApart(customerId);
  }

  private keepApart(customer: CustomerId): void {
    const now = this.joint.clock.now();
    for (const [id, until] of this.#apart) if (until <= now) this.#apart.delete(id);
    if (this.#apart.size < MOST_APART) this.#apart.set(customer, now + APART_MS);
  }
}

/** First those of lowest rank, and of their group no others; of a customer no more than one, so that no account is twice in it. */
const chosenFrom = <In, Out>(
  waiting: readonly Waiting<In, Out>[],
  most: number,
): readonly Waiting<In, Out>[] => {
  const turns = [...waiting].sort((a, b) => a.rank - b.rank);
  const chosen = new Map<CustomerId, Waiting<In, Out>>();
  for (const each of turns) {
    if (chosen.size === most) break;
    if (each.group === turns[0]?.group && !chosen.has(each.customerId)) chosen.set(each.customerId, each);
  }
  // What they lock beside their accounts they don't lock crosswise.
  return [...chosen.values()].sort((a, b) => (a.customerId < b.customerId ? -1 : 1));
};

const unanswered = (): Error => new Error('What was asked for was not answered.');
